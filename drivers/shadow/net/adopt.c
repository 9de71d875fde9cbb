// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: an object changes hands
 *
 * Order of events for each net_device::
 *
 *	outgoing driver: unregister -> ns_conceal_unregister()
 *	                 free       -> ns_conceal_free()
 *	incoming driver: alloc      -> ns_hand_out()
 *	                 register   -> ns_adopt()
 *
 * The incoming driver takes the object for a fresh one and fills it in without
 * any lock, while the kernel and users look at it. So at hand-out only what is
 * the driver's goes back to its default, and at registration what is the
 * kernel's or the user's goes back to what it was. A probe that fails after
 * hand-out frees the object and we are back where we were.
 */
#include "net_shadow.h"

struct ns_field {
	unsigned short offset;
	unsigned short size;
};

#define NS_FIELD(_f)							\
	{ offsetof(struct net_device, _f), sizeof_field(struct net_device, _f) },

/* The driver's, and users look at them: at their default in a fresh object. */
static const struct ns_field driver_values[] = {
	NS_FIELD(mem_end)
	NS_FIELD(mem_start)
	NS_FIELD(base_addr)
	NS_FIELD(irq)
	NS_FIELD(if_port)
	NS_FIELD(dma)
	NS_FIELD(hard_header_len)
	NS_FIELD(min_header_len)
	NS_FIELD(needed_headroom)
	NS_FIELD(needed_tailroom)
	NS_FIELD(features)
	NS_FIELD(hw_features)
	NS_FIELD(vlan_features)
	NS_FIELD(hw_enc_features)
	NS_FIELD(mpls_features)
	NS_FIELD(gso_partial_features)
	NS_FIELD(tso_max_size)
	NS_FIELD(tso_max_segs)
	NS_FIELD(watchdog_timeo)
	NS_FIELD(neigh_priv_len)
	NS_FIELD(dev_id)
	NS_FIELD(dev_port)
	NS_DRIVER_VALUES_COMPAT(NS_FIELD)
};

/* The driver's, and lead into it. */
static const struct ns_field driver_pointers[] = {
	NS_FIELD(header_ops)
	NS_FIELD(stats)
	NS_FIELD(ml_priv)
	NS_FIELD(ml_priv_type)
	NS_FIELD(phydev)
	NS_FIELD(sfp_bus)
	NS_FIELD(priv_destructor)
	NS_FIELD(needs_free_netdev)
	NS_FIELD(sysfs_rx_queue_group)
	NS_FIELD(dev.type)
#ifdef CONFIG_DCB
	NS_FIELD(dcbnl_ops)
#endif
	NS_DRIVER_POINTERS_COMPAT(NS_FIELD)
};

/* The kernel's or the user's: survive whatever the driver writes. */
static const struct ns_field kernel_fields[] = {
	NS_FIELD(mtu)
	NS_FIELD(type)
	NS_FIELD(addr_len)
	NS_FIELD(broadcast)
	NS_FIELD(perm_addr)
	NS_FIELD(addr_assign_type)
	NS_FIELD(name_assign_type)
	NS_FIELD(tx_queue_len)
	NS_FIELD(link_mode)
	NS_FIELD(gso_max_size)
	NS_FIELD(gso_max_segs)
	NS_FIELD(gro_max_size)
	NS_FIELD(num_tc)
	NS_FIELD(tc_to_txq)
	NS_FIELD(prio_tc_map)
	NS_FIELD(sysfs_groups)
	NS_KERNEL_FIELDS_COMPAT(NS_FIELD)
};

/* Bits of priv_flags that a driver sets before registration. */
#define NS_DRIVER_PRIV_FLAGS						\
	(IFF_UNICAST_FLT | IFF_LIVE_ADDR_CHANGE | IFF_SUPP_NOFCS |	\
	 IFF_TX_SKB_SHARING | IFF_TX_SKB_NO_LINEAR | IFF_DONT_BRIDGE |	\
	 IFF_DISABLE_NETPOLL | IFF_PHONY_HEADROOM)

/* Readers take no lock: words are never seen half written. */
static void field_copy(const struct ns_field *f, struct net_device *to,
		       const struct net_device *from)
{
	void *dst = (void *)to + f->offset;
	const void *src = (const void *)from + f->offset;

	switch (f->size) {
	case sizeof(u64):
		WRITE_ONCE(*(u64 *)dst, *(const u64 *)src);
		break;
	case sizeof(u32):
		WRITE_ONCE(*(u32 *)dst, *(const u32 *)src);
		break;
	case sizeof(u16):
		WRITE_ONCE(*(u16 *)dst, *(const u16 *)src);
		break;
	case sizeof(u8):
		WRITE_ONCE(*(u8 *)dst, *(const u8 *)src);
		break;
	default:
		memcpy(dst, src, f->size);
	}
}

static void __fields_copy(const struct ns_field *fields, size_t count,
			  struct net_device *to, const struct net_device *from)
{
	size_t i;

	for (i = 0; i < count; i++)
		field_copy(&fields[i], to, from);
}

#define fields_copy(_fields, _to, _from)				\
	__fields_copy(_fields, ARRAY_SIZE(_fields), _to, _from)

static void priv_flags_copy(struct net_device *to, const struct net_device *from)
{
	to->priv_flags = (to->priv_flags & ~NS_DRIVER_PRIV_FLAGS) |
			 (from->priv_flags & NS_DRIVER_PRIV_FLAGS);
}

/**
 * ns_txn_alloc() - get ready for a transaction
 * @ns: shadow that has none yet
 *
 * Return: 0 or -ENOMEM.
 */
int ns_txn_alloc(struct net_shadow *ns)
{
	struct ns_txn *t = kvzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	t->fresh = alloc_netdev_mqs(0, "lu%d", NET_NAME_UNKNOWN, ether_setup,
				    1, 1);
	t->kern = kvzalloc(sizeof(*t->kern), GFP_KERNEL);
	if (!t->fresh || !t->kern)
		goto err_free;
	ns->txn = t;
	return 0;

err_free:
	if (t->fresh)
		free_netdev(t->fresh);
	kvfree(t->kern);
	kvfree(t);
	return -ENOMEM;
}

void ns_txn_free(struct net_shadow *ns)
{
	struct ns_txn *t = ns->txn;

	if (!t)
		return;
	ns->txn = NULL;
	free_netdev(t->fresh);
	kvfree(t->kern);
	ns_estats_free(&t->estats);
	kfree(t->names_flags);
	kvfree(t);
}

/**
 * ns_save_kernel_fields() - note what is the kernel's or the user's
 * @ns: shadow at quiesce
 *
 * Context: RTNL.
 */
void ns_save_kernel_fields(struct net_shadow *ns)
{
	struct ns_txn *t = ns->txn;

	ASSERT_RTNL();
	fields_copy(kernel_fields, t->kern, ns->dev);
	fields_copy(driver_values, t->kern, ns->dev);
	t->kern->priv_flags = ns->dev->priv_flags;
	t->kern->min_mtu = ns->dev->min_mtu;
	t->kern->max_mtu = ns->dev->max_mtu;
	t->features = ns->dev->features;
	/* What the outgoing driver knows, should it have to go on. */
	t->drv_features = ns->dev->features;
	t->mtu_fresh = ns->dev->mtu;
	t->want_tx = ns->dev->real_num_tx_queues;
	t->want_rx = ns->dev->real_num_rx_queues;
	t->readopted = false;
	t->vlans_changed = false;
	t->dirty = 0;
	t->gated = 0;
}

/**
 * ns_name_save() - keep the name safe from the incoming driver
 * @ns: shadow whose driver is about to go
 *
 * Drivers copy names of their own into a fresh object. Look-ups by name follow
 * name_node->name, which points to our copy meanwhile.
 *
 * Context: RTNL.
 */
void ns_name_save(struct net_shadow *ns)
{
	struct ns_name_node *node = ns_name_node(ns->dev);

	ASSERT_RTNL();
	strscpy(ns->name, ns->dev->name, sizeof(ns->name));
	if (node && node->dev == ns->dev && node->name == ns->dev->name)
		WRITE_ONCE(node->name, ns->name);
}

/**
 * ns_name_settle() - the name is in the object again
 * @ns: shadow whose driver will not write it any more
 *
 * Context: RTNL.
 */
void ns_name_settle(struct net_shadow *ns)
{
	struct ns_name_node *node = ns_name_node(ns->dev);

	ASSERT_RTNL();
	if (!node || node->name != ns->name)
		return;
	ns_name_restore(ns);
	WRITE_ONCE(node->name, ns->dev->name);
}

/**
 * ns_name_restore() - undo what a driver wrote into the name
 * @ns: shadow under RTNL
 */
void ns_name_restore(struct net_shadow *ns)
{
	if (ns->name[0] && strcmp(ns->dev->name, ns->name))
		strscpy(ns->dev->name, ns->name, sizeof(ns->dev->name));
}

/**
 * ns_name_mend() - undo a pattern that a driver wrote into the name
 * @ns: shadow that was handed out
 *
 * Unlike a name, a pattern is never a user's: renaming need not be held off.
 *
 * Context: Any.
 */
void ns_name_mend(struct net_shadow *ns)
{
	if (strnchr(ns->dev->name, sizeof(ns->dev->name), '%'))
		ns_name_restore(ns);
}

/*
 * Users' requests are checked against the limits before they reach us: keep
 * them wide enough, and off by one to see whether the driver has set them.
 */
static void limits_mark(struct net_shadow *ns)
{
	const struct net_device *was = ns->txn->kern;

	ns->dev->min_mtu = was->min_mtu ? was->min_mtu - 1 : 1;
	ns->dev->max_mtu = was->max_mtu + 1;
}

static void limits_settle(struct net_shadow *ns)
{
	const struct net_device *was = ns->txn->kern;
	const struct net_device *fresh = ns->txn->fresh;

	if (ns->dev->min_mtu == (was->min_mtu ? was->min_mtu - 1 : 1))
		ns->dev->min_mtu = fresh->min_mtu;
	if (ns->dev->max_mtu == was->max_mtu + 1)
		ns->dev->max_mtu = fresh->max_mtu;
}

/* The object as alloc_netdev_mqs() would hand it out. */
static void object_reset(struct net_shadow *ns, const struct net_device *fresh)
{
	struct net_device *dev = ns->dev;

	fields_copy(driver_values, dev, fresh);
	fields_copy(driver_pointers, dev, fresh);
	limits_mark(ns);
	ns_copy_driver_bits(dev, fresh);
	priv_flags_copy(dev, fresh);
	dev->sysfs_groups[0] = NULL;
	memset(netdev_priv(dev), 0, ns->priv_size);
	memset(ns->drv_addr, 0, sizeof(ns->drv_addr));
	ns->drv_ops = NULL;
	ns->drv_eops = NULL;
	ns_queues_reset(ns);
	ns_carrier_fresh(ns);
}

static int setup_other(struct net_shadow *ns, int priv_size,
		       void (*setup)(struct net_device *dev))
{
	struct net_device *fresh;
	int err = 0;

	fresh = alloc_netdev_mqs(priv_size, "lu%d", NET_NAME_UNKNOWN, setup,
				 1, 1);
	if (!fresh)
		return -ENOMEM;
	if (fresh->type != ns->dev->type) {
		lu_mismatch(ns_lu_txn(ns), "%s: link type %u -> %u", ns->name,
			    ns->dev->type, fresh->type);
		err = -EOPNOTSUPP;
	} else if (priv_size && memchr_inv(netdev_priv(fresh), 0, priv_size)) {
		/* Lists and locks in there would point into the template. */
		lu_mismatch(ns_lu_txn(ns),
			    "%s: setup function fills the private area",
			    ns->name);
		err = -EOPNOTSUPP;
	} else {
		object_reset(ns, fresh);
	}
	free_netdev(fresh);
	return err;
}

/* A live object cannot grow; fewer queues are the verdict's business. */
static bool object_fits(struct net_shadow *ns, int priv_size,
			unsigned int txqs, unsigned int rxqs)
{
	struct net_device *dev = ns->dev;
	struct lu_txn *lu = ns_lu_txn(ns);
	bool tell = !lu_txn_rolling_back(lu);

	if (txqs != dev->num_tx_queues && tell)
		lu_mismatch(lu, "%s: tx queues %u -> %u", ns->name,
			    dev->num_tx_queues, txqs);
	if (rxqs != dev->num_rx_queues && tell)
		lu_mismatch(lu, "%s: rx queues %u -> %u", ns->name,
			    dev->num_rx_queues, rxqs);
	if (priv_size > ns->priv_size)
		lu_mismatch(lu, "%s: private area %d > %u bytes", ns->name,
			    priv_size, ns->priv_size);
	return txqs <= dev->num_tx_queues && rxqs <= dev->num_rx_queues &&
	       priv_size <= (int)ns->priv_size;
}

/**
 * ns_hand_out() - what an incoming driver gets as its new net_device
 * @ns: shadow of the kept one
 * @priv_size: size of the private area that it asks for
 * @setup: its setup function
 * @txqs: number of transmit queues that it asks for
 * @rxqs: number of receive queues that it asks for
 *
 * Context: Process context, probe of the device.
 * Return: the kept net_device, or NULL if it does not fit.
 */
struct net_device *ns_hand_out(struct net_shadow *ns, int priv_size,
			       void (*setup)(struct net_device *dev),
			       unsigned int txqs, unsigned int rxqs)
{
	int err = 0;

	if (!txqs || !rxqs || priv_size < 0 || !ns_lu_txn(ns))
		return NULL;
	if (!object_fits(ns, priv_size, txqs, rxqs))
		return NULL;
	/* No request of users finds an object that is half reset. */
	ns_bolt_close(ns);
	if (!ns->handed)
		fields_copy(kernel_fields, ns->txn->kern, ns->dev);
	if (setup == ether_setup)
		object_reset(ns, ns->txn->fresh);
	else
		err = setup_other(ns, priv_size, setup);
	if (!err) {
		ns->txn->want_tx = txqs;
		ns->txn->want_rx = rxqs;
		ns->adopted = false;
		ns->drv_init = false;
		ns->drv_open = false;
		WRITE_ONCE(ns->handed, true);
	} else {
		ns_bolt_open(ns);
	}
	return err ? NULL : ns->dev;
}

/* What register_netdevice() makes of the features that a driver offers. */
static void core_features(struct net_device *dev)
{
	dev->hw_features |= NETIF_F_SOFT_FEATURES | NETIF_F_SOFT_FEATURES_OFF;
	dev->features |= NETIF_F_SOFT_FEATURES;
	if (dev->udp_tunnel_nic_info) {
		dev->features |= NETIF_F_RX_UDP_TUNNEL_PORT;
		dev->hw_features |= NETIF_F_RX_UDP_TUNNEL_PORT;
	}
	if (!(dev->flags & IFF_LOOPBACK))
		dev->hw_features |= NETIF_F_NOCACHE_COPY;
	if (dev->hw_features & NETIF_F_TSO)
		dev->hw_features |= NETIF_F_TSO_MANGLEID;
	if (dev->vlan_features & NETIF_F_TSO)
		dev->vlan_features |= NETIF_F_TSO_MANGLEID;
	if (dev->mpls_features & NETIF_F_TSO)
		dev->mpls_features |= NETIF_F_TSO_MANGLEID;
	if (dev->hw_enc_features & NETIF_F_TSO)
		dev->hw_enc_features |= NETIF_F_TSO_MANGLEID;
	ns_core_features(dev);
	dev->vlan_features |= NETIF_F_HIGHDMA;
	dev->hw_enc_features |= NETIF_F_SG | NETIF_F_GSO_PARTIAL;
	dev->mpls_features |= NETIF_F_SG;
}

/*
 * Flags that the kernel counts or derives follow their source, since users may
 * have changed them while the driver was away; the others are as they were.
 */
static unsigned int flags_in_force(const struct net_shadow *ns)
{
	const struct net_device *dev = ns->dev;
	unsigned int flags = dev->flags & ~(IFF_UP | IFF_PROMISC | IFF_ALLMULTI);

	if (netif_running(dev))
		flags |= IFF_UP;
	if (dev->promiscuity)
		flags |= IFF_PROMISC;
	if (dev->allmulti)
		flags |= IFF_ALLMULTI;
	return flags;
}

/* sysfs_groups[] of a registered device: the driver's first, then the core's */
static void groups_settle(struct net_shadow *ns)
{
	struct net_device *dev = ns->dev;
	const struct attribute_group *mine = dev->sysfs_groups[0];
	const struct attribute_group **was = ns->txn->kern->sysfs_groups;
	size_t from = ns->group && was[0] == ns->group ? 1 : 0, to = 0;

	memset(dev->sysfs_groups, 0, sizeof(dev->sysfs_groups));
	if (mine)
		dev->sysfs_groups[to++] = mine;
	while (from < ARRAY_SIZE(dev->sysfs_groups) - 1 && was[from] &&
	       to < ARRAY_SIZE(dev->sysfs_groups) - 1)
		dev->sysfs_groups[to++] = was[from++];
	memcpy(ns->txn->kern->sysfs_groups, dev->sysfs_groups,
	       sizeof(dev->sysfs_groups));
	ns->group = mine;
	ns->rx_group = dev->sysfs_rx_queue_group;
}

/* Put back what is the kernel's or the user's. */
static void kernel_fields_settle(struct net_shadow *ns)
{
	struct net_device *dev = ns->dev;
	struct ns_txn *t = ns->txn;

	/* A driver that knows better than 1500 has told so by now. */
	t->mtu_fresh = dev->mtu != t->kern->mtu ? dev->mtu : t->fresh->mtu;
	groups_settle(ns);
	fields_copy(kernel_fields, dev, t->kern);
	dev->gso_max_size = min(dev->gso_max_size, dev->tso_max_size);
	dev->gso_max_segs = min(dev->gso_max_segs, dev->tso_max_segs);
	dev->flags = flags_in_force(ns);
	limits_settle(ns);
	ns_name_restore(ns);
	ns_name_settle(ns);
}

/*
 * Tables of the incoming driver; the kernel goes on seeing ours. The guard may
 * have taken them already.
 */
static int tables_take(struct net_shadow *ns)
{
	static const struct ethtool_ops none;
	struct net_device *dev = ns->dev;

	if (dev->netdev_ops != &ns->ops)
		ns->drv_ops = dev->netdev_ops;
	if (!ns->drv_ops)
		return -EINVAL;
	if (dev->ethtool_ops && dev->ethtool_ops != &ns->eops)
		ns->drv_eops = dev->ethtool_ops;
	if (!ns->drv_eops)
		ns->drv_eops = &none;
	ns_ops_update(ns);
	ns_eops_update(ns);
	WRITE_ONCE(dev->netdev_ops, &ns->ops);
	WRITE_ONCE(dev->ethtool_ops, &ns->eops);
	return 0;
}

/**
 * ns_adopt() - an incoming driver registers the object that it was handed
 * @ns: its shadow
 *
 * Context: RTNL.
 * Return: 0, or what the driver's ndo_init says.
 */
int ns_adopt(struct net_shadow *ns)
{
	struct net_device *dev = ns->dev;
	int err;

	ASSERT_RTNL();
	if (!ns->handed || ns->adopted)
		return -EEXIST;
	err = tables_take(ns);
	if (err)
		return err;
	if (ns->drv_ops->ndo_init) {
		err = ns->drv_ops->ndo_init(dev);
		if (err)
			return err > 0 ? -EIO : err;
	}
	ns->drv_init = true;
	core_features(dev);
	ns->txn->drv_features = dev->features;
	dev->features = ns->txn->features;
	kernel_fields_settle(ns);
	ns->adopted = true;
	ns->txn->readopted = true;
	lu_device_adopted(ns->ldev);
	return 0;
}

/**
 * ns_conceal_unregister() - a driver unregisters an object that is kept
 * @ns: its shadow
 *
 * A driver that was opened by the replay and has to go again has not been
 * quiesced: it is stopped here, as unregister_netdevice() would do.
 *
 * Context: RTNL.
 */
void ns_conceal_unregister(struct net_shadow *ns)
{
	ASSERT_RTNL();
	if (!ns->adopted)
		return;
	if (ns->mode == NS_GATED)
		ns_reactivate(ns);
	else
		ns_driver_stop(ns);
	ns_xdp_detach(ns);
	ns_groups_remove(ns);
	if (ns->drv_init && ns->drv_ops->ndo_uninit)
		ns->drv_ops->ndo_uninit(ns->dev);
	ns->drv_init = false;
	ns->adopted = false;
	/* With what users have changed since quiesce. */
	fields_copy(kernel_fields, ns->txn->kern, ns->dev);
	ns_name_save(ns);
}

/* With no driver, users see the object as the outgoing one left it. */
static void object_restore(struct net_shadow *ns)
{
	struct net_device *dev = ns->dev;
	struct ns_txn *t = ns->txn;

	fields_copy(driver_values, dev, t->kern);
	dev->features = t->features;
	dev->min_mtu = t->kern->min_mtu;
	dev->max_mtu = t->kern->max_mtu;
	priv_flags_copy(dev, t->kern);
	fields_copy(kernel_fields, dev, t->kern);
	dev->flags = flags_in_force(ns);
	ns_name_restore(ns);
}

static void addresses_unsync(struct net_device *dev)
{
	netif_addr_lock_bh(dev);
	__dev_uc_unsync(dev, NULL);
	__dev_mc_unsync(dev, NULL);
	netif_addr_unlock_bh(dev);
}

/**
 * ns_conceal_free() - a driver frees an object that is kept
 * @ns: its shadow
 *
 * What free_netdev() owes for a driver is done; the object stays.
 *
 * Context: Process context.
 */
void ns_conceal_free(struct net_shadow *ns)
{
	struct net_device *dev = ns->dev;
	struct napi_struct *napi, *tmp;

	ns_bolt_open(ns);
	if (!ns->handed)
		return;
	list_for_each_entry_safe(napi, tmp, &dev->napi_list, dev_list)
		netif_napi_del(napi);
	ns_forget_queue_napi(dev);
	addresses_unsync(dev);
	WRITE_ONCE(dev->netdev_ops, &ns->ops);
	WRITE_ONCE(dev->ethtool_ops, &ns->eops);
	object_restore(ns);
	ns->drv_init = false;
	ns->drv_open = false;
	ns->adopted = false;
	WRITE_ONCE(ns->handed, false);
}

static void rx_groups(struct net_shadow *ns, bool create)
{
	unsigned int i;

	if (!ns->rx_group)
		return;
	for (i = 0; i < ns->dev->real_num_rx_queues; i++) {
		struct kobject *kobj = &ns->dev->_rx[i].kobj;

		if (!create)
			sysfs_remove_group(kobj, ns->rx_group);
		else if (sysfs_create_group(kobj, ns->rx_group))
			netdev_warn(ns->dev, "no driver attributes for %s\n",
				    kobject_name(kobj));
	}
}

/**
 * ns_groups_remove() - take the outgoing driver's attributes out of sysfs
 * @ns: its shadow
 *
 * Context: RTNL.
 */
void ns_groups_remove(struct net_shadow *ns)
{
	if (!ns->groups_present)
		return;
	ns->groups_present = false;
	if (ns->group)
		sysfs_remove_group(&ns->dev->dev.kobj, ns->group);
	rx_groups(ns, false);
	ns->dev->sysfs_rx_queue_group = NULL;
}

/**
 * ns_groups_create() - put the driver's attributes into sysfs
 * @ns: its shadow
 *
 * Context: RTNL.
 */
void ns_groups_create(struct net_shadow *ns)
{
	if (ns->groups_present)
		return;
	ns->groups_present = true;
	if (ns->group && sysfs_create_group(&ns->dev->dev.kobj, ns->group))
		netdev_warn(ns->dev, "no driver attributes\n");
	ns->dev->sysfs_rx_queue_group = ns->rx_group;
	rx_groups(ns, true);
}
