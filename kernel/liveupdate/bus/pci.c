// SPDX-License-Identifier: GPL-2.0
/*
 * PCI drivers of managed modules.
 *
 * A driver may serve a device that its table does not name, by an id that was
 * written to new_id. The PCI core forgets such ids when the driver unregisters;
 * an incoming driver, or the old one on its way back, gets them again.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/pci.h>
#include <linux/slab.h>

#include "../internal.h"

static int lu_tap___pci_register_driver(struct pci_driver *drv, struct module *owner,
					const char *mod_name);
static void lu_tap_pci_unregister_driver(struct pci_driver *drv);

struct lu_tap lu_pci_taps[] = {
	LU_TAP(__pci_register_driver, LU_TAP_OBJECT),
	LU_TAP(pci_unregister_driver, LU_TAP_OBJECT),
};

const size_t lu_nr_pci_taps = ARRAY_SIZE(lu_pci_taps);

struct lu_pci_probe_args {
	struct pci_dev *pdev;
	const struct pci_device_id *id;
};

static int lu_pci_call_probe(struct lu_bus_driver *b, void *arg)
{
	int (*probe)(struct pci_dev *pdev, const struct pci_device_id *id) = b->probe;
	struct lu_pci_probe_args *args = arg;

	return probe(args->pdev, args->id);
}

/* An id that was written to new_id, and that a device of @set was bound by. */
struct lu_pci_dynid {
	struct list_head node;
	const struct lu_set *set;
	struct pci_device_id id;
};

static DEFINE_MUTEX(lu_pci_dynids_mutex);
static LIST_HEAD(lu_pci_dynids);

static bool lu_pci_same_id(const struct pci_device_id *a, const struct pci_device_id *b)
{
	return a->vendor == b->vendor && a->device == b->device &&
	       a->subvendor == b->subvendor && a->subdevice == b->subdevice &&
	       a->class == b->class && a->class_mask == b->class_mask;
}

static void lu_pci_keep_dynid(const struct lu_set *set, const struct pci_device_id *id)
{
	struct lu_pci_dynid *d;

	mutex_lock(&lu_pci_dynids_mutex);
	list_for_each_entry(d, &lu_pci_dynids, node)
		if (d->set == set && lu_pci_same_id(&d->id, id))
			goto unlock;
	d = kzalloc(sizeof(*d), GFP_KERNEL);
	if (!d)
		goto unlock;	/* the update will find that the device has no driver */
	d->set = set;
	d->id = *id;
	list_add_tail(&d->node, &lu_pci_dynids);
unlock:
	mutex_unlock(&lu_pci_dynids_mutex);
}

static void lu_pci_forget_dynids(const struct lu_set *set)
{
	struct lu_pci_dynid *d, *n;

	mutex_lock(&lu_pci_dynids_mutex);
	list_for_each_entry_safe(d, n, &lu_pci_dynids, node)
		if (d->set == set) {
			list_del(&d->node);
			kfree(d);
		}
	mutex_unlock(&lu_pci_dynids_mutex);
}

static bool lu_pci_nth_dynid(const struct lu_set *set, unsigned int n, struct pci_device_id *id)
{
	struct lu_pci_dynid *d;
	bool found = false;

	mutex_lock(&lu_pci_dynids_mutex);
	list_for_each_entry(d, &lu_pci_dynids, node)
		if (d->set == set && !n--) {
			*id = d->id;
			found = true;
			break;
		}
	mutex_unlock(&lu_pci_dynids_mutex);
	return found;
}

/*
 * The devices do not get the driver here: in a transaction the core puts it on
 * them. Their locks are taken nevertheless, so ours is not held meanwhile.
 */
static void lu_pci_add_dynids(const struct lu_set *set, struct pci_driver *drv)
{
	struct pci_device_id id;
	unsigned int n;
	int err;

	for (n = 0; lu_pci_nth_dynid(set, n, &id); n++) {
		err = pci_add_dynid(drv, id.vendor, id.device, id.subvendor, id.subdevice,
				    id.class, id.class_mask, id.driver_data);
		if (err)
			pr_warn("%s: new_id %04x %04x: %d\n", drv->name, id.vendor, id.device,
				err);
	}
}

static int lu_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct lu_pci_probe_args args = { .pdev = pdev, .id = id };
	struct pci_driver *drv = to_pci_driver(pdev->dev.driver);
	struct lu_bus_driver *b = lu_bus_find(&drv->driver);
	int err = lu_bus_probe(&pdev->dev, lu_pci_call_probe, &args);

	/* By driver_override the PCI core passes an id that fits everything. */
	if (!err && b && !lu_set_active(b->gen->set) && id->vendor != PCI_ANY_ID &&
	    !pci_match_id(drv->id_table, pdev))
		lu_pci_keep_dynid(b->gen->set, id);
	return err;
}

static void lu_pci_call_remove(struct lu_bus_driver *b, void *arg)
{
	void (*remove)(struct pci_dev *pdev) = b->remove;

	if (remove)
		remove(arg);
}

static void lu_pci_remove(struct pci_dev *pdev)
{
	lu_bus_remove(&pdev->dev, lu_pci_call_remove, pdev);
}

/*
 * A driver that goes disables its device, and the one that comes enables it. For
 * each, firmware is asked how the interrupt is routed, which may be a program
 * that runs for tens of milliseconds. A route that is not the bus's to manage is
 * left alone, and one that it has got is not asked for again. Without a route, an
 * interrupt that a driver has requested would go while it has it.
 */
static void lu_pci_keep(struct lu_device *ldev, bool begin)
{
	struct pci_dev *pdev = to_pci_dev(ldev->dev);

	if (begin) {
		ldev->routed = pdev->irq_managed;
		pdev->irq_managed = 0;
	} else if (ldev->routed) {
		pdev->irq_managed = 1;
		ldev->routed = false;
	}
}

static void lu_pci_unregister(struct lu_bus_driver *b)
{
	pci_unregister_driver(b->busdrv);
}

static const struct lu_bus lu_pci_bus = {
	.name = "pci",
	.unregister = lu_pci_unregister,
	.keep = lu_pci_keep,
};

static int lu_tap___pci_register_driver(struct pci_driver *drv, struct module *owner,
					const char *mod_name)
{
	struct lu_bus_driver *b;
	int err;

	b = lu_bus_add(&lu_pci_bus, drv, &drv->driver, owner, drv->probe, drv->remove);
	if (!b)
		return __pci_register_driver(drv, owner, mod_name);
	drv->probe = lu_pci_probe;
	drv->remove = lu_pci_remove;
	err = __pci_register_driver(drv, owner, mod_name);
	if (err) {
		drv->probe = b->probe;
		drv->remove = b->remove;
		lu_bus_del(b);
	} else if (lu_set_active(b->gen->set)) {
		lu_pci_add_dynids(b->gen->set, drv);
	}
	return err;
}

static void lu_tap_pci_unregister_driver(struct pci_driver *drv)
{
	struct lu_bus_driver *b = lu_bus_find(&drv->driver);

	if (!b && lu_module_of_address((unsigned long)drv))
		return;		/* was unregistered on the driver's behalf */
	pci_unregister_driver(drv);
	if (!b)
		return;
	drv->probe = b->probe;
	drv->remove = b->remove;
	if (!lu_set_active(b->gen->set))
		lu_pci_forget_dynids(b->gen->set);
	lu_bus_del(b);
}
