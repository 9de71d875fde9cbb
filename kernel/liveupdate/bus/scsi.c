// SPDX-License-Identifier: GPL-2.0
/* Drivers of devices on the SCSI bus, of managed modules. */
#include <linux/device.h>

#include "../compat.h"
#include "../internal.h"

static void lu_tap_driver_unregister(struct device_driver *drv);

static int lu_scsi_call_probe(struct lu_bus_driver *b, void *arg)
{
	int (*probe)(struct device *dev) = b->probe;

	return probe(arg);
}

static int lu_scsi_probe(struct device *dev)
{
	return lu_bus_probe(dev, lu_scsi_call_probe, dev);
}

static void lu_scsi_call_remove(struct lu_bus_driver *b, void *arg)
{
	int (*remove)(struct device *dev) = b->remove;

	if (remove)
		remove(arg);
}

static int lu_scsi_remove(struct device *dev)
{
	lu_bus_remove(dev, lu_scsi_call_remove, dev);
	return 0;
}

static void lu_scsi_unregister(struct lu_bus_driver *b)
{
	driver_unregister(b->drv);
}

static const struct lu_bus lu_scsi_bus = {
	.name = "scsi",
	.unregister = lu_scsi_unregister,
};

#if LU_SCSI_REGISTER_HAS_OWNER
static int lu_tap___scsi_register_driver(struct device_driver *drv, struct module *owner);

struct lu_tap lu_scsi_taps[] = {
	LU_TAP(__scsi_register_driver, LU_TAP_OBJECT),
	LU_TAP(driver_unregister, LU_TAP_OBJECT),
};

static int lu_scsi_orig_register(struct device_driver *drv, struct module *owner)
{
	return lu_orig(__scsi_register_driver, &lu_scsi_taps[0])(drv, owner);
}
#else
static int lu_tap_scsi_register_driver(struct device_driver *drv);

struct lu_tap lu_scsi_taps[] = {
	LU_TAP(scsi_register_driver, LU_TAP_OBJECT),
	LU_TAP(driver_unregister, LU_TAP_OBJECT),
};

static int lu_scsi_orig_register(struct device_driver *drv, struct module *owner)
{
	return lu_orig(scsi_register_driver, &lu_scsi_taps[0])(drv);
}
#endif
const size_t lu_nr_scsi_taps = ARRAY_SIZE(lu_scsi_taps);

static int lu_scsi_register(struct device_driver *drv, struct module *owner)
{
	struct lu_bus_driver *b;
	int err;

	b = lu_bus_add(&lu_scsi_bus, drv, drv, owner, drv->probe, drv->remove);
	if (!b)
		return lu_scsi_orig_register(drv, owner);
	drv->probe = lu_scsi_probe;
	drv->remove = lu_scsi_remove;
	err = lu_scsi_orig_register(drv, owner);
	if (err) {
		drv->probe = b->probe;
		drv->remove = b->remove;
		lu_bus_del(b);
	}
	return err;
}

#if LU_SCSI_REGISTER_HAS_OWNER
static int lu_tap___scsi_register_driver(struct device_driver *drv, struct module *owner)
{
	return lu_scsi_register(drv, owner);
}
#else
static int lu_tap_scsi_register_driver(struct device_driver *drv)
{
	return lu_scsi_register(drv, drv->owner);
}
#endif

/* Also for drivers on a bus that we do not know, which have no record. */
static void lu_tap_driver_unregister(struct device_driver *drv)
{
	struct lu_bus_driver *b = lu_bus_find(drv);

	if (!b && !drv->p && lu_module_of_address((unsigned long)drv))
		return;		/* was unregistered on the driver's behalf */
	driver_unregister(drv);
	if (!b)
		return;
	drv->probe = b->probe;
	drv->remove = b->remove;
	lu_bus_del(b);
}
