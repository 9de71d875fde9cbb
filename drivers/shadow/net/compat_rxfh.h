/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Receive hash settings: the operations' arguments became a structure in 6.8.
 * For ethtool.c only.
 */
#ifndef _LU_NET_COMPAT_RXFH_H
#define _LU_NET_COMPAT_RXFH_H

#include "net_shadow.h"

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
static int w_get_rxfh(struct net_device *dev, struct ethtool_rxfh_param *p)
{
	struct net_shadow *ns = ns_of_eops(dev);

	if (ns_impersonates(ns))
		return ns_rss_read(ns, p->indir, p->key, &p->hfunc);
	return ns->drv_eops->get_rxfh(dev, p);
}

static int w_set_rxfh(struct net_device *dev, struct ethtool_rxfh_param *p,
		      struct netlink_ext_ack *extack)
{
	struct net_shadow *ns = ns_of_eops(dev);
	int err;

	if (ns_impersonates(ns)) {
		if (p->rss_context)
			return -EBUSY;
		return ns_rss_write(ns, p->indir, p->key, p->hfunc);
	}
	err = ns->drv_eops->set_rxfh(dev, p, extack);
	if (!err)
		ns_log(ns, "rss", "hash %u", p->hfunc);
	return err;
}
#else
static int w_get_rxfh(struct net_device *dev, u32 *indir, u8 *key, u8 *hfunc)
{
	struct net_shadow *ns = ns_of_eops(dev);

	if (ns_impersonates(ns))
		return ns_rss_read(ns, indir, key, hfunc);
	return ns->drv_eops->get_rxfh(dev, indir, key, hfunc);
}

static int w_set_rxfh(struct net_device *dev, const u32 *indir, const u8 *key,
		      const u8 hfunc)
{
	struct net_shadow *ns = ns_of_eops(dev);
	int err;

	if (ns_impersonates(ns))
		return ns_rss_write(ns, indir, key, hfunc);
	err = ns->drv_eops->set_rxfh(dev, indir, key, hfunc);
	if (!err)
		ns_log(ns, "rss", "hash %u", hfunc);
	return err;
}
#endif

/* Operations that only some versions know, for the table in ethtool.c. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define NS_ETH_SLOTS_COMPAT						\
	SWAP(get_link_ext_stats, n_nothing),				\
	SWAP(get_rxfh_fields, n_busy),					\
	SWAP(set_rxfh_fields, n_busy),					\
	SWAP(create_rxfh_context, n_busy),				\
	SWAP(modify_rxfh_context, n_busy),				\
	SWAP(remove_rxfh_context, n_busy),				\
	SWAP(get_ts_stats, n_nothing),					\
	SWAP(set_module_eeprom_by_page, n_busy),			\
	SWAP(get_mm, n_busy),						\
	SWAP(set_mm, n_busy),						\
	SWAP(get_mm_stats, n_nothing),
#else
#define NS_ETH_SLOTS_COMPAT						\
	SWAP(get_rxfh_context, n_busy),					\
	SWAP(set_rxfh_context, n_busy),
#endif

#endif /* _LU_NET_COMPAT_RXFH_H */
