// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: a device vanishes while it is being updated
 *
 * Its driver's remove, if there is a driver, hits the taps and is concealed,
 * so the network core learns of nothing. When the bus reports that the device
 * is off it, the net_device really goes: users see it leave as they would have
 * without us. Its parent's directory in sysfs exists until we return.
 */
#include "net_shadow.h"

#include <linux/device/bus.h>

/* Not in the notifier: it cannot take itself off the chain. */
static void unplug_drop(struct work_struct *work)
{
	struct net_shadow *ns = container_of(work, struct net_shadow, drop);

	bus_unregister_notifier(ns->ldev->dev->bus, &ns->unplug);
	ns_guard_end(ns);
	ns_put(ns);
}

static void unplug_bury(struct net_shadow *ns)
{
	struct net_device *dev = ns->dev;

	netdev_warn(dev, "device vanished during its update\n");
	kref_get(&ns->ref);
	ns_conceal_free(ns);
	rtnl_lock();
	ns_name_settle(ns);
	WRITE_ONCE(ns->gone, true);
	rtnl_unlock();
	WRITE_ONCE(ns->gate_closed, false);
	cancel_delayed_work_sync(&ns->keepalive);
	unregister_netdev(dev);
	ns_untrack(ns);
	free_netdev(dev);
	schedule_work(&ns->drop);
}

static int unplug_notify(struct notifier_block *nb, unsigned long event,
			 void *data)
{
	struct net_shadow *ns = container_of(nb, struct net_shadow, unplug);

	if (event == BUS_NOTIFY_REMOVED_DEVICE && data == ns->ldev->dev &&
	    ns_in_update(ns) && !ns->gone)
		unplug_bury(ns);
	return NOTIFY_DONE;
}

/**
 * ns_unplug_begin() - notice when the device leaves its bus
 * @ns: shadow of a transaction
 */
void ns_unplug_begin(struct net_shadow *ns)
{
	if (ns->unplug.notifier_call || !ns->ldev->dev->bus)
		return;
	INIT_WORK(&ns->drop, unplug_drop);
	ns->unplug.notifier_call = unplug_notify;
	if (bus_register_notifier(ns->ldev->dev->bus, &ns->unplug))
		ns->unplug.notifier_call = NULL;
}

/**
 * ns_unplug_end() - a vanishing device is its driver's business again
 * @ns: shadow of a transaction
 */
void ns_unplug_end(struct net_shadow *ns)
{
	if (!ns->unplug.notifier_call)
		return;
	bus_unregister_notifier(ns->ldev->dev->bus, &ns->unplug);
	ns->unplug.notifier_call = NULL;
}
