// SPDX-License-Identifier: GPL-2.0
/*
 * A step with a time limit.
 *
 * Driver code may hang or crash. It runs in a thread of its own, so that the
 * transaction goes on whatever becomes of it; a thread that never comes back
 * keeps what it works on, which is why nothing of it lies on a stack.
 */
#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/kthread.h>
#include <linux/sched/debug.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "internal.h"

#define LU_KILL_GRACE_MS	1000
#define LU_LIVENESS_MS		50

struct lu_worker {
	struct kref ref;
	struct completion done;
	struct task_struct *task;
	struct lu_set *set;
	struct lu_generation *a;
	struct lu_generation *b;
	lu_step_fn fn;
	int ret;
};

static void lu_worker_free(struct kref *ref)
{
	struct lu_worker *w = container_of(ref, struct lu_worker, ref);

	lu_set_put(w->set);
	kfree(w);
}

static int lu_worker_thread(void *data)
{
	struct lu_worker *w = data;

	/* A driver that waits killably can be called back. */
	allow_kernel_signal(SIGKILL);
	w->ret = w->fn(w->set, w->a, w->b);
	complete(&w->done);
	kref_put(&w->ref, lu_worker_free);
	return 0;
}

/* Waits in slices: a thread that crashes completes nothing. */
static bool lu_worker_wait(struct lu_worker *w, unsigned int timeout_ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(timeout_ms);

	do {
		if (wait_for_completion_timeout(&w->done, msecs_to_jiffies(LU_LIVENESS_MS)))
			return true;
		if (READ_ONCE(w->task->flags) & PF_EXITING)
			return completion_done(&w->done);
	} while (!timeout_ms || time_before(jiffies, end));
	return completion_done(&w->done);
}

/**
 * lu_run_limited() - run a step of a transaction with a time limit
 * @set: the set
 * @what: name of the step, for reports
 * @fn: the step
 * @a: generation passed to @fn
 * @b: generation passed to @fn
 * @timeout_ms: limit in milliseconds; 0 waits for ever
 *
 * Context: Process context; sleeps.
 * Return: what @fn returned; -ETIME if it had to be called back; -EDEADLK if
 *	it hangs and -EFAULT if it crashed, in which cases its thread, and the
 *	locks it holds, are lost.
 */
int lu_run_limited(struct lu_set *set, const char *what, lu_step_fn fn,
		   struct lu_generation *a, struct lu_generation *b,
		   unsigned int timeout_ms)
{
	struct lu_worker *w;
	int ret;

	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	kref_init(&w->ref);
	init_completion(&w->done);
	kobject_get(&set->kobj);
	w->set = set;
	w->a = a;
	w->b = b;
	w->fn = fn;
	w->task = kthread_create(lu_worker_thread, w, "lu_%s", set->name);
	if (IS_ERR(w->task)) {
		ret = PTR_ERR(w->task);
		kref_put(&w->ref, lu_worker_free);
		return ret;
	}
	get_task_struct(w->task);
	kref_get(&w->ref);	/* the thread's */
	wake_up_process(w->task);

	if (lu_worker_wait(w, timeout_ms)) {
		ret = w->ret;
	} else if (READ_ONCE(w->task->flags) & PF_EXITING) {
		ret = -EFAULT;
	} else {
		send_sig(SIGKILL, w->task, 1);
		ret = lu_worker_wait(w, LU_KILL_GRACE_MS) ? -ETIME : -EDEADLK;
	}
	if (ret == -EFAULT || ret == -EDEADLK) {
		snprintf(set->record.reason, sizeof(set->record.reason),
			 "%s: thread %s (pid %d) %s with what it had locked", what,
			 w->task->comm, task_pid_nr(w->task),
			 ret == -EFAULT ? "crashed" : "hangs");
		pr_err("liveupdate: %s: %s\n", set->name, set->record.reason);
		if (ret == -EDEADLK)
			sched_show_task(w->task);
	}
	put_task_struct(w->task);
	kref_put(&w->ref, lu_worker_free);
	return ret;
}
