// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: no request while an incoming driver stores its tables
 *
 * The breakpoints of guard.c put our tables back after the incoming driver has
 * stored its own into the live object. Until then another processor could find
 * the driver's, and call into a driver that is just being set up. Nearly all
 * operations are called with RTNL held, so a worker holds RTNL from hand-out
 * until both tables were stored, or the driver registers or gives up.
 *
 * A probe may take long to that point, and may wait for work of the driver's
 * own that needs RTNL. So the worker gives it up now and then, for whoever
 * waits, and for good after some time: then a breakpoint's microsecond is left.
 */
#include "net_shadow.h"

#include <linux/delay.h>

#define NS_BOLT_MS	50
#define NS_BOLT_ROUNDS	20
#define NS_BOLT_GAP_US	200

static struct workqueue_struct *bolt_wq;

static void bolt_work(struct work_struct *work)
{
	struct net_shadow *ns = container_of(work, struct net_shadow, bolt.work);
	struct ns_bolt *bolt = &ns->bolt;
	unsigned int round = 0;

	do {
		if (round)
			usleep_range(NS_BOLT_GAP_US, 2 * NS_BOLT_GAP_US);
		rtnl_lock();
		complete_all(&bolt->closed);
		wait_for_completion_timeout(&bolt->open,
					    msecs_to_jiffies(NS_BOLT_MS));
		rtnl_unlock();
	} while (!completion_done(&bolt->open) && ++round < NS_BOLT_ROUNDS);
	ns_put(ns);
}

static void bolt_irq_work(struct irq_work *work)
{
	struct ns_bolt *bolt = container_of(work, struct ns_bolt, irq);

	complete_all(&bolt->open);
}

void ns_bolt_init(struct net_shadow *ns)
{
	INIT_WORK(&ns->bolt.work, bolt_work);
	init_irq_work(&ns->bolt.irq, bolt_irq_work);
	init_completion(&ns->bolt.closed);
	init_completion(&ns->bolt.open);
	complete_all(&ns->bolt.open);
}

/**
 * ns_bolt_close() - hold off requests of users
 * @ns: shadow about to be handed out
 *
 * Context: Process context, no RTNL. On return RTNL is held, by a worker.
 */
void ns_bolt_close(struct net_shadow *ns)
{
	struct ns_bolt *bolt = &ns->bolt;

	ns_bolt_open(ns);
	flush_work(&bolt->work);
	irq_work_sync(&bolt->irq);
	reinit_completion(&bolt->closed);
	reinit_completion(&bolt->open);
	WRITE_ONCE(bolt->stored, 0);
	kref_get(&ns->ref);
	queue_work(bolt_wq, &bolt->work);
	wait_for_completion(&bolt->closed);
}

/**
 * ns_bolt_open() - let users' requests come again
 * @ns: shadow
 *
 * Context: Any but NMI.
 */
void ns_bolt_open(struct net_shadow *ns)
{
	complete_all(&ns->bolt.open);
}

/**
 * ns_bolt_stored() - the incoming driver stored one of its tables
 * @ns: shadow
 * @which: the table, which is ours again
 *
 * Context: Any; this is the debug exception.
 */
void ns_bolt_stored(struct net_shadow *ns, enum ns_guarded which)
{
	unsigned long guarded = 0;
	unsigned int i;

	for (i = 0; i < NS_GUARD_COUNT; i++)
		if (ns->guard[i])
			guarded |= BIT(i);
	ns->bolt.stored |= BIT(which);
	if ((ns->bolt.stored & guarded) == guarded)
		irq_work_queue(&ns->bolt.irq);
}

int ns_bolt_setup(void)
{
	bolt_wq = alloc_workqueue("shadow_net", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return bolt_wq ? 0 : -ENOMEM;
}

void ns_bolt_cleanup(void)
{
	destroy_workqueue(bolt_wq);
}
