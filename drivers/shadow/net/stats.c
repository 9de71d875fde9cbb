// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: counters never step back
 *
 * Each generation counts from its own zero. What users see is the driver's
 * figure plus a base: total at quiesce minus what the incoming driver began
 * with, for each counter. While no driver answers, the total stands still.
 */
#include "net_shadow.h"

/* What dev_get_stats() would make of the driver alone. */
static void driver_stats(struct net_shadow *ns, struct rtnl_link_stats64 *to)
{
	const struct net_device_ops *ops = ns->drv_ops;
	struct net_device *dev = ns->dev;

	memset(to, 0, sizeof(*to));
	if (ops->ndo_get_stats64)
		ops->ndo_get_stats64(dev, to);
	else if (ops->ndo_get_stats)
		netdev_stats_to_stats64(to, ops->ndo_get_stats(dev));
	else if (!ns_pcpu_stats(dev, to))
		netdev_stats_to_stats64(to, &dev->stats);
}

static void stats_combine(struct rtnl_link_stats64 *to,
			  const struct rtnl_link_stats64 *with, bool subtract)
{
	const u64 *src = (const u64 *)with;
	u64 *dst = (u64 *)to;
	size_t i;

	for (i = 0; i < sizeof(*to) / sizeof(u64); i++)
		dst[i] = subtract ? dst[i] - src[i] : dst[i] + src[i];
}

/**
 * ns_get_stats64() - totals over all generations
 * @dev: net_device with our tables
 * @to: result
 *
 * Context: Any that dev_get_stats() may be called in.
 */
void ns_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *to)
{
	struct net_shadow *ns = ns_of(dev);

	/* Pairs with ns_stats_freeze(), ns_stats_thaw(). */
	if (smp_load_acquire(&ns->stats_frozen)) {
		*to = ns->frozen;
		return;
	}
	driver_stats(ns, to);
	stats_combine(to, &ns->base, false);
}

/**
 * ns_stats_freeze() - totals stand still
 * @ns: shadow whose driver is stopped
 *
 * Context: RTNL. On return no reader is in the driver's functions.
 */
void ns_stats_freeze(struct net_shadow *ns)
{
	if (ns->stats_frozen)
		return;
	driver_stats(ns, &ns->frozen);
	stats_combine(&ns->frozen, &ns->base, false);
	/* Pairs with ns_get_stats64(). */
	smp_store_release(&ns->stats_frozen, true);
	synchronize_net();
}

/**
 * ns_stats_thaw() - totals go on from where they stood
 * @ns: shadow whose driver can answer
 *
 * Context: RTNL, driver not started yet.
 */
void ns_stats_thaw(struct net_shadow *ns)
{
	struct rtnl_link_stats64 start;

	if (!ns->stats_frozen)
		return;
	driver_stats(ns, &start);
	ns->base = ns->frozen;
	stats_combine(&ns->base, &start, true);
	/* Pairs with ns_get_stats64(). */
	smp_store_release(&ns->stats_frozen, false);
}

/* Driver-specific statistics, ethtool -S */

void ns_estats_free(struct ns_estats *es)
{
	kvfree(es->names);
	kvfree(es->values);
	memset(es, 0, sizeof(*es));
}

static int estats_reserve(struct ns_estats *es, unsigned int count)
{
	if (count <= es->room)
		return 0;
	ns_estats_free(es);
	es->names = kvcalloc(count, ETH_GSTRING_LEN, GFP_KERNEL);
	es->values = kvcalloc(count, sizeof(u64), GFP_KERNEL);
	if (!es->names || !es->values) {
		ns_estats_free(es);
		return -ENOMEM;
	}
	es->room = count;
	return 0;
}

static int driver_estats_count(const struct net_shadow *ns)
{
	const struct ethtool_ops *ops = ns->drv_eops;

	if (!ops->get_sset_count || !ops->get_strings ||
	    !ops->get_ethtool_stats)
		return 0;
	return max(ops->get_sset_count(ns->dev, ETH_SS_STATS), 0);
}

static int driver_estats(struct net_shadow *ns, struct ns_estats *es)
{
	struct ethtool_stats head = { .cmd = ETHTOOL_GSTATS };
	int count = driver_estats_count(ns);

	es->count = 0;
	if (!count || estats_reserve(es, count))
		return -ENODATA;
	head.n_stats = count;
	ns->drv_eops->get_strings(ns->dev, ETH_SS_STATS, es->names);
	memset(es->values, 0, count * sizeof(u64));
	ns->drv_eops->get_ethtool_stats(ns->dev, &head, es->values);
	es->count = count;
	return 0;
}

static const u64 *estats_find(const struct ns_estats *es, const u8 *name,
			      unsigned int hint)
{
	unsigned int i;

	if (hint < es->count &&
	    !memcmp(es->names + hint * ETH_GSTRING_LEN, name, ETH_GSTRING_LEN))
		return &es->values[hint];
	for (i = 0; i < es->count; i++) {
		if (!memcmp(es->names + i * ETH_GSTRING_LEN, name,
			    ETH_GSTRING_LEN))
			return &es->values[i];
	}
	return NULL;
}

/**
 * ns_estats_freeze() - note names and totals of driver-specific statistics
 * @ns: shadow at quiesce
 *
 * Context: RTNL.
 */
void ns_estats_freeze(struct net_shadow *ns)
{
	struct ns_estats *es = &ns->txn->estats;

	if (!driver_estats(ns, es))
		ns_estats_add_base(ns, es->count, es->values);
}

/**
 * ns_estats_rebase() - driver-specific statistics go on from where they stood
 * @ns: shadow whose driver can answer
 *
 * Context: RTNL, driver not started yet.
 */
void ns_estats_rebase(struct net_shadow *ns)
{
	struct ns_estats *base = &ns->ebase;
	const u64 *was;
	unsigned int i;

	if (!ns->txn->estats.count || driver_estats(ns, base))
		return;
	for (i = 0; i < base->count; i++) {
		was = estats_find(&ns->txn->estats,
				  base->names + i * ETH_GSTRING_LEN, i);
		base->values[i] = was ? *was - base->values[i] : 0;
	}
}

/**
 * ns_estats_add_base() - make totals of what the driver counts
 * @ns: its shadow
 * @count: number of statistics
 * @values: the driver's figures, replaced
 *
 * The number of statistics may follow the number of queues; then they are told
 * apart by name.
 *
 * Context: RTNL.
 */
void ns_estats_add_base(struct net_shadow *ns, unsigned int count, u64 *values)
{
	struct ns_estats *base = &ns->ebase;
	const u64 *add;
	unsigned int i;
	u8 *names;

	if (!base->count)
		return;
	if (base->count == count) {
		for (i = 0; i < count; i++)
			values[i] += base->values[i];
		return;
	}
	if (driver_estats_count(ns) != count)
		return;
	names = kvcalloc(count, ETH_GSTRING_LEN, GFP_KERNEL);
	if (!names)
		return;
	ns->drv_eops->get_strings(ns->dev, ETH_SS_STATS, names);
	for (i = 0; i < count; i++) {
		add = estats_find(base, names + i * ETH_GSTRING_LEN, i);
		values[i] += add ? *add : 0;
	}
	kvfree(names);
}
