// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: verdict
 *
 * The incoming driver must offer at least what the outgoing one offered: each
 * function of its tables, each feature bit, each limit. Every lack is named.
 */
#include "net_shadow.h"

struct lu_name {
	unsigned short at;
	const char *name;
};

/* Generated from the kernel's headers, see Kbuild. */
#include "ops_names.h"

static const struct lu_name priv_flag_names[] = {
	{ ilog2(IFF_UNICAST_FLT), "IFF_UNICAST_FLT" },
	{ ilog2(IFF_LIVE_ADDR_CHANGE), "IFF_LIVE_ADDR_CHANGE" },
	{ ilog2(IFF_SUPP_NOFCS), "IFF_SUPP_NOFCS" },
};

/**
 * ns_offer_of() - what the bound driver offers
 * @ns: its shadow
 * @offer: result
 *
 * Context: RTNL.
 */
void ns_offer_of(struct net_shadow *ns, struct ns_offer *offer)
{
	const struct net_device *dev = ns->dev;

	memset(offer, 0, sizeof(*offer));
	offer->ops = *ns->drv_ops;
	offer->eops = *ns->drv_eops;
	offer->features = dev->features | dev->hw_features;
	if (ns_in_update(ns))
		offer->features = ns->txn->drv_features | dev->hw_features;
	offer->min_mtu = dev->min_mtu;
	offer->max_mtu = dev->max_mtu;
	offer->priv_flags = dev->priv_flags;
#ifdef CONFIG_DCB
	offer->dcbnl = dev->dcbnl_ops;
#endif
	offer->tunnel_info = dev->udp_tunnel_nic_info;
}

static void verify_table(struct net_shadow *ns, struct lu_txn *txn,
			 const char *prefix, const struct lu_name *names,
			 size_t count, const void *old, const void *new)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (*(void **)(old + names[i].at) &&
		    !*(void **)(new + names[i].at))
			lu_mismatch(txn, "%s: %s%s missing", ns->name, prefix,
				    names[i].name);
	}
}

static void verify_bits(struct net_shadow *ns, struct lu_txn *txn,
			const struct lu_name *names, size_t count, u64 lost)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (lost & BIT_ULL(names[i].at)) {
			lu_mismatch(txn, "%s: %s lost", ns->name,
				    names[i].name);
			lost &= ~BIT_ULL(names[i].at);
		}
	}
}

static u32 mtu_limit(u32 max_mtu)
{
	return max_mtu ?: U32_MAX;
}

static void verify_limits(struct net_shadow *ns, struct lu_txn *txn,
			  const struct ns_offer *old,
			  const struct ns_offer *new)
{
	u32 lost;

	if (mtu_limit(new->max_mtu) < mtu_limit(old->max_mtu))
		lu_mismatch(txn, "%s: max mtu %u -> %u", ns->name,
			    old->max_mtu, new->max_mtu);
	if (new->min_mtu > old->min_mtu)
		lu_mismatch(txn, "%s: min mtu %u -> %u", ns->name,
			    old->min_mtu, new->min_mtu);
	lost = old->eops.supported_coalesce_params &
	       ~new->eops.supported_coalesce_params;
	if (lost)
		lu_mismatch(txn, "%s: ethtool coalesce parameters %#x lost",
			    ns->name, lost);
	lost = old->eops.supported_ring_params &
	       ~new->eops.supported_ring_params;
	if (lost)
		lu_mismatch(txn, "%s: ethtool ring parameters %#x lost",
			    ns->name, lost);
	if (old->dcbnl && !new->dcbnl)
		lu_mismatch(txn, "%s: dcbnl_ops missing", ns->name);
	/* The field is never reset, so an old pointer is no offer. */
	if (old->tunnel_info && new->tunnel_info == old->tunnel_info)
		lu_mismatch(txn, "%s: udp_tunnel_nic_info missing", ns->name);
}

/**
 * ns_verify() - does the incoming driver offer what the outgoing one did
 * @ns: its shadow
 * @txn: the transaction, which is told each lack
 */
void ns_verify(struct net_shadow *ns, struct lu_txn *txn)
{
	const struct ns_offer *old = &ns->txn->offer;
	struct ns_offer *new;

	if (!ns->adopted) {
		lu_mismatch(txn, "%s (%s) not taken over", ns->name,
			    dev_name(ns->ldev->dev));
		return;
	}
	new = kvzalloc(sizeof(*new), GFP_KERNEL);
	if (!new) {
		lu_mismatch(txn, "%s: no memory for the comparison", ns->name);
		return;
	}
	rtnl_lock();
	ns_offer_of(ns, new);
	rtnl_unlock();
	verify_table(ns, txn, "", ndo_names, ARRAY_SIZE(ndo_names),
		     &old->ops, &new->ops);
	verify_table(ns, txn, "ethtool ", ethtool_names,
		     ARRAY_SIZE(ethtool_names), &old->eops, &new->eops);
	verify_bits(ns, txn, feature_names, ARRAY_SIZE(feature_names),
		    old->features & ~new->features);
	if (new->features & ~old->features & NETIF_F_VLAN_CHALLENGED)
		lu_mismatch(txn, "%s: VLAN packets lost", ns->name);
	verify_bits(ns, txn, priv_flag_names, ARRAY_SIZE(priv_flag_names),
		    old->priv_flags & ~new->priv_flags);
	verify_limits(ns, txn, old, new);
	kvfree(new);
}
