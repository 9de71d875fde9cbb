// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Bus drivers of managed modules
 *
 * A tap on each bus's registration function learns which bus driver a module
 * brings and puts our probe and remove in front of its own. They tell the
 * tracker which devices a set drives, and every tap that is called in between
 * for which device.
 */
#include <linux/device.h>
#include <linux/slab.h>

#include "../internal.h"

static LIST_HEAD(lu_bus_drivers);	/* under lu_lock */

/**
 * lu_bus_add() - a module registers a bus driver
 * @bus: the bus
 * @busdrv: the bus's driver structure
 * @drv: the driver core's part of it
 * @owner: module that registers it
 * @probe: its own probe
 * @remove: its own remove
 *
 * Context: Process context, in a tap.
 * Return: the record, or NULL if the module is not ours or without memory.
 */
struct lu_bus_driver *lu_bus_add(const struct lu_bus *bus, void *busdrv,
				 struct device_driver *drv, struct module *owner,
				 void *probe, void *remove)
{
	struct lu_module *m = lu_module_of(owner);
	struct lu_bus_driver *b;
	unsigned long flags;

	if (!m)
		m = lu_module_of_address((unsigned long)drv);
	if (!m || !m->gen)	/* a module without exit has no generation */
		return NULL;
	b = kzalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return NULL;
	b->gen = m->gen;
	b->drv = drv;
	b->bus = bus;
	b->busdrv = busdrv;
	b->probe = probe;
	b->remove = remove;
	raw_spin_lock_irqsave(&lu_lock, flags);
	list_add_tail(&b->node, &lu_bus_drivers);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return b;
}

struct lu_bus_driver *lu_bus_find(const struct device_driver *drv)
{
	struct lu_bus_driver *b, *found = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry(b, &lu_bus_drivers, node)
		if (b->drv == drv) {
			found = b;
			break;
		}
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return found;
}

void lu_bus_del(struct lu_bus_driver *b)
{
	unsigned long flags;

	if (!b)
		return;
	raw_spin_lock_irqsave(&lu_lock, flags);
	list_del(&b->node);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	kfree(b);
}

/**
 * lu_bus_unregister_all() - unregister what a generation left registered
 * @gen: generation whose exit was skipped or forgot it
 *
 * Return: number of bus drivers unregistered.
 */
unsigned int lu_bus_unregister_all(struct lu_generation *gen)
{
	struct lu_bus_driver *b, *found;
	unsigned long flags;
	unsigned int n = 0;

	for (;;) {
		found = NULL;
		raw_spin_lock_irqsave(&lu_lock, flags);
		list_for_each_entry(b, &lu_bus_drivers, node)
			if (b->gen == gen)
				found = b;
		raw_spin_unlock_irqrestore(&lu_lock, flags);
		if (!found)
			return n;
		found->bus->unregister(found);
		lu_bus_del(found);
		n++;
	}
}

static const struct lu_bus *lu_bus_of(const struct lu_device *ldev)
{
	const struct lu_bus *bus = NULL;
	struct lu_bus_driver *b;
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry(b, &lu_bus_drivers, node)
		if (b->drv->bus == ldev->dev->bus)
			bus = b->bus;
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return bus;
}

/**
 * lu_bus_keep() - a device loses its driver and is to get another one at once
 * @ldev: the device
 * @begin: it is about to lose it; otherwise, it has lost it
 *
 * What takes a bus long to give up and to get again stays. So it does after a
 * probe that crashed, until the next driver comes.
 *
 * Context: Process context.
 */
void lu_bus_keep(struct lu_device *ldev, bool begin)
{
	const struct lu_bus *bus = lu_bus_of(ldev);

	if (!bus || !bus->keep)
		return;
	device_lock(ldev->dev);
	bus->keep(ldev, begin);
	device_unlock(ldev->dev);
}

/**
 * lu_bus_tidy() - undo what a failed probe left in a device
 * @ldev: device that is about to get a driver again
 *
 * On some buses a driver whose probe fails leaves the device as it is, and the
 * next one does not get far with it.
 *
 * Context: Process context.
 */
void lu_bus_tidy(struct lu_device *ldev)
{
	const struct lu_bus *bus = lu_bus_of(ldev);

	if (!bus || !bus->tidy || !ldev->untidy)
		return;
	device_lock(ldev->dev);
	/* One that was unplugged has no hardware to be asked. */
	if (!ldev->dev->driver && device_is_registered(ldev->dev))
		bus->tidy(ldev->dev);
	device_unlock(ldev->dev);
	ldev->untidy = false;
}

/*
 * During a transaction the core itself puts the incoming driver on each device
 * that the outgoing one had, all at once, and not while the driver registers.
 * A device that an operator had taken the driver off stays without.
 */
static bool lu_may_probe(struct lu_set *set, const struct lu_device *ldev)
{
	if (!lu_set_active(set))
		return true;
	return ldev->in_txn ? ldev->attaching : !ldev->unbound;
}

/* A driver core's call of a driver's method, to be guarded. */
struct lu_bus_call {
	struct lu_bus_driver *b;
	int (*probe)(struct lu_bus_driver *b, void *arg);
	void (*remove)(struct lu_bus_driver *b, void *arg);
	void *arg;
};

static int lu_bus_do_call(void *data)
{
	struct lu_bus_call *c = data;

	if (c->probe)
		return c->probe(c->b, c->arg);
	c->remove(c->b, c->arg);
	return 0;
}

static int lu_bus_call(struct lu_bus_call *c, struct lu_device *ldev)
{
	struct lu_context ctx;
	int err;

	lu_context_enter(&ctx, c->b->gen, ldev);
	if (lu_set_active(c->b->gen->set))
		err = lu_guard_call(c->b->gen, lu_bus_do_call, c);
	else
		err = lu_bus_do_call(c);
	lu_context_leave(&ctx);
	return err;
}

/*
 * Of a driver that crashed, or whose remove was left out, what it has from its
 * bus is still there, and would be in the way of the next one. This comes before
 * its mappings are released on its behalf: some of them are the bus's own.
 */
static void lu_bus_reclaim(const struct lu_bus_driver *b, struct device *dev)
{
	if (b->bus->reclaim && lu_set_active(b->gen->set) && device_is_registered(dev))
		b->bus->reclaim(dev);
}

/**
 * lu_bus_probe() - a driver core's probe of a managed driver
 * @dev: the device
 * @call: calls the driver's own probe
 * @arg: for @call
 *
 * Context: Process context; device lock held.
 * Return: what the driver returned, or -ENODEV.
 */
int lu_bus_probe(struct device *dev, int (*call)(struct lu_bus_driver *b, void *arg),
		 void *arg)
{
	struct lu_bus_driver *b = lu_bus_find(dev->driver);
	struct lu_bus_call c = { .b = b, .probe = call, .arg = arg };
	struct lu_device *ldev;
	int err;

	if (WARN_ON_ONCE(!b))
		return -ENODEV;
	ldev = lu_device_get(b->gen->set, dev);
	if (!ldev)
		return -ENOMEM;
	if (!lu_may_probe(b->gen->set, ldev))
		return -ENODEV;
	err = lu_bus_call(&c, ldev);
	ldev->probed = true;
	ldev->unbound = false;
	ldev->probe_err = err < 0 ? err : 0;
	ldev->bound = err >= 0;
	ldev->untidy = err < 0;
	/* It crashed, and its interrupts are released on its behalf later. */
	if (err == -EFAULT && b->bus->keep && lu_set_active(b->gen->set))
		b->bus->keep(ldev, true);
	if (err < 0) {
		lu_bus_reclaim(b, dev);
		lu_errands_drop(ldev);
	}
	if (lu_set_active(b->gen->set))
		lu_timeline(b->gen->set, "probe %s: %d", dev_name(dev), err);
	return err;
}

static int lu_bus_is(struct device *dev, void *wanted)
{
	return dev == wanted;
}

/* A device that is unplugged is off its bus's list before its driver is told. */
static bool lu_bus_has(struct device *dev)
{
	return bus_for_each_dev(dev->bus, NULL, dev, lu_bus_is);
}

/**
 * lu_bus_remove() - a driver core's remove of a managed driver
 * @dev: the device
 * @call: calls the driver's own remove
 * @arg: for @call
 *
 * Context: Process context; device lock held.
 */
void lu_bus_remove(struct device *dev, void (*call)(struct lu_bus_driver *b, void *arg),
		   void *arg)
{
	struct lu_bus_driver *b = lu_bus_find(dev->driver);
	struct lu_bus_call c = { .b = b, .remove = call, .arg = arg };
	struct lu_device *ldev;

	if (WARN_ON_ONCE(!b))
		return;
	ldev = lu_device_find(b->gen->set, dev);
	if (ldev && !ldev->releasing && !ldev->resigning) {
		ldev->unbound = true;	/* by hand, or unplugged */
		ldev->lost = ldev->in_txn;
	}
	if (!ldev || !ldev->skip_remove)
		lu_bus_call(&c, ldev);
	if (!ldev)
		return;
	lu_bus_reclaim(b, dev);
	lu_errands_drop(ldev);
	ldev->bound = false;
	if (!lu_bus_has(dev))
		lu_devices_prune(b->gen->set, dev);
}

/*
 * A driver that finds out after its probe that it cannot drive the device takes
 * itself off it: neither was it unplugged nor did an operator have a hand in it.
 */
static void lu_tap_device_release_driver(struct device *dev)
{
	struct lu_bus_driver *b = dev->driver ? lu_bus_find(dev->driver) : NULL;
	struct lu_device *ldev = b ? lu_device_find(b->gen->set, dev) : NULL;

	if (ldev) {
		lu_device_hold(ldev);
		ldev->resigning = true;
	}
	device_release_driver(dev);
	if (ldev) {
		ldev->resigning = false;
		lu_device_put(ldev);
	}
}

static struct lu_tap lu_any_bus_taps[] = {
	LU_TAP(device_release_driver, LU_TAP_OBJECT),
};

static const size_t lu_nr_any_bus_taps = ARRAY_SIZE(lu_any_bus_taps);

static const struct {
	struct lu_tap *taps;
	const size_t *nr;
} lu_bus_taps[] = {
	{ lu_pci_taps, &lu_nr_pci_taps },
	{ lu_virtio_taps, &lu_nr_virtio_taps },
	{ lu_scsi_taps, &lu_nr_scsi_taps },
	{ lu_any_bus_taps, &lu_nr_any_bus_taps },
};

static void lu_bus_taps_del(unsigned int n)
{
	while (n--)
		lu_taps_del(lu_bus_taps[n].taps, *lu_bus_taps[n].nr);
}

int lu_bus_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(lu_bus_taps); i++) {
		err = lu_taps_add(lu_bus_taps[i].taps, *lu_bus_taps[i].nr, THIS_MODULE);
		if (err) {
			lu_bus_taps_del(i);
			return err;
		}
	}
	return 0;
}

void lu_bus_exit(void)
{
	lu_bus_taps_del(ARRAY_SIZE(lu_bus_taps));
}
