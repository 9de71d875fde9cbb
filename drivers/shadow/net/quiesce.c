// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: from a driver to an impersonation
 *
 * In one section under RTNL, so that no request falls between: close the gate,
 * copy what the driver answers, change the mode, stop the device. From there
 * on the driver only hears what its own remove makes it do.
 */
#include "net_shadow.h"

#include <linux/bpf.h>
#include <linux/pci.h>

static unsigned int flow_rules(const struct net_shadow *ns)
{
	struct ethtool_rxnfc nfc = { .cmd = ETHTOOL_GRXCLSRLCNT };

	if (!ns->drv_eops->get_rxnfc ||
	    ns->drv_eops->get_rxnfc(ns->dev, &nfc, NULL))
		return 0;
	return nfc.rule_cnt;
}

static int virtual_functions(const struct net_shadow *ns)
{
	struct device *parent = ns->dev->dev.parent;

	return parent && dev_is_pci(parent) ? pci_num_vf(to_pci_dev(parent)) : 0;
}

/**
 * ns_refusal() - is there a state in the driver that cannot be carried over
 * @ns: shadow of a running driver
 * @txn: the transaction, which is told the reason
 *
 * Context: RTNL.
 * Return: 0, -EOPNOTSUPP, or -EBUSY if it is worth another attempt.
 */
int ns_refusal(struct net_shadow *ns, struct lu_txn *txn)
{
	const struct net_device *dev = ns->dev;
	unsigned int rules;
	int functions;

	ASSERT_RTNL();
	if (ns_impersonates(ns))
		return 0;
	functions = virtual_functions(ns);
	rules = flow_rules(ns);
	if (atomic_read(&ns->busy)) {
		lu_mismatch(txn, "%s: firmware is being written", dev->name);
		return -EBUSY;
	}
	if (dev->netdev_ops != &ns->ops)
		lu_mismatch(txn, "%s: driver changed its operations",
			    dev->name);
	else if (ns->tc_blocks || ns->tc_other)
		lu_mismatch(txn, "%s: tc offload in use", dev->name);
	else if (ns->hwtstamp)
		lu_mismatch(txn, "%s: hardware time stamping in use",
			    dev->name);
	else if (ns->xsk_pools)
		lu_mismatch(txn, "%s: AF_XDP zero-copy sockets in use",
			    dev->name);
	else if (ns->stations)
		lu_mismatch(txn, "%s: macvlan offload in use", dev->name);
	else if (dev->xdp_state[XDP_MODE_HW].prog ||
		 dev->xdp_state[XDP_MODE_HW].link)
		lu_mismatch(txn, "%s: offloaded XDP program in use",
			    dev->name);
	else if (functions)
		lu_mismatch(txn, "%s: %d virtual functions in use", dev->name,
			    functions);
	else if (rules)
		lu_mismatch(txn, "%s: %u flow steering rules in use",
			    dev->name, rules);
	else
		return 0;
	return -EOPNOTSUPP;
}

/**
 * ns_xdp_detach() - take the XDP program away from the driver
 * @ns: its shadow
 *
 * Drivers rely on the network core to do so before remove. The network core
 * keeps it for users.
 *
 * Context: RTNL, device stopped.
 */
void ns_xdp_detach(struct net_shadow *ns)
{
	struct netdev_bpf bpf = { .command = XDP_SETUP_PROG };

	if (!ns->drv_xdp)
		return;
	ns->drv_xdp = false;
	if (ns->drv_ops->ndo_bpf(ns->dev, &bpf))
		netdev_warn(ns->dev, "driver keeps its XDP program\n");
}

/*
 * The mode changes here: users' requests are answered by us afterwards. RTNL
 * orders most of them; the address list's lock and the update of the table,
 * which takes it, those that set the receive mode.
 */
static void impersonate(struct net_shadow *ns)
{
	bool up = netif_running(ns->dev);

	ns_carrier_hold(ns);
	ns_ops_update(ns);
	ns_eops_update(ns);
	ns_driver_stop(ns);
	clear_bit(__LINK_STATE_START, &ns->dev->state);
	ns_xdp_detach(ns);
	if (up)
		set_bit(__LINK_STATE_START, &ns->dev->state);
	ns_stats_freeze(ns);
	ns_groups_remove(ns);
}

/**
 * ns_onlookers() - a number that changes when somebody new depends on the link
 * @ns: any shadow
 *
 * Devices on top and routes look at the carrier when they are added. Changes
 * that have nothing to do with this device may count too.
 *
 * Context: RTNL.
 */
unsigned int ns_onlookers(const struct net_shadow *ns)
{
	const struct net *net = dev_net(ns->dev);
	struct net_device *upper;
	struct list_head *iter;
	unsigned int n = 0;

	ASSERT_RTNL();
	netdev_for_each_upper_dev_rcu(ns->dev, upper, iter)
		n += upper->ifindex;
	return n + rt_genid_ipv4(net) + rt_genid_ipv6(net);
}

/**
 * ns_quiesce() - stop the device and answer in place of its driver
 * @ns: its shadow
 * @txn: the transaction
 * @first: its first device
 * @deadline: in jiffies
 */
void ns_quiesce(struct net_shadow *ns, struct lu_txn *txn, bool first,
		unsigned long deadline)
{
	rtnl_lock();
	ns_linkwatch_settle(ns, deadline);
	if (!ns_usable(ns) || ns_impersonates(ns)) {
		rtnl_unlock();
		return;
	}
	ns_save_kernel_fields(ns);
	ns->txn->onlookers = ns_onlookers(ns);
	ns_offer_of(ns, &ns->txn->offer);
	ns_ethtool_snapshot(ns);
	if (first)
		lu_txn_blackout_start(txn);
	ns_gate_close(ns);
	ns_drain(ns);
	impersonate(ns);
	ns_estats_freeze(ns);
	ns_name_save(ns);
	ns_park_stat_ops(ns->dev);
	rtnl_unlock();
}

/**
 * ns_reactivate() - impersonate again, after a replay that was in vain
 * @ns: shadow whose gate has not opened since
 *
 * What users have changed since the replay is theirs and stays.
 *
 * Context: RTNL.
 */
void ns_reactivate(struct net_shadow *ns)
{
	struct ns_txn *t = ns->txn;
	netdev_features_t changed = ns->dev->features ^ t->applied;

	ASSERT_RTNL();
	t->kern->mtu = ns->dev->mtu;
	t->features = (t->features & ~changed) | (ns->dev->features & changed);
	ns_settings_recall(ns);
	impersonate(ns);
	ns_park_stat_ops(ns->dev);
}
