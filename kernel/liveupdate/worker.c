// SPDX-License-Identifier: GPL-2.0
/*
 * Threads for a transaction's steps, with a time limit.
 *
 * Driver code may hang or crash. It runs in a thread of its own, so that the
 * transaction goes on whatever becomes of it; a thread that does not come back
 * keeps what it works on, which is why nothing of it lies on a stack. One that
 * comes back after all says so, and the set can be worked with again.
 *
 * From quiesce on nobody may ask for a new thread: kthreadd, short of memory,
 * may wait for the very disk whose driver is away. So a transaction gathers a
 * crew first, and a thread that came back takes the next step.
 */
#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/kthread.h>
#include <linux/sched/debug.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "internal.h"

#define LU_GRACE_MS		5000
#define LU_LIVENESS_MS		50

/* Whose business the end of a step is; the first to change it decides. */
enum { LU_WORKER_WAITED_FOR, LU_WORKER_DONE, LU_WORKER_ABANDONED };

/**
 * struct lu_worker - a thread that runs steps, one after the other
 * @ref: held by the thread and by who waits for it, or by the crew
 * @node: in the crew, while idle
 * @call: there is a step to run
 * @done: the step returned
 * @task: the thread, referenced
 * @set: the set, referenced; NULL while idle
 * @fn: the step; NULL while idle
 * @data: its argument; lives as long as the set
 * @expendable: the set is not stuck if the thread is lost
 * @spent: the step left the thread in a state in which it can only end
 * @ret: what it returned
 * @end: see above
 */
struct lu_worker {
	struct kref ref;
	struct list_head node;
	wait_queue_head_t call;
	struct completion done;
	struct task_struct *task;
	struct lu_set *set;
	int (*fn)(void *data);
	void *data;
	bool expendable;
	bool spent;
	int ret;
	atomic_t end;
};

static void lu_worker_free(struct kref *ref)
{
	struct lu_worker *w = container_of(ref, struct lu_worker, ref);

	if (w->task)
		put_task_struct(w->task);
	if (w->set)
		lu_set_put(w->set);
	kfree(w);
}

/* After a crash in a driver that was caught, for example; the thread's end repairs it. */
static bool lu_worker_is_spent(void)
{
	return preempt_count() || irqs_disabled() || rcu_preempt_depth();
}

/* Return: false if the thread has to end. */
static bool lu_worker_run(struct lu_worker *w)
{
	bool wanted, spent;

	w->ret = w->fn(w->data);
	w->fn = NULL;
	spent = lu_worker_is_spent();
	w->spent = spent;
	wanted = atomic_cmpxchg(&w->end, LU_WORKER_WAITED_FOR, LU_WORKER_DONE) ==
		 LU_WORKER_WAITED_FOR;
	if (!wanted) {
		lu_timeline(w->set, "thread %s came back: %d", current->comm, w->ret);
		pr_notice("liveupdate: %s: thread %s came back\n", w->set->name,
			  current->comm);
		if (!w->expendable)
			atomic_dec(&w->set->stuck);
	}
	complete(&w->done);
	return wanted && !spent;
}

static bool lu_worker_wanted(const struct lu_worker *w)
{
	/* Pairs with the release in lu_worker_start(). */
	return smp_load_acquire(&w->fn) || kthread_should_stop();
}

static int lu_worker_thread(void *data)
{
	struct lu_worker *w = data;

	/* A driver that waits killably can be called back. */
	allow_kernel_signal(SIGKILL);
	/* The device may be the one that memory would be written out to. */
	memalloc_noio_save();
	do {
		wait_event_idle(w->call, lu_worker_wanted(w));
		if (!w->fn)
			break;
		flush_signals(current);		/* it was late in its last step */
	} while (lu_worker_run(w));
	kref_put(&w->ref, lu_worker_free);
	return 0;
}

static struct lu_worker *lu_worker_create(const char *name)
{
	struct task_struct *task;
	struct lu_worker *w;

	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return ERR_PTR(-ENOMEM);
	kref_init(&w->ref);
	init_waitqueue_head(&w->call);
	init_completion(&w->done);
	task = kthread_create(lu_worker_thread, w, "lu_%s", name);
	if (IS_ERR(task)) {
		kref_put(&w->ref, lu_worker_free);
		return ERR_CAST(task);
	}
	w->task = get_task_struct(task);
	kref_get(&w->ref);	/* the thread's */
	wake_up_process(task);
	return w;
}

static void lu_worker_stop(struct lu_worker *w)
{
	kthread_stop(w->task);
	kref_put(&w->ref, lu_worker_free);
}

void lu_crew_init(struct lu_crew *crew)
{
	spin_lock_init(&crew->lock);
	INIT_LIST_HEAD(&crew->idle);
}

static void lu_crew_add(struct lu_crew *crew, struct lu_worker *w)
{
	spin_lock(&crew->lock);
	list_add(&w->node, &crew->idle);
	crew->nr_idle++;
	spin_unlock(&crew->lock);
}

static struct lu_worker *lu_crew_take(struct lu_crew *crew)
{
	struct lu_worker *w;

	spin_lock(&crew->lock);
	w = list_first_entry_or_null(&crew->idle, struct lu_worker, node);
	if (w) {
		list_del(&w->node);
		crew->nr_idle--;
	}
	spin_unlock(&crew->lock);
	return w;
}

/**
 * lu_crew_gather() - have threads ready for a transaction's steps
 * @set: the set that leads the transaction
 * @nr: number of threads that may be needed before any comes back
 *
 * Context: Process context; sleeps. The device still works.
 * Return: 0, -ENOMEM, or -EINTR if the caller is being killed.
 */
int lu_crew_gather(struct lu_set *set, unsigned int nr)
{
	struct lu_worker *w;

	while (READ_ONCE(set->crew.nr_idle) < nr) {
		w = lu_worker_create(set->name);
		if (IS_ERR(w))
			return PTR_ERR(w);
		lu_crew_add(&set->crew, w);
	}
	return 0;
}

/**
 * lu_crew_dismiss() - let the idle threads go
 * @set: the set
 *
 * Context: Process context; sleeps until they are gone.
 */
void lu_crew_dismiss(struct lu_set *set)
{
	struct lu_worker *w;

	while ((w = lu_crew_take(&set->crew)))
		lu_worker_stop(w);
}

/**
 * lu_worker_start() - run a step in a thread of its own
 * @set: the set
 * @fn: the step
 * @data: its argument; has to live as long as the set
 *
 * The thread is one of the crew; a new one is created only if none is idle.
 *
 * Context: Process context; sleeps.
 * Return: the worker, for lu_worker_finish(), or an ERR_PTR().
 */
struct lu_worker *lu_worker_start(struct lu_set *set, int (*fn)(void *data), void *data)
{
	struct lu_worker *w = lu_crew_take(&set->crew) ?: lu_worker_create(set->name);

	if (IS_ERR(w))
		return w;
	w->set = lu_set_get(set);
	w->data = data;
	w->expendable = false;
	atomic_set(&w->end, LU_WORKER_WAITED_FOR);
	reinit_completion(&w->done);
	/* Pairs with the acquire in lu_worker_wanted(). */
	smp_store_release(&w->fn, fn);
	wake_up(&w->call);
	return w;
}

/* Its step is done. */
static void lu_worker_rest(struct lu_worker *w)
{
	struct lu_set *set = w->set;

	if (w->spent) {
		kref_put(&w->ref, lu_worker_free);
		return;
	}
	w->set = NULL;
	lu_crew_add(&set->crew, w);
	lu_set_put(set);
}

/**
 * lu_worker_expendable() - the set can do without this thread
 * @w: a worker that nobody waits for yet
 */
void lu_worker_expendable(struct lu_worker *w)
{
	w->expendable = true;
}

/* Waits in slices: a thread that crashes completes nothing. */
static bool lu_worker_wait(struct lu_worker *w, unsigned long deadline)
{
	do {
		if (wait_for_completion_timeout(&w->done, msecs_to_jiffies(LU_LIVENESS_MS)))
			return true;
		if (READ_ONCE(w->task->flags) & PF_EXITING)
			return completion_done(&w->done);
	} while (time_before(jiffies, deadline));
	return completion_done(&w->done);
}

static void lu_worker_report(struct lu_worker *w, const char *what, bool crashed)
{
	struct lu_record *rec = &w->set->record;

	snprintf(rec->reason, sizeof(rec->reason),
		 "%s: thread %s (pid %d) %s with what it had locked", what,
		 w->task->comm, task_pid_nr(w->task), crashed ? "crashed" : "hangs");
	lu_timeline(w->set, "%s", rec->reason);
	pr_err("liveupdate: %s: %s\n", w->set->name, rec->reason);
	if (!crashed)
		sched_show_task(w->task);
}

/**
 * lu_worker_finish() - wait for a step within its time limit
 * @w: the worker; not valid afterwards
 * @what: name of the step, for reports
 * @deadline: in jiffies
 * @outcome: set to how it ended
 *
 * Past the deadline the thread is asked to come back by a signal, which ends
 * killable waits, and gets as long again: a driver that is merely slow has to be
 * waited for, since nobody else can have the device before.
 *
 * Context: Process context; sleeps.
 * Return: what the step returned, or -ETIME or -EFAULT if the thread is lost.
 */
int lu_worker_finish(struct lu_worker *w, const char *what, unsigned long deadline,
		     enum lu_outcome *outcome)
{
	bool back = lu_worker_wait(w, deadline);
	bool crashed;
	int ret;

	*outcome = LU_IN_TIME;
	if (!back && !(READ_ONCE(w->task->flags) & PF_EXITING)) {
		lu_timeline(w->set, "%s: time is up", what);
		send_sig(SIGKILL, w->task, 1);
		back = lu_worker_wait(w, jiffies + msecs_to_jiffies(w->set->timeout_ms +
								    LU_GRACE_MS));
		*outcome = LU_LATE;
	}
	if (!back && atomic_cmpxchg(&w->end, LU_WORKER_WAITED_FOR,
				    LU_WORKER_ABANDONED) == LU_WORKER_DONE) {
		wait_for_completion(&w->done);
		back = true;
	}
	if (back) {
		ret = w->ret;
		lu_worker_rest(w);
		return ret;
	}
	crashed = READ_ONCE(w->task->flags) & PF_EXITING;
	lu_worker_report(w, what, crashed);
	if (!w->expendable)
		atomic_inc(&w->set->stuck);
	*outcome = LU_LOST;
	kref_put(&w->ref, lu_worker_free);
	return crashed ? -EFAULT : -ETIME;
}

/**
 * lu_run_limited() - run a step of a transaction with a time limit
 * @set: the set
 * @what: name of the step, for reports
 * @fn: the step
 * @data: its argument; has to live as long as the set
 * @outcome: set to how it ended
 *
 * The limit is the set's timeout_ms.
 *
 * Context: Process context; sleeps.
 * Return: as lu_worker_finish(), or -ENOMEM with nothing done.
 */
int lu_run_limited(struct lu_set *set, const char *what, int (*fn)(void *data),
		   void *data, enum lu_outcome *outcome)
{
	struct lu_worker *w = lu_worker_start(set, fn, data);

	*outcome = LU_IN_TIME;
	if (IS_ERR(w))
		return PTR_ERR(w);
	return lu_worker_finish(w, what, lu_deadline(set), outcome);
}

/**
 * lu_worker_join() - wait for the thread of the whole transaction
 * @w: the worker; not valid afterwards
 *
 * Return: what it returned.
 */
int lu_worker_join(struct lu_worker *w)
{
	int ret;

	wait_for_completion(&w->done);
	ret = w->ret;
	/* After a failure the next try must not need a new thread either. */
	if (READ_ONCE(w->set->state) == LU_FAILED)
		lu_worker_rest(w);
	else
		lu_worker_stop(w);
	return ret;
}
