// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: the transmit gate
 *
 * While the gate is closed no packet reaches a driver and none is lost: every
 * transmit queue is frozen, as netif_tx_lock() would leave it, so packets wait
 * in the queueing discipline whatever the drivers do with their own stop bit.
 * Should somebody unfreeze a queue (netif_tx_unlock() does), the function that
 * stands in for the driver's freezes it again and sends the packet back.
 */
#include "net_shadow.h"

#include <net/sch_generic.h>

#define NS_DRAIN_US	50000
#define NS_DRAIN_MIN_US	2000
#define NS_DRAIN_STEP_US	200

netdev_tx_t ns_gate_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct netdev_queue *txq = skb_get_tx_queue(dev, skb);

	set_bit(__QUEUE_STATE_FROZEN, &txq->state);
	return NETDEV_TX_BUSY;
}

/* Pollers that watch the time of the last transmission see a live device. */
static void gate_keepalive(struct work_struct *work)
{
	struct net_shadow *ns = container_of(to_delayed_work(work),
					     struct net_shadow, keepalive);
	unsigned int i;

	for (i = 0; i < ns->dev->num_tx_queues; i++)
		WRITE_ONCE(netdev_get_tx_queue(ns->dev, i)->trans_start,
			   jiffies);
	if (READ_ONCE(ns->gate_closed))
		schedule_delayed_work(&ns->keepalive, HZ / 2);
}

void ns_gate_init(struct net_shadow *ns)
{
	INIT_DELAYED_WORK(&ns->keepalive, gate_keepalive);
}

/**
 * ns_gate_close() - no packet enters the driver any more
 * @ns: its shadow
 *
 * Context: Process context, RTNL. On return no CPU is in the driver's transmit
 * functions.
 */
void ns_gate_close(struct net_shadow *ns)
{
	struct net_device *dev = ns->dev;
	unsigned int i;

	WRITE_ONCE(ns->gate_closed, true);
	ns_ops_update(ns);
	for (i = 0; i < dev->num_tx_queues; i++) {
		struct netdev_queue *txq = netdev_get_tx_queue(dev, i);

		/* The lock waits for a transmission under way. */
		__netif_tx_lock_bh(txq);
		set_bit(__QUEUE_STATE_FROZEN, &txq->state);
		__netif_tx_unlock_bh(txq);
	}
	/* Drivers that take no queue lock; queue selection, checks, XDP. */
	synchronize_net();
	schedule_delayed_work(&ns->keepalive, 0);
}

/**
 * ns_gate_open() - packets flow again
 * @ns: shadow whose driver is ready
 */
void ns_gate_open(struct net_shadow *ns)
{
	struct net_device *dev = ns->dev;
	unsigned int i;

	WRITE_ONCE(ns->gate_closed, false);
	cancel_delayed_work_sync(&ns->keepalive);
	ns_ops_update(ns);
	for (i = 0; i < dev->num_tx_queues; i++) {
		struct netdev_queue *txq = netdev_get_tx_queue(dev, i);

		WRITE_ONCE(txq->trans_start, jiffies);
		clear_bit(__QUEUE_STATE_FROZEN, &txq->state);
		netif_schedule_queue(txq);
	}
}

static bool queues_drained(const struct net_device *dev)
{
#ifdef CONFIG_BQL
	unsigned int i;

	for (i = 0; i < dev->num_tx_queues; i++) {
		const struct dql *dql = &netdev_get_tx_queue(dev, i)->dql;

		if (READ_ONCE(dql->num_queued) != READ_ONCE(dql->num_completed))
			return false;
	}
#endif
	return true;
}

/**
 * ns_drain() - let the hardware send what it was given
 * @ns: shadow with a closed gate and a running driver
 *
 * Byte queue limits tell how much is under way. Drivers that do not count it
 * get a moment.
 */
void ns_drain(struct net_shadow *ns)
{
	unsigned int waited = 0;

	if (!netif_running(ns->dev) || !netif_carrier_ok(ns->dev))
		return;
	while (waited < NS_DRAIN_US &&
	       (waited < NS_DRAIN_MIN_US || !queues_drained(ns->dev))) {
		usleep_range(NS_DRAIN_STEP_US, 2 * NS_DRAIN_STEP_US);
		waited += NS_DRAIN_STEP_US;
	}
}

/**
 * ns_queues_reset() - transmit queues as in a fresh net_device, but frozen
 * @ns: shadow without a driver
 */
void ns_queues_reset(struct net_shadow *ns)
{
	struct net_device *dev = ns->dev;
	unsigned int i;

	for (i = 0; i < dev->num_tx_queues; i++) {
		struct netdev_queue *txq = netdev_get_tx_queue(dev, i);

		netdev_tx_reset_queue(txq);
		clear_bit(__QUEUE_STATE_DRV_XOFF, &txq->state);
	}
}

/**
 * ns_queues_settle() - the number of queues that the driver has in use
 * @ns: shadow whose driver has been configured
 *
 * Context: RTNL.
 */
void ns_queues_settle(struct net_shadow *ns)
{
	struct net_device *dev = ns->dev;

	ASSERT_RTNL();
	if (ns->txn->want_tx != dev->real_num_tx_queues &&
	    netif_set_real_num_tx_queues(dev, ns->txn->want_tx))
		netdev_warn(dev, "%u transmit queues in use, not %u\n",
			    dev->real_num_tx_queues, ns->txn->want_tx);
	if (ns->txn->want_rx != dev->real_num_rx_queues &&
	    netif_set_real_num_rx_queues(dev, ns->txn->want_rx))
		netdev_warn(dev, "%u receive queues in use, not %u\n",
			    dev->real_num_rx_queues, ns->txn->want_rx);
}
