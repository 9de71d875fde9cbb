// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: the carrier
 *
 * During an update the driver must see the true state of its link (drivers act
 * on the transition), users must not. So the taps change the bit that drivers
 * read and tell nobody. At the end, what was last told to users is compared
 * with the truth, and only a difference is told.
 */
#include "net_shadow.h"

#include <linux/jiffies.h>
#include <linux/delay.h>

#define NS_LINKWATCH_MS	1500

/* Reports of a link, counted for those who wait for one. */
DECLARE_WAIT_QUEUE_HEAD(ns_carrier_wq);
atomic_t ns_carrier_reports = ATOMIC_INIT(0);

/**
 * ns_carrier_hold() - users keep the carrier as it is now
 * @ns: shadow at quiesce
 *
 * Context: RTNL. From here on the taps conceal.
 */
void ns_carrier_hold(struct net_shadow *ns)
{
	unsigned long flags;

	spin_lock_irqsave(&ns->carrier_lock, flags);
	if (ns->mode < NS_ACTIVE)
		ns->had_carrier = netif_carrier_ok(ns->dev);
	WRITE_ONCE(ns->mode, NS_ACTIVE);
	spin_unlock_irqrestore(&ns->carrier_lock, flags);
}

/**
 * ns_carrier_fresh() - the carrier bit as in a fresh net_device
 * @ns: shadow about to be handed out
 */
void ns_carrier_fresh(struct net_shadow *ns)
{
	clear_bit(__LINK_STATE_NOCARRIER, &ns->dev->state);
}

/**
 * ns_carrier_tap() - a driver reports its link
 * @ns: its shadow
 * @on: link is up
 *
 * Context: Any.
 * Return: true if it was concealed.
 */
bool ns_carrier_tap(struct net_shadow *ns, bool on)
{
	unsigned long flags;
	bool concealed;

	spin_lock_irqsave(&ns->carrier_lock, flags);
	concealed = ns_in_update(ns);
	if (concealed && on)
		clear_bit(__LINK_STATE_NOCARRIER, &ns->dev->state);
	else if (concealed)
		set_bit(__LINK_STATE_NOCARRIER, &ns->dev->state);
	spin_unlock_irqrestore(&ns->carrier_lock, flags);
	if (concealed && on) {
		atomic_inc(&ns_carrier_reports);
		wake_up_all(&ns_carrier_wq);
	}
	return concealed;
}

/**
 * ns_carrier_ready() - is there a link, or need there be none
 * @ns: shadow whose driver was started
 */
bool ns_carrier_ready(const struct net_shadow *ns)
{
	return !ns->had_carrier || !ns->drv_open || netif_carrier_ok(ns->dev);
}

/**
 * ns_carrier_lost() - is a loss of carrier concealed at the moment
 * @ns: any shadow
 */
bool ns_carrier_lost(const struct net_shadow *ns)
{
	return ns_in_update(ns) && READ_ONCE(ns->had_carrier) &&
	       !netif_carrier_ok(ns->dev);
}

/*
 * Tell the difference between what users know and what is. The network core's
 * functions act on the transition of the bit, so it is put back first.
 */
static void carrier_tell(struct net_shadow *ns)
{
	bool now = netif_carrier_ok(ns->dev);

	if (now == ns->had_carrier)
		return;
	ns->had_carrier = now;
	if (now) {
		set_bit(__LINK_STATE_NOCARRIER, &ns->dev->state);
		netif_carrier_on(ns->dev);
	} else {
		clear_bit(__LINK_STATE_NOCARRIER, &ns->dev->state);
		netif_carrier_off(ns->dev);
	}
}

/**
 * ns_carrier_release() - nothing is concealed any more
 * @ns: shadow whose gate is about to open
 *
 * The lock keeps reports of the driver in their order.
 */
void ns_carrier_release(struct net_shadow *ns)
{
	unsigned long flags;

	spin_lock_irqsave(&ns->carrier_lock, flags);
	WRITE_ONCE(ns->mode, NS_PASSIVE);
	carrier_tell(ns);
	spin_unlock_irqrestore(&ns->carrier_lock, flags);
}

/**
 * ns_carrier_report_loss() - no driver is left: users must not wait for one
 * @ns: shadow that goes on impersonating
 */
void ns_carrier_report_loss(struct net_shadow *ns)
{
	unsigned long flags;

	spin_lock_irqsave(&ns->carrier_lock, flags);
	set_bit(__LINK_STATE_NOCARRIER, &ns->dev->state);
	carrier_tell(ns);
	spin_unlock_irqrestore(&ns->carrier_lock, flags);
}

/**
 * ns_linkwatch_settle() - let a report of the link that is under way out
 * @ns: shadow about to be quiesced
 * @deadline: in jiffies
 *
 * Otherwise it would read the bit while a loss is concealed. The network
 * core delays such reports by a second at most.
 *
 * Context: RTNL, which is given up meanwhile.
 */
void ns_linkwatch_settle(struct net_shadow *ns, unsigned long deadline)
{
	unsigned long limit = jiffies + msecs_to_jiffies(NS_LINKWATCH_MS);

	if (time_after(limit, deadline))
		limit = deadline;
	while (ns_usable(ns) && time_before(jiffies, limit) &&
	       test_bit(__LINK_STATE_LINKWATCH_PENDING, &ns->dev->state)) {
		rtnl_unlock();
		msleep(20);
		rtnl_lock();
	}
}
