/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shadow driver for network devices: differences between kernel versions.
 * Nowhere else in this folder is the version asked for.
 */
#ifndef _LU_NET_COMPAT_H
#define _LU_NET_COMPAT_H

#include <linux/netdevice.h>
#include <linux/netpoll.h>
#include <linux/version.h>
#include <net/pkt_cls.h>
#include <net/pkt_sched.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <net/netdev_rx_queue.h>
#define NS_HAVE_QUEUE_NAPI	1
#define NS_HAVE_STAT_OPS	1
typedef struct ethtool_keee ns_eee_t;
/* What the macro strscpy() calls. */
#define NS_STRSCPY		sized_strscpy
#define ns_strscpy(d, s, n)	sized_strscpy(d, s, n)
#else
#define NS_HAVE_QUEUE_NAPI	0
#define NS_HAVE_STAT_OPS	0
typedef struct ethtool_eee ns_eee_t;
#define NS_STRSCPY		strscpy
#define ns_strscpy(d, s, n)	strscpy(d, s, n)
#endif

/*
 * The first members of the network core's private struct netdev_name_node,
 * equal in all versions; checked at run time before it is trusted.
 */
struct ns_name_node {
	struct hlist_node hlist;
	struct list_head list;
	struct net_device *dev;
	const char *name;
};

static inline struct ns_name_node *ns_name_node(const struct net_device *dev)
{
	return (struct ns_name_node *)dev->name_node;
}

/* Not exported on all kernels. RTNL is held. */
static inline void ns_netpoll_disable(struct net_device *dev)
{
#ifdef CONFIG_NETPOLL
	struct netpoll_info *ni = rtnl_dereference(dev->npinfo);

	if (ni)
		down(&ni->dev_lock);
#endif
}

static inline void ns_netpoll_enable(struct net_device *dev)
{
#ifdef CONFIG_NETPOLL
	struct netpoll_info *ni = rtnl_dereference(dev->npinfo);

	if (ni)
		up(&ni->dev_lock);
#endif
}

/*
 * Fields that a driver fills in and that a fresh net_device has at their
 * default: F(field). The common ones are in adopt.c.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define NS_DRIVER_VALUES_COMPAT(F)					\
	F(mangleid_features)						\
	F(xdp_features)							\
	F(xdp_zc_max_segs)
#define NS_DRIVER_POINTERS_COMPAT(F)					\
	F(xdp_metadata_ops)						\
	F(xsk_tx_metadata_ops)						\
	F(stat_ops)							\
	F(queue_mgmt_ops)						\
	F(irq_moder)
#define NS_KERNEL_FIELDS_COMPAT(F)					\
	F(gso_ipv4_max_size)						\
	F(gro_ipv4_max_size)
#else
#define NS_DRIVER_VALUES_COMPAT(F)
#define NS_DRIVER_POINTERS_COMPAT(F)
#define NS_KERNEL_FIELDS_COMPAT(F)
#endif

/* Operations that only some versions know, for the table in ops.c. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define NS_NDO_SLOTS_COMPAT						\
	SWAP(ndo_mdb_add, n_busy),					\
	SWAP(ndo_mdb_del, n_busy),					\
	SWAP(ndo_mdb_del_bulk, n_busy),					\
	SWAP(ndo_mdb_dump, n_zero),					\
	SWAP(ndo_mdb_get, n_busy),					\
	SWAP(ndo_hwtstamp_get, n_busy),					\
	SWAP(ndo_hwtstamp_set, n_busy),
#else
#define NS_NDO_SLOTS_COMPAT						\
	SWAP(ndo_get_devlink_port, n_null),
#endif

/* Flags of a device that its driver sets before registration. */
static inline void ns_copy_driver_bits(struct net_device *to,
				       const struct net_device *from)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	to->lltx = from->lltx;
	to->see_all_hwtstamp_requests = from->see_all_hwtstamp_requests;
	to->change_proto_down = from->change_proto_down;
	to->netns_immutable = from->netns_immutable;
	to->fcoe_mtu = from->fcoe_mtu;
#endif
}

/* What register_netdevice() adds beyond the common part. */
static inline void ns_core_features(struct net_device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	dev->mangleid_features |= NETIF_F_TSO_MANGLEID;
#endif
}

/* A queue remembers the NAPI that served it; that one is gone. */
static inline void ns_forget_queue_napi(struct net_device *dev)
{
#if NS_HAVE_QUEUE_NAPI
	unsigned int i;

	for (i = 0; i < dev->num_tx_queues; i++)
		dev->_tx[i].napi = NULL;
	for (i = 0; i < dev->num_rx_queues; i++)
		dev->_rx[i].napi = NULL;
#endif
}

/* Tables behind which the driver answers netdev netlink: none while away. */
static inline void ns_park_stat_ops(struct net_device *dev)
{
#if NS_HAVE_STAT_OPS
	dev->stat_ops = NULL;
	dev->queue_mgmt_ops = NULL;
	dev->xdp_metadata_ops = NULL;
#endif
}

static inline void ns_keep_stat_ops(struct net_device *to,
				    const struct net_device *from)
{
#if NS_HAVE_STAT_OPS
	to->stat_ops = from->stat_ops;
	to->queue_mgmt_ops = from->queue_mgmt_ops;
	to->xdp_metadata_ops = from->xdp_metadata_ops;
#endif
}

#if NS_HAVE_QUEUE_NAPI
/* netif_queue_set_napi() without its assertion about registered devices. */
static inline void ns_queue_napi(struct net_device *dev, unsigned int index,
				 enum netdev_queue_type type,
				 struct napi_struct *napi)
{
	if (type == NETDEV_QUEUE_TYPE_RX && index < dev->num_rx_queues)
		dev->_rx[index].napi = napi;
	else if (type == NETDEV_QUEUE_TYPE_TX && index < dev->num_tx_queues)
		dev->_tx[index].napi = napi;
}
#endif

/* Per-CPU statistics that the network core sums up for the driver. */
static inline bool ns_pcpu_stats(struct net_device *dev,
				 struct rtnl_link_stats64 *to)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	if (dev->pcpu_stat_type != NETDEV_PCPU_STAT_TSTATS)
		return false;
	dev_get_tstats64(dev, to);
	return true;
#else
	return false;
#endif
}

static inline int ns_get_rxfh(const struct ethtool_ops *ops,
			      struct net_device *dev, u32 *indir, u32 n_indir,
			      u8 *key, u32 n_key, u8 *hfunc)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	struct ethtool_rxfh_param p = {
		.indir = n_indir ? indir : NULL, .indir_size = n_indir,
		.key = n_key ? key : NULL, .key_size = n_key,
	};
	int err = ops->get_rxfh(dev, &p);

	*hfunc = p.hfunc;
	return err;
#else
	return ops->get_rxfh(dev, n_indir ? indir : NULL, n_key ? key : NULL,
			     hfunc);
#endif
}

static inline int ns_set_rxfh(const struct ethtool_ops *ops,
			      struct net_device *dev, u32 *indir, u32 n_indir,
			      u8 *key, u32 n_key, u8 hfunc)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	struct ethtool_rxfh_param p = {
		.hfunc = hfunc,
		.indir = n_indir ? indir : NULL, .indir_size = n_indir,
		.key = n_key ? key : NULL, .key_size = n_key,
	};

	return ops->set_rxfh(dev, &p, NULL);
#else
	return ops->set_rxfh(dev, n_indir ? indir : NULL, n_key ? key : NULL,
			     hfunc);
#endif
}

#endif /* _LU_NET_COMPAT_H */
