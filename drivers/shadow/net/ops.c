// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: network device operations
 *
 * The kernel sees a copy of the driver's table. Functions of the data path are
 * the driver's own in it; functions that configure are wrappers, which call the
 * driver and log, or answer in its place. While no driver answers, the others
 * give way to functions that do no harm. Every function of the table is
 * classified below; one that a later kernel adds is a compile error.
 */
#include "net_shadow.h"

#include <linux/bpf.h>
#include <linux/net_tstamp.h>
#include <net/pkt_cls.h>
#include <net/xdp.h>

/* Passive? Then call the driver: config operations come with RTNL held. */

static int w_open(struct net_device *dev)
{
	struct net_shadow *ns = ns_of(dev);
	int err;

	if (ns_impersonates(ns))
		return 0;
	err = ns->drv_ops->ndo_open ? ns->drv_ops->ndo_open(dev) : 0;
	if (!err) {
		ns->drv_open = true;
		ns_log(ns, "up", "yes");
	}
	return err;
}

static int w_stop(struct net_device *dev)
{
	struct net_shadow *ns = ns_of(dev);
	int err;

	if (ns_impersonates(ns))
		return 0;
	err = ns->drv_ops->ndo_stop ? ns->drv_ops->ndo_stop(dev) : 0;
	ns->drv_open = false;
	ns_log(ns, "up", "no");
	return err;
}

static void w_change_rx_flags(struct net_device *dev, int flags)
{
	struct net_shadow *ns = ns_of(dev);

	if (!ns_impersonates(ns))
		ns->drv_ops->ndo_change_rx_flags(dev, flags);
}

/* Under the address list's lock, which fences the change of mode. */
static void w_set_rx_mode(struct net_device *dev)
{
	struct net_shadow *ns = ns_of(dev);

	if (!ns_impersonates(ns))
		ns->drv_ops->ndo_set_rx_mode(dev);
}

static int w_set_mac_address(struct net_device *dev, void *addr)
{
	struct net_shadow *ns = ns_of(dev);
	struct sockaddr *sa = addr;
	int err;

	if (ns_impersonates(ns)) {
		if (!is_valid_ether_addr(sa->sa_data))
			return -EADDRNOTAVAIL;
		dev_addr_set(dev, sa->sa_data);
		ns->txn->kern->addr_assign_type = NET_ADDR_SET;
	} else {
		err = ns->drv_ops->ndo_set_mac_address(dev, addr);
		if (err)
			return err;
		memcpy(ns->drv_addr, dev->dev_addr, dev->addr_len);
	}
	ns_log(ns, "address", "%*phC", dev->addr_len, dev->dev_addr);
	return 0;
}

static int w_validate_addr(struct net_device *dev)
{
	struct net_shadow *ns = ns_of(dev);

	return ns_impersonates(ns) ? eth_validate_addr(dev) :
				     ns->drv_ops->ndo_validate_addr(dev);
}

static int w_change_mtu(struct net_device *dev, int mtu)
{
	struct net_shadow *ns = ns_of(dev);
	int err;

	if (ns_impersonates(ns)) {
		WRITE_ONCE(dev->mtu, mtu);
		ns->txn->kern->mtu = mtu;
	} else {
		err = ns->drv_ops->ndo_change_mtu(dev, mtu);
		if (err)
			return err;
	}
	ns_log(ns, "mtu", "%d", mtu);
	return 0;
}

static netdev_features_t w_fix_features(struct net_device *dev,
					netdev_features_t features)
{
	struct net_shadow *ns = ns_of(dev);

	return ns_impersonates(ns) ?
	       features : ns->drv_ops->ndo_fix_features(dev, features);
}

static int w_set_features(struct net_device *dev, netdev_features_t features)
{
	struct net_shadow *ns = ns_of(dev);
	int err = 0;

	if (ns_impersonates(ns))
		ns->txn->features = features;
	else
		err = ns->drv_ops->ndo_set_features(dev, features);
	if (err >= 0)
		ns_log(ns, "features", "%pNF", &features);
	return err;
}

/* The kernel's list of VLANs is replayed; nothing is lost by saying yes. */
static int w_vlan_add(struct net_device *dev, __be16 proto, u16 vid)
{
	struct net_shadow *ns = ns_of(dev);
	char key[24];
	int err = 0;

	if (ns_impersonates(ns))
		ns->txn->vlans_changed = true;
	else
		err = ns->drv_ops->ndo_vlan_rx_add_vid(dev, proto, vid);
	if (!err) {
		snprintf(key, sizeof(key), "vlan.%04x.%u", ntohs(proto), vid);
		ns_log(ns, key, "yes");
	}
	return err;
}

static int w_vlan_kill(struct net_device *dev, __be16 proto, u16 vid)
{
	struct net_shadow *ns = ns_of(dev);
	char key[24];
	int err = 0;

	if (!ns_impersonates(ns))
		err = ns->drv_ops->ndo_vlan_rx_kill_vid(dev, proto, vid);
	snprintf(key, sizeof(key), "vlan.%04x.%u", ntohs(proto), vid);
	lu_log_del(ns->ldev->set, ns->ldev->dev, key);
	return err;
}

static int w_eth_ioctl(struct net_device *dev, struct ifreq *ifr, int cmd)
{
	struct net_shadow *ns = ns_of(dev);
	struct hwtstamp_config config;
	int err;

	if (ns_impersonates(ns))
		return -EBUSY;
	err = ns->drv_ops->ndo_eth_ioctl(dev, ifr, cmd);
	if (!err && cmd == SIOCSHWTSTAMP &&
	    !copy_from_user(&config, ifr->ifr_data, sizeof(config))) {
		ns->hwtstamp = config.tx_type != HWTSTAMP_TX_OFF ||
			       config.rx_filter != HWTSTAMP_FILTER_NONE;
		ns_log(ns, "hwtstamp", "tx %d rx %d", config.tx_type,
		       config.rx_filter);
	}
	return err;
}

/* What the driver will have to be told again, and what cannot be moved. */
static void tc_note(struct net_shadow *ns, enum tc_setup_type type,
		    const void *data)
{
	const struct flow_block_offload *block = data;

	switch (type) {
	case TC_QUERY_CAPS:
		break;
	case TC_SETUP_QDISC_MQPRIO:
		ns->mqprio.offload =
			*(const struct tc_mqprio_qopt_offload *)data;
		ns->mqprio.valid = ns->mqprio.offload.qopt.num_tc;
		ns_log(ns, "mqprio", "%u classes",
		       ns->mqprio.offload.qopt.num_tc);
		break;
	case TC_SETUP_BLOCK:
	case TC_SETUP_FT:
		if (block->command == FLOW_BLOCK_BIND)
			ns->tc_blocks++;
		else if (ns->tc_blocks)
			ns->tc_blocks--;
		break;
	default:
		ns->tc_other |= BIT(type);
		break;
	}
}

static int w_setup_tc(struct net_device *dev, enum tc_setup_type type,
		      void *data)
{
	struct net_shadow *ns = ns_of(dev);
	int err;

	if (ns_impersonates(ns))
		return -EBUSY;
	err = ns->drv_ops->ndo_setup_tc(dev, type, data);
	if (!err)
		tc_note(ns, type, data);
	return err;
}

static int w_bpf(struct net_device *dev, struct netdev_bpf *bpf)
{
	struct net_shadow *ns = ns_of(dev);
	int err;

	if (ns_impersonates(ns)) {
		/* The kernel keeps the program, from where it is replayed. */
		if (bpf->command != XDP_SETUP_PROG)
			return -EBUSY;
		if (bpf->prog)
			bpf_prog_put(bpf->prog);
		return 0;
	}
	err = ns->drv_ops->ndo_bpf(dev, bpf);
	if (err)
		return err;
	if (bpf->command == XDP_SETUP_XSK_POOL) {
		if (bpf->xsk.pool)
			ns->xsk_pools++;
		else if (ns->xsk_pools)
			ns->xsk_pools--;
	} else if (bpf->command == XDP_SETUP_PROG) {
		ns->drv_xdp = bpf->prog;
		ns_log(ns, "xdp", "%s", bpf->prog ? "program" : "none");
	}
	return 0;
}

static void *w_dfwd_add(struct net_device *pdev, struct net_device *dev)
{
	struct net_shadow *ns = ns_of(pdev);
	void *station;

	if (ns_impersonates(ns))
		return ERR_PTR(-EBUSY);
	station = ns->drv_ops->ndo_dfwd_add_station(pdev, dev);
	if (!IS_ERR(station))
		ns->stations++;
	return station;
}

static void w_dfwd_del(struct net_device *pdev, void *priv)
{
	struct net_shadow *ns = ns_of(pdev);

	ns->drv_ops->ndo_dfwd_del_station(pdev, priv);
	if (ns->stations)
		ns->stations--;
}

/* Stand-ins while no driver answers. */

static int n_busy(struct net_device *dev)
{
	return -EBUSY;
}

static int n_unsupported(struct net_device *dev)
{
	return -EOPNOTSUPP;
}

static void n_nothing(struct net_device *dev)
{
}

static void *n_null(struct net_device *dev)
{
	return NULL;
}

static int __maybe_unused n_zero(struct net_device *dev)
{
	return 0;
}

static bool n_false(const struct net_device *dev, int attr_id)
{
	return false;
}

static netdev_features_t n_features_check(struct sk_buff *skb,
					  struct net_device *dev,
					  netdev_features_t features)
{
	return features;
}

static int n_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **xdp,
		      u32 flags)
{
	return -ENETDOWN;
}

static ktime_t n_get_tstamp(struct net_device *dev,
			    const struct skb_shared_hwtstamps *hwtstamps,
			    bool cycles)
{
	return hwtstamps->hwtstamp;
}

static int n_get_iflink(const struct net_device *dev)
{
	return dev->ifindex;
}

/**
 * struct ndo_slot - one function of struct net_device_ops
 * @offset: where it is
 * @wrapper: what the kernel sees; NULL for the driver's own
 * @neutral: what the kernel sees while the gate is closed or no driver
 *	answers; NULL for @wrapper
 * @gate: replaced until the gate opens, not just until a driver answers
 * @note: @wrapper is there while no driver answers, even if the outgoing one
 *	did without the function: requests under RTNL, to be noted
 */
struct ndo_slot {
	unsigned short offset;
	bool gate;
	bool note;
	void *wrapper;
	void *neutral;
};

#define NDO(_op)	.offset = offsetof(struct net_device_ops, _op)
#define WRAP(_op, _fn)	{ NDO(_op), .wrapper = (_fn) }
#define NOTE(_op, _fn)	{ NDO(_op), .wrapper = (_fn), .note = true }
#define SWAP(_op, _fn)	{ NDO(_op), .neutral = (_fn) }
#define GATE(_op, _fn)	{ NDO(_op), .neutral = (_fn), .gate = true }

static const struct ndo_slot ndo_slots[] = {
	WRAP(ndo_open, w_open),
	WRAP(ndo_stop, w_stop),
	WRAP(ndo_change_rx_flags, w_change_rx_flags),
	WRAP(ndo_set_rx_mode, w_set_rx_mode),
	WRAP(ndo_set_mac_address, w_set_mac_address),
	WRAP(ndo_validate_addr, w_validate_addr),
	NOTE(ndo_change_mtu, w_change_mtu),
	WRAP(ndo_fix_features, w_fix_features),
	NOTE(ndo_set_features, w_set_features),
	WRAP(ndo_vlan_rx_add_vid, w_vlan_add),
	WRAP(ndo_vlan_rx_kill_vid, w_vlan_kill),
	WRAP(ndo_eth_ioctl, w_eth_ioctl),
	WRAP(ndo_setup_tc, w_setup_tc),
	WRAP(ndo_bpf, w_bpf),
	WRAP(ndo_dfwd_add_station, w_dfwd_add),
	WRAP(ndo_dfwd_del_station, w_dfwd_del),
	WRAP(ndo_get_stats64, ns_get_stats64),

	GATE(ndo_start_xmit, ns_gate_xmit),
	GATE(ndo_features_check, n_features_check),
	GATE(ndo_select_queue, netdev_pick_tx),
	GATE(ndo_xdp_xmit, n_xdp_xmit),
	GATE(ndo_xsk_wakeup, n_xdp_xmit),
	GATE(ndo_tx_timeout, n_nothing),

	SWAP(ndo_init, n_unsupported),
	SWAP(ndo_uninit, n_nothing),
	SWAP(ndo_do_ioctl, n_busy),
	SWAP(ndo_siocbond, n_busy),
	SWAP(ndo_siocwandev, n_busy),
	SWAP(ndo_siocdevprivate, n_busy),
	SWAP(ndo_set_config, n_busy),
	SWAP(ndo_neigh_setup, n_unsupported),
	SWAP(ndo_has_offload_stats, n_false),
	SWAP(ndo_get_offload_stats, n_unsupported),
	SWAP(ndo_get_stats, n_null),
	SWAP(ndo_get_xmit_slave, n_null),
	SWAP(ndo_sk_get_lower_dev, n_null),
	SWAP(ndo_neigh_construct, n_unsupported),
	SWAP(ndo_neigh_destroy, n_nothing),
	SWAP(ndo_add_slave, n_busy),
	SWAP(ndo_del_slave, n_busy),
	SWAP(ndo_fdb_add, n_busy),
	SWAP(ndo_fdb_del, n_busy),
	SWAP(ndo_fdb_del_bulk, n_busy),
	SWAP(ndo_fdb_dump, n_unsupported),
	SWAP(ndo_fdb_get, n_busy),
	SWAP(ndo_bridge_setlink, n_busy),
	SWAP(ndo_bridge_getlink, n_unsupported),
	SWAP(ndo_bridge_dellink, n_busy),
	SWAP(ndo_change_carrier, n_busy),
	SWAP(ndo_get_phys_port_id, n_unsupported),
	SWAP(ndo_get_port_parent_id, n_unsupported),
	SWAP(ndo_get_phys_port_name, n_unsupported),
	SWAP(ndo_set_tx_maxrate, n_busy),
	SWAP(ndo_get_iflink, n_get_iflink),
	SWAP(ndo_fill_metadata_dst, n_unsupported),
	SWAP(ndo_set_rx_headroom, n_nothing),
	SWAP(ndo_xdp_get_xmit_slave, n_null),
	SWAP(ndo_tunnel_ctl, n_busy),
	SWAP(ndo_get_peer_dev, n_null),
	SWAP(ndo_fill_forward_path, n_unsupported),
	SWAP(ndo_get_tstamp, n_get_tstamp),
	SWAP(ndo_set_vf_mac, n_busy),
	SWAP(ndo_set_vf_vlan, n_busy),
	SWAP(ndo_set_vf_rate, n_busy),
	SWAP(ndo_set_vf_spoofchk, n_busy),
	SWAP(ndo_set_vf_trust, n_busy),
	SWAP(ndo_get_vf_config, n_busy),
	SWAP(ndo_set_vf_link_state, n_busy),
	SWAP(ndo_get_vf_stats, n_busy),
	SWAP(ndo_set_vf_port, n_busy),
	SWAP(ndo_get_vf_port, n_busy),
	SWAP(ndo_get_vf_guid, n_busy),
	SWAP(ndo_set_vf_guid, n_busy),
	SWAP(ndo_set_vf_rss_query_en, n_busy),
#ifdef CONFIG_NET_POLL_CONTROLLER
	SWAP(ndo_poll_controller, n_nothing),
	SWAP(ndo_netpoll_setup, n_busy),
	SWAP(ndo_netpoll_cleanup, n_nothing),
#endif
#if IS_ENABLED(CONFIG_FCOE)
	SWAP(ndo_fcoe_enable, n_busy),
	SWAP(ndo_fcoe_disable, n_busy),
	SWAP(ndo_fcoe_ddp_setup, n_zero),
	SWAP(ndo_fcoe_ddp_done, n_zero),
	SWAP(ndo_fcoe_ddp_target, n_zero),
	SWAP(ndo_fcoe_get_hbainfo, n_busy),
#endif
#if IS_ENABLED(CONFIG_LIBFCOE)
	SWAP(ndo_fcoe_get_wwn, n_busy),
#endif
#ifdef CONFIG_RFS_ACCEL
	SWAP(ndo_rx_flow_steer, n_unsupported),
#endif
	NS_NDO_SLOTS_COMPAT
};

static_assert(ARRAY_SIZE(ndo_slots) ==
	      sizeof(struct net_device_ops) / sizeof(void *));

static void **slot_in(const void *ops, const struct ndo_slot *slot)
{
	return (void **)(ops + slot->offset);
}

/* What belongs into a slot in the present state. */
static void *slot_value(const struct net_shadow *ns,
			const struct ndo_slot *slot)
{
	void *drv = *slot_in(ns->drv_ops, slot);
	bool away = ns_impersonates(ns) ||
		    (slot->gate && READ_ONCE(ns->gate_closed));

	if (slot->wrapper == ns_get_stats64)
		return slot->wrapper;
	if (!drv)
		return slot->note && ns_impersonates(ns) ? slot->wrapper : NULL;
	if (away && slot->neutral)
		return slot->neutral;
	return slot->wrapper ?: drv;
}

static void ops_fill(struct net_shadow *ns, bool in_use)
{
	const struct ndo_slot *slot;
	void **at, *value;

	for (slot = ndo_slots; slot < ndo_slots + ARRAY_SIZE(ndo_slots); slot++) {
		at = slot_in(&ns->ops, slot);
		value = slot_value(ns, slot);
		if (!value && in_use && *at && slot->neutral)
			value = slot->neutral;
		WRITE_ONCE(*at, value);
	}
}

/**
 * ns_ops_update() - bring the table that the kernel sees in line with the state
 * @ns: its shadow
 *
 * Users of the data path test a function for NULL and load it again to call
 * it, without a lock: those never become NULL in a table that is in use.
 *
 * Context: RTNL, or before registration.
 */
void ns_ops_update(struct net_shadow *ns)
{
	if (ns->dev->reg_state != NETREG_REGISTERED) {
		ops_fill(ns, false);
		return;
	}
	netif_addr_lock_bh(ns->dev);
	ops_fill(ns, true);
	netif_addr_unlock_bh(ns->dev);
}

/**
 * ns_driver_stop() - stop the device through its driver
 * @ns: its shadow
 *
 * Users go on seeing a running device: only while the driver's function runs
 * it looks stopped, for the driver looks too.
 *
 * Context: RTNL.
 */
void ns_driver_stop(struct net_shadow *ns)
{
	struct net_device *dev = ns->dev;
	bool up = netif_running(dev);

	ASSERT_RTNL();
	if (!ns->drv_open)
		return;
	ns_netpoll_disable(dev);
	clear_bit(__LINK_STATE_START, &dev->state);
	/* As in dev_close(): pollers see it before the driver goes on. */
	smp_mb__after_atomic();
	if (ns->drv_ops->ndo_stop)
		ns->drv_ops->ndo_stop(dev);
	ns->drv_open = false;
	if (up)
		set_bit(__LINK_STATE_START, &dev->state);
	ns_netpoll_enable(dev);
}

/**
 * ns_driver_open() - start the device through its driver
 * @ns: its shadow; __LINK_STATE_START is set
 *
 * Context: RTNL.
 * Return: 0 or the driver's error.
 */
int ns_driver_open(struct net_shadow *ns)
{
	const struct net_device_ops *ops = ns->drv_ops;
	struct net_device *dev = ns->dev;
	int err = 0;

	ASSERT_RTNL();
	if (ns->drv_open)
		return 0;
	ns_netpoll_disable(dev);
	if (ops->ndo_validate_addr)
		err = ops->ndo_validate_addr(dev);
	if (!err && ops->ndo_open)
		err = ops->ndo_open(dev);
	ns->drv_open = !err;
	ns_netpoll_enable(dev);
	return err;
}
