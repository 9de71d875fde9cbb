// SPDX-License-Identifier: GPL-2.0
/* Virtio drivers of managed modules. */
#include <linux/virtio.h>
#include <linux/virtio_config.h>

#include "../compat.h"
#include "../internal.h"

static void lu_tap_unregister_virtio_driver(struct virtio_driver *drv);

static int lu_virtio_call_probe(struct lu_bus_driver *b, void *arg)
{
	int (*probe)(struct virtio_device *vdev) = b->probe;

	return probe(arg);
}

static int lu_virtio_probe(struct virtio_device *vdev)
{
	return lu_bus_probe(&vdev->dev, lu_virtio_call_probe, vdev);
}

static void lu_virtio_call_remove(struct lu_bus_driver *b, void *arg)
{
	void (*remove)(struct virtio_device *vdev) = b->remove;

	remove(arg);
}

static void lu_virtio_remove(struct virtio_device *vdev)
{
	lu_bus_remove(&vdev->dev, lu_virtio_call_remove, vdev);
}

#if LU_VIRTIO_REGISTER_HAS_OWNER
static int lu_tap___register_virtio_driver(struct virtio_driver *drv, struct module *owner);

struct lu_tap lu_virtio_taps[] = {
	LU_TAP(__register_virtio_driver, LU_TAP_OBJECT),
	LU_TAP(unregister_virtio_driver, LU_TAP_OBJECT),
};

static int lu_virtio_orig_register(struct virtio_driver *drv, struct module *owner)
{
	return lu_orig(__register_virtio_driver, &lu_virtio_taps[0])(drv, owner);
}
#else
static int lu_tap_register_virtio_driver(struct virtio_driver *drv);

struct lu_tap lu_virtio_taps[] = {
	LU_TAP(register_virtio_driver, LU_TAP_OBJECT),
	LU_TAP(unregister_virtio_driver, LU_TAP_OBJECT),
};

static int lu_virtio_orig_register(struct virtio_driver *drv, struct module *owner)
{
	return lu_orig(register_virtio_driver, &lu_virtio_taps[0])(drv);
}
#endif
const size_t lu_nr_virtio_taps = ARRAY_SIZE(lu_virtio_taps);

static void lu_virtio_orig_unregister(struct virtio_driver *drv)
{
	lu_orig(unregister_virtio_driver, &lu_virtio_taps[1])(drv);
}

static void lu_virtio_unregister(struct lu_bus_driver *b)
{
	lu_virtio_orig_unregister(b->busdrv);
}

/* Stopped first: it may be filling the queues. */
static void lu_virtio_reclaim(struct device *dev)
{
	struct virtio_device *vdev = dev_to_virtio(dev);

	if (list_empty(&vdev->vqs))
		return;
	vdev->config->reset(vdev);
	vdev->config->del_vqs(vdev);
}

/* The virtio core resets a device when it is registered or released only. */
static void lu_virtio_tidy(struct device *dev)
{
	struct virtio_device *vdev = dev_to_virtio(dev);

	vdev->config->reset(vdev);
	vdev->config->set_status(vdev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
}

static const struct lu_bus lu_virtio_bus = {
	.name = "virtio",
	.unregister = lu_virtio_unregister,
	.reclaim = lu_virtio_reclaim,
	.tidy = lu_virtio_tidy,
};

static int lu_virtio_register(struct virtio_driver *drv, struct module *owner)
{
	struct lu_bus_driver *b;
	int err;

	b = lu_bus_add(&lu_virtio_bus, drv, &drv->driver, owner, drv->probe, drv->remove);
	if (!b)
		return lu_virtio_orig_register(drv, owner);
	drv->probe = lu_virtio_probe;
	drv->remove = lu_virtio_remove;
	err = lu_virtio_orig_register(drv, owner);
	if (err) {
		drv->probe = b->probe;
		drv->remove = b->remove;
		lu_bus_del(b);
	}
	return err;
}

#if LU_VIRTIO_REGISTER_HAS_OWNER
static int lu_tap___register_virtio_driver(struct virtio_driver *drv, struct module *owner)
{
	return lu_virtio_register(drv, owner);
}
#else
static int lu_tap_register_virtio_driver(struct virtio_driver *drv)
{
	return lu_virtio_register(drv, drv->driver.owner);
}
#endif

static void lu_tap_unregister_virtio_driver(struct virtio_driver *drv)
{
	struct lu_bus_driver *b = lu_bus_find(&drv->driver);

	if (!b && lu_module_of_address((unsigned long)drv))
		return;		/* was unregistered on the driver's behalf */
	lu_virtio_orig_unregister(drv);
	if (!b)
		return;
	drv->probe = b->probe;
	drv->remove = b->remove;
	lu_bus_del(b);
}
