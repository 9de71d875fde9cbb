// SPDX-License-Identifier: GPL-2.0
/*
 * Threads for a transaction's steps, with a time limit.
 *
 * Driver code may hang or crash. It runs in a thread of its own, so that the
 * transaction goes on whatever becomes of it; a thread that does not come back
 * keeps what it works on, which is why nothing of it lies on a stack. One that
 * comes back after all says so, and the set can be worked with again.
 */
#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/kthread.h>
#include <linux/sched/debug.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "internal.h"

#define LU_GRACE_MS		5000
#define LU_LIVENESS_MS		50

/* Whose business the end of a worker is; the first to change it decides. */
enum { LU_WORKER_WAITED_FOR, LU_WORKER_DONE, LU_WORKER_ABANDONED };

/**
 * struct lu_worker - a thread that runs one step
 * @ref: held by the thread and by who waits for it
 * @done: the step returned
 * @task: the thread, referenced
 * @set: the set, referenced
 * @fn: the step
 * @data: its argument; lives as long as the set
 * @expendable: the set is not stuck if the thread is lost
 * @ret: what it returned
 * @end: see above
 */
struct lu_worker {
	struct kref ref;
	struct completion done;
	struct task_struct *task;
	struct lu_set *set;
	int (*fn)(void *data);
	void *data;
	bool expendable;
	int ret;
	atomic_t end;
};

static void lu_worker_free(struct kref *ref)
{
	struct lu_worker *w = container_of(ref, struct lu_worker, ref);

	if (w->task)
		put_task_struct(w->task);
	lu_set_put(w->set);
	kfree(w);
}

static int lu_worker_thread(void *data)
{
	struct lu_worker *w = data;

	/* A driver that waits killably can be called back. */
	allow_kernel_signal(SIGKILL);
	/* The device may be the one that memory would be written out to. */
	memalloc_noio_save();
	w->ret = w->fn(w->data);
	if (atomic_cmpxchg(&w->end, LU_WORKER_WAITED_FOR, LU_WORKER_DONE) ==
	    LU_WORKER_ABANDONED) {
		lu_timeline(w->set, "thread %s came back: %d", current->comm, w->ret);
		pr_notice("liveupdate: %s: thread %s came back\n", w->set->name,
			  current->comm);
		if (!w->expendable)
			atomic_dec(&w->set->stuck);
	}
	complete(&w->done);
	kref_put(&w->ref, lu_worker_free);
	return 0;
}

/**
 * lu_worker_start() - run a step in a thread of its own
 * @set: the set
 * @fn: the step
 * @data: its argument; has to live as long as the set
 *
 * Context: Process context; sleeps.
 * Return: the worker, for lu_worker_finish(), or an ERR_PTR().
 */
struct lu_worker *lu_worker_start(struct lu_set *set, int (*fn)(void *data), void *data)
{
	struct task_struct *task;
	struct lu_worker *w;

	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return ERR_PTR(-ENOMEM);
	kref_init(&w->ref);
	init_completion(&w->done);
	kobject_get(&set->kobj);
	w->set = set;
	w->fn = fn;
	w->data = data;
	task = kthread_create(lu_worker_thread, w, "lu_%s", set->name);
	if (IS_ERR(task)) {
		kref_put(&w->ref, lu_worker_free);
		return ERR_CAST(task);
	}
	w->task = get_task_struct(task);
	kref_get(&w->ref);	/* the thread's */
	wake_up_process(task);
	return w;
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
	} else {
		crashed = READ_ONCE(w->task->flags) & PF_EXITING;
		lu_worker_report(w, what, crashed);
		if (!w->expendable)
			atomic_inc(&w->set->stuck);
		*outcome = LU_LOST;
		ret = crashed ? -EFAULT : -ETIME;
	}
	kref_put(&w->ref, lu_worker_free);
	return ret;
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
 * lu_worker_join() - wait for a worker without a limit
 * @w: the worker; not valid afterwards
 *
 * Return: what it returned.
 */
int lu_worker_join(struct lu_worker *w)
{
	int ret;

	wait_for_completion(&w->done);
	ret = w->ret;
	kref_put(&w->ref, lu_worker_free);
	return ret;
}
