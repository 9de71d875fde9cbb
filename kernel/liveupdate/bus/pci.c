// SPDX-License-Identifier: GPL-2.0
/* PCI drivers of managed modules. */
#include <linux/pci.h>

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

static int lu_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct lu_pci_probe_args args = { .pdev = pdev, .id = id };

	return lu_bus_probe(&pdev->dev, lu_pci_call_probe, &args);
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

static void lu_pci_unregister(struct lu_bus_driver *b)
{
	pci_unregister_driver(b->busdrv);
}

static const struct lu_bus lu_pci_bus = {
	.name = "pci",
	.unregister = lu_pci_unregister,
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
	lu_bus_del(b);
}
