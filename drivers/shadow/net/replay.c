// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: from an impersonation to a driver
 *
 * Everything happens in one section under RTNL, from the moment the state that
 * users want is read to the moment their requests go to the driver: the last
 * setting asked for is the setting in force. Before the driver opens the
 * device it sees one that is down, afterwards one that is up, as in its own
 * tests. Transmission and link stay held back until the link is there.
 */
#include "net_shadow.h"

#include <linux/bpf.h>
#include <linux/if_vlan.h>
#include <net/udp_tunnel.h>

struct replay {
	struct net_shadow *ns;
	unsigned int count;
	int err;
};

static int refused(struct net_shadow *ns, const char *what, int err)
{
	struct lu_txn *lu = ns_lu_txn(ns);

	if (!err)
		return 0;
	netdev_warn(ns->dev, "driver refuses %s: %d\n", what, err);
	if (!lu_txn_rolling_back(lu))
		lu_mismatch(lu, "%s: %s refused", ns->name, what);
	return lu_txn_forced(lu) || lu_txn_rolling_back(lu) ? 0 : err;
}

static int replay_address(struct replay *r)
{
	struct net_shadow *ns = r->ns;
	struct net_device *dev = ns->dev;
	struct sockaddr_storage ss = { .ss_family = dev->type };
	u8 assign_type = dev->addr_assign_type;
	int err;

	if (!memcmp(ns->drv_addr, dev->dev_addr, dev->addr_len))
		return 0;
	if (!ns->drv_ops->ndo_set_mac_address)
		return 0;
	memcpy(((struct sockaddr *)&ss)->sa_data, dev->dev_addr, dev->addr_len);
	err = ns->drv_ops->ndo_set_mac_address(dev, &ss);
	dev->addr_assign_type = assign_type;
	if (err)
		return refused(ns, "address", err);
	memcpy(ns->drv_addr, dev->dev_addr, dev->addr_len);
	r->count++;
	return 0;
}

/* Drivers compare with the MTU that they know: show them that one. */
static int replay_mtu(struct replay *r)
{
	struct net_shadow *ns = r->ns;
	unsigned int mtu = ns->dev->mtu;
	int err;

	if (mtu == ns->txn->mtu_fresh || !ns->drv_ops->ndo_change_mtu)
		return 0;
	WRITE_ONCE(ns->dev->mtu, ns->txn->mtu_fresh);
	err = ns->drv_ops->ndo_change_mtu(ns->dev, mtu);
	WRITE_ONCE(ns->dev->mtu, mtu);
	if (err)
		return refused(ns, "mtu", err);
	ns->txn->mtu_fresh = mtu;
	r->count++;
	return 0;
}

/*
 * Features end exactly as they were, as far as the driver has them. One that
 * the outgoing driver did not know and the incoming one does not let the user
 * change is on.
 */
static int replay_features(struct replay *r)
{
	struct net_shadow *ns = r->ns;
	struct net_device *dev = ns->dev;
	struct ns_txn *t = ns->txn;
	netdev_features_t fixed = t->drv_features & ~dev->hw_features;
	netdev_features_t want;
	int err = 0;

	want = t->features & (t->drv_features | dev->hw_features);
	want |= fixed & ~t->offer.features;
	if (ns->drv_ops->ndo_fix_features)
		want = ns->drv_ops->ndo_fix_features(dev, want);
	if (want != t->drv_features && ns->drv_ops->ndo_set_features) {
		dev->features = t->drv_features;
		err = ns->drv_ops->ndo_set_features(dev, want);
		r->count++;
	}
	if (err < 0) {
		want = t->drv_features;
		err = refused(ns, "features", err);
	} else {
		err = 0;
	}
	dev->features = want;
	t->drv_features = want;
	t->applied = want;
	return err;
}

static int replay_vlan(struct net_device *vlan, int vid, void *arg)
{
	struct replay *r = arg;
	struct net_device *dev = r->ns->dev;
	__be16 proto = vlan ? vlan_dev_vlan_proto(vlan) : htons(ETH_P_8021Q);
	netdev_features_t need = proto == htons(ETH_P_8021AD) ?
				 NETIF_F_HW_VLAN_STAG_FILTER :
				 NETIF_F_HW_VLAN_CTAG_FILTER;

	if (!(dev->features & need))
		return 0;
	r->count++;
	return r->ns->drv_ops->ndo_vlan_rx_add_vid(dev, proto, vid);
}

static int replay_vlans(struct replay *r)
{
	struct net_shadow *ns = r->ns;

	if (!ns->drv_ops->ndo_vlan_rx_add_vid)
		return 0;
	/* The driver that went on has them. */
	if (!ns->txn->readopted && !ns->txn->vlans_changed)
		return 0;
	return refused(ns, "vlan", vlan_for_each(ns->dev, replay_vlan, r));
}

static int replay_xdp(struct replay *r)
{
	struct net_shadow *ns = r->ns;
	const struct bpf_xdp_entity *xdp = &ns->dev->xdp_state[XDP_MODE_DRV];
	struct netdev_bpf bpf = {
		.command = XDP_SETUP_PROG,
		.flags = XDP_FLAGS_DRV_MODE,
	};
	int err;

	bpf.prog = xdp->link ? ((struct bpf_link *)xdp->link)->prog : xdp->prog;
	if (!bpf.prog)
		return 0;
	if (!ns->drv_ops->ndo_bpf)
		return refused(ns, "xdp", -EOPNOTSUPP);
	/* The driver owns the reference that it is given. */
	bpf_prog_inc(bpf.prog);
	err = ns->drv_ops->ndo_bpf(ns->dev, &bpf);
	if (err)
		bpf_prog_put(bpf.prog);
	ns->drv_xdp = !err;
	r->count++;
	return refused(ns, "xdp", err);
}

static int replay_mqprio(struct replay *r)
{
	struct net_shadow *ns = r->ns;
	struct tc_mqprio_qopt_offload offload = ns->mqprio.offload;

	if (!ns->mqprio.valid || !ns->drv_ops->ndo_setup_tc ||
	    !ns->txn->readopted)
		return 0;
	r->count++;
	return refused(ns, "mqprio",
		       ns->drv_ops->ndo_setup_tc(ns->dev,
						 TC_SETUP_QDISC_MQPRIO,
						 &offload));
}

static void replay_rx_mode(struct replay *r)
{
	struct net_device *dev = r->ns->dev;
	const struct net_device_ops *ops = r->ns->drv_ops;

	if (!(dev->flags & IFF_UP))
		return;
	if (ops->ndo_change_rx_flags && (dev->flags & IFF_PROMISC))
		ops->ndo_change_rx_flags(dev, IFF_PROMISC);
	if (ops->ndo_change_rx_flags && (dev->flags & IFF_ALLMULTI))
		ops->ndo_change_rx_flags(dev, IFF_ALLMULTI);
	if (!ops->ndo_set_rx_mode)
		return;
	netif_addr_lock_bh(dev);
	ops->ndo_set_rx_mode(dev);
	netif_addr_unlock_bh(dev);
	r->count++;
}

static int (*const replay_closed[])(struct replay *r) = {
	replay_address,
	replay_mtu,
	replay_features,
	replay_vlans,
	replay_xdp,
	replay_mqprio,
};

static int replay_down(struct replay *r, bool last)
{
	unsigned int i;
	int err;

	err = ns_settings_replay(r->ns, last, &r->count);
	for (i = 0; !err && i < ARRAY_SIZE(replay_closed); i++)
		err = replay_closed[i](r);
	return err;
}

static int replay_up(struct replay *r)
{
	int err = ns_driver_open(r->ns);

	if (err) {
		netdev_err(r->ns->dev, "driver does not open it: %d\n", err);
		if (!lu_txn_rolling_back(ns_lu_txn(r->ns)))
			lu_mismatch(ns_lu_txn(r->ns), "%s: open failed (%d)",
				    r->ns->name, err);
		return err;
	}
	replay_rx_mode(r);
	return ns_settings_replay(r->ns, true, &r->count);
}

/* The driver answers again: from here on requests go to it. */
static void deputize(struct net_shadow *ns)
{
	struct net_device *dev = ns->dev;

	ns_name_settle(ns);
	WRITE_ONCE(ns->mode, NS_GATED);
	ns_ops_update(ns);
	ns_eops_update(ns);
	ns_queues_settle(ns);
	ns_groups_create(ns);
	if (dev->udp_tunnel_nic)
		udp_tunnel_nic_reset_ntf(dev);
	netdev_update_features(dev);
	ns->txn->applied = dev->features;
}

/**
 * ns_replay() - configure and start the driver that is bound now
 * @ns: its shadow
 * @txn: the transaction
 *
 * Return: 0, or an error after which the shadow goes on impersonating.
 */
int ns_replay(struct net_shadow *ns, struct lu_txn *txn)
{
	struct net_device *dev = ns->dev;
	struct replay r = { .ns = ns };
	bool up;
	int err = 0;

	rtnl_lock();
	if (!ns_usable(ns) || !ns_impersonates(ns))
		goto out;
	err = -ENODEV;
	if (!ns->adopted)
		goto out;

	up = netif_running(dev);
	clear_bit(__LINK_STATE_START, &dev->state);
	ns_stats_thaw(ns);
	ns_estats_rebase(ns);
	err = replay_down(&r, !up);
	if (up)
		set_bit(__LINK_STATE_START, &dev->state);
	if (!err && up)
		err = replay_up(&r);
	if (!err)
		deputize(ns);
	else
		ns_stats_freeze(ns);
	lu_txn_replayed(txn, r.count);
out:
	rtnl_unlock();
	return err;
}

/* Did somebody look at the link while its loss was concealed? */
static void observers_settle(struct net_shadow *ns)
{
	struct net_device *dev = ns->dev;

	if (!netif_running(dev) || !netif_carrier_ok(dev))
		return;
	if (qdisc_tx_is_noop(dev)) {
		/* Taken up without carrier: the network core finishes it. */
		set_bit(__LINK_STATE_NOCARRIER, &dev->state);
		netif_carrier_on(dev);
		return;
	}
	/* Routes, VLANs and bonds that were added meanwhile look again. */
	if (ns_onlookers(ns) != ns->txn->onlookers)
		netdev_state_change(dev);
}

/**
 * ns_resume() - the gate opens; the shadow only observes
 * @ns: shadow whose driver is ready, or will not get ready in time
 * @txn: the transaction
 */
void ns_resume(struct net_shadow *ns, struct lu_txn *txn)
{
	rtnl_lock();
	if (ns_usable(ns) && ns->mode == NS_GATED) {
		if (!ns_carrier_ready(ns))
			lu_timeline(lu_txn_set(txn), "%s: no link in time",
				    ns->name);
		ns_carrier_release(ns);
		ns_gate_open(ns);
		__netdev_watchdog_up(ns->dev);
		observers_settle(ns);
	}
	rtnl_unlock();
}
