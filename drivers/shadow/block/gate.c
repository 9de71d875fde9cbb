// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: the gate
 *
 * Calls of a driver that are not requests count themselves in, so that the
 * transaction can wait until nobody is in the driver, and wait themselves
 * while no driver answers.
 */
#include "block_shadow.h"

void bs_gate_init(struct bs_gate *g)
{
	init_waitqueue_head(&g->wq);
}

/**
 * bs_gate_try() - begin a call that must not wait
 * @g: the gate
 *
 * Return: true, for bs_gate_leave(), or false while no driver answers.
 */
bool bs_gate_try(struct bs_gate *g)
{
	atomic_inc(&g->calls);
	/* Pairs with the barrier in bs_gate_close(): one of us sees the other. */
	smp_mb__after_atomic();
	if (!READ_ONCE(g->closed))
		return true;
	bs_gate_leave(g);
	return false;
}

/**
 * bs_gate_enter() - begin a call, when a driver answers
 * @g: the gate
 *
 * Return: 0, for bs_gate_leave(), or -EINTR for a task that is being killed.
 */
int bs_gate_enter(struct bs_gate *g)
{
	while (!bs_gate_try(g))
		if (wait_event_killable(g->wq, !READ_ONCE(g->closed)))
			return -EINTR;
	return 0;
}

void bs_gate_leave(struct bs_gate *g)
{
	/* Pairs with the barrier in bs_gate_close(). */
	smp_mb__before_atomic();
	if (atomic_dec_and_test(&g->calls) && READ_ONCE(g->closed))
		wake_up_all(&g->wq);
}

/**
 * bs_gate_close() - no call goes to the driver from now on
 * @g: the gate
 * @deadline: in jiffies, for those under way
 *
 * Return: 0, or -ETIME and the gate is open.
 */
int bs_gate_close(struct bs_gate *g, unsigned long deadline)
{
	long left = deadline - jiffies;

	WRITE_ONCE(g->closed, true);
	/* Pairs with those in bs_gate_try() and bs_gate_leave(). */
	smp_mb();
	if (wait_event_timeout(g->wq, !atomic_read(&g->calls), max(left, 1L)))
		return 0;
	bs_gate_open(g);
	return -ETIME;
}

void bs_gate_open(struct bs_gate *g)
{
	/* What the incoming driver set up is seen by who finds it open. */
	smp_store_release(&g->closed, false);
	wake_up_all(&g->wq);
}
