// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: life of a net_shadow
 *
 * Born when a managed driver allocates a net_device in the probe of a device
 * of its set, dressed (the kernel sees our tables) just before registration,
 * undressed and dropped when the driver frees the net_device for good. If
 * there is no memory for one, the driver works all the same and only cannot be
 * updated; the core finds its device unclaimed.
 */
#include "net_shadow.h"

#include <linux/hashtable.h>
#include <linux/rculist.h>

static DEFINE_MUTEX(ns_mutex);
static LIST_HEAD(ns_list);
static DEFINE_HASHTABLE(ns_table, 6);
static u64 ns_last_id;

static unsigned int priv_slack = 16384;
module_param(priv_slack, uint, 0644);
MODULE_PARM_DESC(priv_slack,
		 "bytes reserved behind a driver's private area, for a bigger new version");

unsigned int ns_slack(void)
{
	return min(READ_ONCE(priv_slack), 1u << 20);
}

/**
 * ns_find() - the shadow of a net_device
 * @dev: a net_device, tracked or not
 *
 * Context: Any. The shadow lives as long as the driver may use @dev, so a tap
 * called by that driver needs no reference.
 * Return: the shadow or NULL.
 */
struct net_shadow *ns_find(const struct net_device *dev)
{
	struct net_shadow *ns, *found = NULL;

	rcu_read_lock();
	hash_for_each_possible_rcu(ns_table, ns, node, (unsigned long)dev) {
		if (ns->dev == dev) {
			found = ns;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}

static void ns_release(struct kref *ref)
{
	struct net_shadow *ns = container_of(ref, struct net_shadow, ref);

	ns_txn_free(ns);
	ns_estats_free(&ns->ebase);
	lu_device_put(ns->ldev);
	kfree_rcu(ns, rcu);
	module_put(THIS_MODULE);
}

void ns_put(struct net_shadow *ns)
{
	kref_put(&ns->ref, ns_release);
}

static bool ns_in_txn(const struct net_shadow *ns, struct lu_txn *txn)
{
	return lu_txn_has(txn, ns->ldev) && ns->mode != NS_NEW && !ns->gone;
}

/**
 * ns_next() - walk the shadows of a transaction, oldest first
 * @txn: the transaction
 * @prev: where the walk stands; its reference is dropped. NULL begins.
 *
 * The list may change between two steps.
 * Return: the next one, referenced, or NULL.
 */
struct net_shadow *ns_next(struct lu_txn *txn, struct net_shadow *prev)
{
	struct net_shadow *ns, *found = NULL;

	mutex_lock(&ns_mutex);
	list_for_each_entry(ns, &ns_list, list) {
		if (prev && ns->id <= prev->id)
			continue;
		if (ns_in_txn(ns, txn)) {
			kref_get(&ns->ref);
			found = ns;
			break;
		}
	}
	mutex_unlock(&ns_mutex);
	if (prev)
		ns_put(prev);
	return found;
}

/**
 * ns_next_to_hand_out() - the kept object that a probing driver gets
 * @ldev: device that is being probed
 *
 * A driver with several net_devices for one device gets them back in the order
 * in which the first generation allocated them.
 * Return: the shadow or NULL.
 */
struct net_shadow *ns_next_to_hand_out(struct lu_device *ldev)
{
	struct net_shadow *ns, *found = NULL;

	mutex_lock(&ns_mutex);
	list_for_each_entry(ns, &ns_list, list) {
		if (ns->ldev == ldev && ns_impersonates(ns) && !ns->handed) {
			found = ns;
			break;
		}
	}
	mutex_unlock(&ns_mutex);
	return found;
}

/**
 * ns_track() - begin to shadow a net_device
 * @dev: just allocated by a managed driver
 * @ldev: device whose probe allocates it
 * @priv_size: size of its private area, slack included
 */
void ns_track(struct net_device *dev, struct lu_device *ldev,
	      unsigned int priv_size)
{
	struct net_shadow *ns = kzalloc(sizeof(*ns), GFP_KERNEL);

	if (!ns) {
		pr_warn("%s: no memory to shadow it, it cannot be updated\n",
			dev_name(ldev->dev));
		return;
	}
	__module_get(THIS_MODULE);
	kref_init(&ns->ref);
	spin_lock_init(&ns->carrier_lock);
	ns_gate_init(ns);
	ns_bolt_init(ns);
	ns->dev = dev;
	ns->ldev = lu_device_hold(ldev);
	ns->priv_size = priv_size;
	ns->handed = true;

	mutex_lock(&ns_mutex);
	ns->id = ++ns_last_id;
	list_add_tail(&ns->list, &ns_list);
	hash_add_rcu(ns_table, &ns->node, (unsigned long)dev);
	mutex_unlock(&ns_mutex);
}

/**
 * ns_untrack() - end of shadowing; the net_device is about to be freed
 * @ns: shadow that impersonates nobody
 */
void ns_untrack(struct net_shadow *ns)
{
	ns_detach_ops(ns);
	mutex_lock(&ns_mutex);
	list_del(&ns->list);
	hlist_del_init_rcu(&ns->node);
	mutex_unlock(&ns_mutex);
	ns_put(ns);
}

/**
 * ns_usable() - is the net_device of a shadow still there
 * @ns: referenced shadow
 *
 * Context: RTNL, which keeps it there if it is.
 */
bool ns_usable(struct net_shadow *ns)
{
	bool usable;

	ASSERT_RTNL();
	/* It is freed after it is untracked. */
	mutex_lock(&ns_mutex);
	usable = !hlist_unhashed(&ns->node) && !ns->gone &&
		 ns->dev->reg_state == NETREG_REGISTERED;
	mutex_unlock(&ns_mutex);
	return usable;
}

/**
 * ns_attach_ops() - let the kernel see our tables
 * @ns: shadow of a net_device that is about to be registered
 *
 * Return: true if they are in place now.
 */
bool ns_attach_ops(struct net_shadow *ns)
{
	struct net_device *dev = ns->dev;

	/* Freed by the network core, behind our back: leave it alone. */
	if (!dev->netdev_ops || !dev->ethtool_ops || dev->needs_free_netdev)
		return false;
	ns->drv_ops = dev->netdev_ops;
	ns->drv_eops = dev->ethtool_ops;
	ns->group = dev->sysfs_groups[0];
	ns->rx_group = dev->sysfs_rx_queue_group;
	memcpy(ns->drv_addr, dev->dev_addr, dev->addr_len);
	ns_ops_update(ns);
	ns_eops_update(ns);
	dev->netdev_ops = &ns->ops;
	dev->ethtool_ops = &ns->eops;
	return true;
}

/**
 * ns_detach_ops() - let the kernel see the driver's own tables again
 * @ns: shadow of a net_device that nobody uses any more, or does not yet
 */
void ns_detach_ops(struct net_shadow *ns)
{
	static const struct net_device_ops no_ops;
	static const struct ethtool_ops no_eops;
	struct net_device *dev = ns->dev;

	if (ns->mode == NS_NEW && dev->netdev_ops != &ns->ops)
		return;
	if (dev->netdev_ops == &ns->ops)
		dev->netdev_ops = ns->drv_ops ?: &no_ops;
	if (dev->ethtool_ops == &ns->eops)
		dev->ethtool_ops = ns->drv_eops ?: &no_eops;
	ns->mode = NS_NEW;
}

/**
 * ns_registered() - a managed driver's net_device is in service
 * @ns: its shadow, dressed
 */
void ns_registered(struct net_shadow *ns)
{
	ns->adopted = true;
	ns->drv_init = true;
	ns->groups_present = true;
	WRITE_ONCE(ns->mode, NS_PASSIVE);
	lu_device_claim(ns->ldev, &net_lu_shadow);
}
