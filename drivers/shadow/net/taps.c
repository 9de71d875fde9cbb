// SPDX-License-Identifier: GPL-2.0
/*
 * Taps of the network class: what a managed driver's imports are bound to.
 * Each finds the shadow, asks whether an update is under way and either calls
 * the kernel's function or conceals the call. Policy is elsewhere. The network
 * core is never a module, so the originals are called by name.
 */
#include "net_shadow.h"

/* Allocation */

static struct net_device *tap_alloc(int priv, const char *name,
				    unsigned char assign_type,
				    void (*setup)(struct net_device *dev),
				    unsigned int txqs, unsigned int rxqs)
{
	struct lu_device *ldev = lu_current_device();
	struct net_shadow *ns;
	struct net_device *dev;
	unsigned int room;

	if (!ldev)
		return alloc_netdev_mqs(priv, name, assign_type, setup, txqs,
					rxqs);
	ns = ns_next_to_hand_out(ldev);
	if (ns)
		return ns_hand_out(ns, priv, setup, txqs, rxqs);

	room = ALIGN(priv, NETDEV_ALIGN) + ns_slack();
	dev = alloc_netdev_mqs(room, name, assign_type, setup, txqs, rxqs);
	if (dev)
		ns_track(dev, ldev, room);
	return dev;
}

static struct net_device *lu_tap_alloc_etherdev_mqs(int priv,
						    unsigned int txqs,
						    unsigned int rxqs)
{
	return tap_alloc(priv, "eth%d", NET_NAME_ENUM, ether_setup, txqs, rxqs);
}

static struct net_device *
lu_tap_alloc_netdev_mqs(int priv, const char *name, unsigned char assign_type,
			void (*setup)(struct net_device *dev),
			unsigned int txqs, unsigned int rxqs)
{
	return tap_alloc(priv, name, assign_type, setup, txqs, rxqs);
}

static void lu_tap_free_netdev(struct net_device *dev);
static void lu_tap_unregister_netdev(struct net_device *dev);

static void devm_free(void *dev)
{
	lu_tap_free_netdev(dev);
}

static void devm_unregister(void *dev)
{
	lu_tap_unregister_netdev(dev);
}

static struct net_device *
lu_tap_devm_alloc_etherdev_mqs(struct device *parent, int priv,
			       unsigned int txqs, unsigned int rxqs)
{
	struct net_device *dev = lu_tap_alloc_etherdev_mqs(priv, txqs, rxqs);

	if (!dev || devm_add_action_or_reset(parent, devm_free, dev))
		return NULL;
	return dev;
}

static void lu_tap_free_netdev(struct net_device *dev)
{
	struct net_shadow *ns = ns_find(dev);

	if (ns && ns_in_update(ns)) {
		ns_conceal_free(ns);
		return;
	}
	if (ns)
		ns_untrack(ns);
	free_netdev(dev);
}

/* Registration */

static int tap_register(struct net_device *dev,
			int (*orig)(struct net_device *dev))
{
	struct net_shadow *ns = ns_find(dev);
	bool dressed = ns && ns_attach_ops(ns);
	int err = orig(dev);

	if (err && dressed)
		ns_detach_ops(ns);
	else if (dressed)
		ns_registered(ns);
	return err;
}

static int lu_tap_register_netdevice(struct net_device *dev)
{
	struct net_shadow *ns = ns_find(dev);

	if (ns && ns_in_update(ns)) {
		ns_bolt_open(ns);
		ns_name_mend(ns);
		return ns_adopt(ns);
	}
	return tap_register(dev, register_netdevice);
}

static int lu_tap_register_netdev(struct net_device *dev)
{
	struct net_shadow *ns = ns_find(dev);
	int err;

	if (!ns || !ns_in_update(ns))
		return tap_register(dev, register_netdev);
	ns_bolt_open(ns);
	ns_name_mend(ns);
	rtnl_lock();
	err = ns_adopt(ns);
	rtnl_unlock();
	return err;
}

static int lu_tap_devm_register_netdev(struct device *parent,
				       struct net_device *dev)
{
	int err = lu_tap_register_netdev(dev);

	if (err)
		return err;
	return devm_add_action_or_reset(parent, devm_unregister, dev);
}

static void lu_tap_unregister_netdev(struct net_device *dev)
{
	struct net_shadow *ns = ns_find(dev);

	if (ns && ns_in_update(ns)) {
		rtnl_lock();
		ns_conceal_unregister(ns);
		rtnl_unlock();
		return;
	}
	unregister_netdev(dev);
}

static void lu_tap_unregister_netdevice_queue(struct net_device *dev,
					      struct list_head *head)
{
	struct net_shadow *ns = ns_find(dev);

	if (ns && ns_in_update(ns))
		ns_conceal_unregister(ns);
	else
		unregister_netdevice_queue(dev, head);
}

static void lu_tap_unregister_netdevice_many(struct list_head *head)
{
	struct net_device *dev, *tmp;
	struct net_shadow *ns;

	list_for_each_entry_safe(dev, tmp, head, unreg_list) {
		ns = ns_find(dev);
		if (ns && ns_in_update(ns)) {
			list_del_init(&dev->unreg_list);
			ns_conceal_unregister(ns);
		}
	}
	unregister_netdevice_many(head);
}

/* Link state. Any context. */

static void lu_tap_netif_carrier_on(struct net_device *dev)
{
	struct net_shadow *ns = ns_find(dev);

	if (!ns || !ns_in_update(ns) || !ns_carrier_tap(ns, true))
		netif_carrier_on(dev);
}

static void lu_tap_netif_carrier_off(struct net_device *dev)
{
	struct net_shadow *ns = ns_find(dev);

	if (!ns || !ns_in_update(ns) || !ns_carrier_tap(ns, false))
		netif_carrier_off(dev);
}

/*
 * To the driver the device is fresh: it sets its queues without RTNL. What it
 * wants is taken over when the replay is done.
 */
static int tap_real_queues(struct net_shadow *ns, unsigned int txq,
			   unsigned int rxq)
{
	if (txq > ns->dev->num_tx_queues || rxq > ns->dev->num_rx_queues)
		return -EINVAL;
	if (txq)
		ns->txn->want_tx = txq;
	if (rxq)
		ns->txn->want_rx = rxq;
	return 0;
}

static int lu_tap_netif_set_real_num_tx_queues(struct net_device *dev,
					       unsigned int txq)
{
	struct net_shadow *ns = ns_find(dev);

	if (ns && ns_impersonates(ns))
		return txq ? tap_real_queues(ns, txq, 0) : -EINVAL;
	return netif_set_real_num_tx_queues(dev, txq);
}

static int lu_tap_netif_set_real_num_rx_queues(struct net_device *dev,
					       unsigned int rxq)
{
	struct net_shadow *ns = ns_find(dev);

	if (ns && ns_impersonates(ns))
		return rxq ? tap_real_queues(ns, 0, rxq) : -EINVAL;
	return netif_set_real_num_rx_queues(dev, rxq);
}

static int lu_tap_netif_set_real_num_queues(struct net_device *dev,
					    unsigned int txq, unsigned int rxq)
{
	struct net_shadow *ns = ns_find(dev);

	if (ns && ns_impersonates(ns))
		return txq && rxq ? tap_real_queues(ns, txq, rxq) : -EINVAL;
	return netif_set_real_num_queues(dev, txq, rxq);
}

/* The map of CPUs to queues is the user's and outlives the driver. */

static int lu_tap_netif_set_xps_queue(struct net_device *dev,
				      const struct cpumask *mask, u16 index)
{
	struct net_shadow *ns = ns_find(dev);

	if (ns && ns_impersonates(ns))
		return 0;
	return netif_set_xps_queue(dev, mask, index);
}

static int lu_tap___netif_set_xps_queue(struct net_device *dev,
					const unsigned long *mask, u16 index,
					enum xps_map_type type)
{
	struct net_shadow *ns = ns_find(dev);

	if (ns && ns_impersonates(ns))
		return 0;
	return __netif_set_xps_queue(dev, mask, index, type);
}

/* The address in force is the kernel's; note what the driver believes. */
static void lu_tap_dev_addr_mod(struct net_device *dev, unsigned int offset,
				const void *addr, size_t len)
{
	struct net_shadow *ns = ns_find(dev);

	if (ns && offset + len <= sizeof(ns->drv_addr))
		memcpy(ns->drv_addr + offset, addr, len);
	if (!ns || !ns_impersonates(ns))
		dev_addr_mod(dev, offset, addr, len);
}

static void lu_tap_netif_device_detach(struct net_device *dev)
{
	struct net_shadow *ns = ns_find(dev);

	if (!ns || !ns_impersonates(ns))
		netif_device_detach(dev);
}

static void lu_tap_netif_device_attach(struct net_device *dev)
{
	struct net_shadow *ns = ns_find(dev);

	if (!ns || !ns_impersonates(ns))
		netif_device_attach(dev);
}

static void lu_tap_netdev_features_change(struct net_device *dev)
{
	struct net_shadow *ns = ns_find(dev);

	if (!ns || !ns_impersonates(ns))
		netdev_features_change(dev);
}

static void lu_tap_netdev_update_features(struct net_device *dev)
{
	struct net_shadow *ns = ns_find(dev);

	if (!ns || !ns_impersonates(ns))
		netdev_update_features(dev);
}

static void lu_tap_netdev_notify_peers(struct net_device *dev)
{
	struct net_shadow *ns = ns_find(dev);

	if (!ns || !ns_impersonates(ns))
		netdev_notify_peers(dev);
}

static int lu_tap_call_netdevice_notifiers(unsigned long event,
					   struct net_device *dev)
{
	struct net_shadow *ns = ns_find(dev);

	if (ns && ns_impersonates(ns))
		return NOTIFY_DONE;
	return call_netdevice_notifiers(event, dev);
}

static void lu_tap_netdev_state_change(struct net_device *dev)
{
	struct net_shadow *ns = ns_find(dev);

	if (!ns || !ns_impersonates(ns))
		netdev_state_change(dev);
}

#if NS_HAVE_QUEUE_NAPI
static void lu_tap_netif_queue_set_napi(struct net_device *dev,
					unsigned int index,
					enum netdev_queue_type type,
					struct napi_struct *napi)
{
	struct net_shadow *ns = ns_find(dev);

	/* Asserts RTNL for a registered device, which this is not yet. */
	if (ns && ns_impersonates(ns) && !ns->adopted) {
		ns_queue_napi(dev, index, type, napi);
		return;
	}
	netif_queue_set_napi(dev, index, type, napi);
}
#endif

/*
 * Names: drivers copy one of their own into the object before they register
 * it. The kept object has a name, which users look for all the time.
 */

static bool name_is_kept(const char *dst)
{
	const struct net_device *dev = (const void *)dst -
				       offsetof(struct net_device, name);
	struct net_shadow *ns = ns_find(dev);

	return ns && ns_impersonates(ns) && ns->handed && !ns->adopted;
}

static ssize_t lu_tap_strscpy(char *dst, const char *src, size_t n)
{
	if (!name_is_kept(dst))
		return ns_strscpy(dst, src, n);
	return strnlen(src, n) < n ? (ssize_t)strlen(src) : -E2BIG;
}

static char *lu_tap_strncpy(char *dst, const char *src, size_t n)
{
	return name_is_kept(dst) ? dst : strncpy(dst, src, n);
}

static __printf(3, 4) int lu_tap_snprintf(char *dst, size_t n, const char *fmt,
					  ...)
{
	va_list args;
	int len;

	if (name_is_kept(dst)) {
		dst = NULL;
		n = 0;
	}
	va_start(args, fmt);
	len = vsnprintf(dst, n, fmt, args);
	va_end(args);
	return len;
}

struct lu_tap net_taps[] = {
	LU_TAP(alloc_etherdev_mqs, LU_TAP_OBJECT),
	LU_TAP(alloc_netdev_mqs, LU_TAP_OBJECT),
	LU_TAP(devm_alloc_etherdev_mqs, LU_TAP_OBJECT),
	LU_TAP(register_netdev, LU_TAP_OBJECT),
	LU_TAP(register_netdevice, LU_TAP_OBJECT),
	LU_TAP(devm_register_netdev, LU_TAP_OBJECT),
	LU_TAP(unregister_netdev, LU_TAP_CONCEAL),
	LU_TAP(unregister_netdevice_queue, LU_TAP_CONCEAL),
	LU_TAP(unregister_netdevice_many, LU_TAP_CONCEAL),
	LU_TAP(free_netdev, LU_TAP_OBJECT),
	LU_TAP(netif_carrier_on, LU_TAP_CONCEAL),
	LU_TAP(netif_carrier_off, LU_TAP_CONCEAL),
	LU_TAP(netif_set_real_num_tx_queues, LU_TAP_CONFIG),
	LU_TAP(netif_set_real_num_rx_queues, LU_TAP_CONFIG),
	LU_TAP(netif_set_real_num_queues, LU_TAP_CONFIG),
	LU_TAP(netif_set_xps_queue, LU_TAP_CONFIG),
	LU_TAP(__netif_set_xps_queue, LU_TAP_CONFIG),
	LU_TAP(dev_addr_mod, LU_TAP_CONFIG),
	LU_TAP(netif_device_detach, LU_TAP_CONCEAL),
	LU_TAP(netif_device_attach, LU_TAP_CONCEAL),
	LU_TAP(netdev_features_change, LU_TAP_CONCEAL),
	LU_TAP(netdev_update_features, LU_TAP_CONFIG),
	LU_TAP(netdev_notify_peers, LU_TAP_CONCEAL),
	LU_TAP(call_netdevice_notifiers, LU_TAP_CONCEAL),
	LU_TAP(netdev_state_change, LU_TAP_CONCEAL),
#if NS_HAVE_QUEUE_NAPI
	LU_TAP(netif_queue_set_napi, LU_TAP_CONFIG),
#endif
	LU_TAP_AS(NS_STRSCPY, lu_tap_strscpy, LU_TAP_CONCEAL),
	LU_TAP(strncpy, LU_TAP_CONCEAL),
	LU_TAP(snprintf, LU_TAP_CONCEAL),
};

size_t net_nr_taps(void)
{
	return ARRAY_SIZE(net_taps);
}
