// SPDX-License-Identifier: GPL-2.0
/*
 * The fake driver, what its versions have in common, and the fake bus that it
 * sits on. The bus's registration is tapped as those in the core's bus/ are.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "fake_net.h"

static const struct kt_version * const kt_versions[KT_VERSIONS] = {
	&kt_version0, &kt_version1, &kt_version2,
};

const struct kt_version *kt_version_get(unsigned int nr)
{
	return kt_versions[nr];
}

/* The bus. */

static struct kt_bus_driver *to_kt_driver(kt_const_driver struct device_driver *drv)
{
	return container_of((struct device_driver *)drv, struct kt_bus_driver, driver);
}

static unsigned int kt_driver_nr(kt_const_driver struct device_driver *drv)
{
	unsigned int i;

	for (i = 0; i < KT_VERSIONS; i++)
		if (drv == &kt_versions[i]->data->drv.driver)
			break;
	return i;
}

static int kt_match(struct device *dev, kt_const_driver struct device_driver *drv)
{
	unsigned int nr = kt_driver_nr(drv);

	return nr < KT_VERSIONS && !kt.behaviour[nr].other_ids;
}

static int kt_bus_probe(struct device *dev)
{
	return to_kt_driver(dev->driver)->probe(dev);
}

static void kt_bus_remove(struct device *dev)
{
	to_kt_driver(dev->driver)->remove(dev);
}

static struct bus_type kt_bus_type = {
	.name = "kt_bus",
	.match = kt_match,
	.probe = kt_bus_probe,
	.remove = kt_bus_remove,
};

/* The taps of the bus, as in bus/pci.c. */

static int kt_call_probe(struct lu_bus_driver *b, void *arg)
{
	int (*probe)(struct device *dev) = b->probe;

	return probe(arg);
}

static int kt_tapped_probe(struct device *dev)
{
	return lu_bus_probe(dev, kt_call_probe, dev);
}

static void kt_call_remove(struct lu_bus_driver *b, void *arg)
{
	void (*remove)(struct device *dev) = b->remove;

	remove(arg);
}

static void kt_tapped_remove(struct device *dev)
{
	lu_bus_remove(dev, kt_call_remove, dev);
}

static void kt_unregister_for(struct lu_bus_driver *b)
{
	struct kt_bus_driver *kd = b->busdrv;

	driver_unregister(&kd->driver);
}

static const struct lu_bus kt_lu_bus = {
	.name = "kt",
	.unregister = kt_unregister_for,
};

static int kt_register_driver(struct kt_bus_driver *kd, struct module *owner)
{
	struct lu_bus_driver *b;
	int err;

	kd->driver.bus = &kt_bus_type;
	b = lu_bus_add(&kt_lu_bus, kd, &kd->driver, owner, kd->probe, kd->remove);
	if (!b)
		return driver_register(&kd->driver);
	kd->probe = kt_tapped_probe;
	kd->remove = kt_tapped_remove;
	kd->tapped = true;
	err = driver_register(&kd->driver);
	if (err)
		lu_bus_del(b);
	return err;
}

static void kt_unregister_driver(struct kt_bus_driver *kd)
{
	struct lu_bus_driver *b = lu_bus_find(&kd->driver);

	if (!b && kd->tapped)
		return;		/* was unregistered on the driver's behalf */
	driver_unregister(&kd->driver);
	lu_bus_del(b);
}

/* The driver. */

static struct lock_class_key kt_timer_key;

static int kt_get_stuck(enum kt_hang hang)
{
	switch (hang) {
	case KT_NO_HANG:
		return 0;
	case KT_HANG_KILLABLE:
		return wait_for_completion_killable(&kt.hung) ? -EINTR : 0;
	case KT_HANG_FOR_GOOD:
		wait_for_completion(&kt.hung);
		return 0;
	case KT_HANG_DIE:
		/* As an oops ends it, but for the noise. */
		kt_hook_die();
		kt.dead++;
		kthread_complete_and_exit(NULL, 0);
	}
	return 0;
}

/* Does the core know for whom this task works? */
static void kt_check_context(unsigned int nr, const struct device *dev)
{
	const struct lu_device *ldev = lu_current_device();

	if (kt_generation(nr) && lu_current_generation() != kt_generation(nr))
		kt.counts[nr].misattributed++;
	if ((ldev ? ldev->dev : NULL) != dev)
		kt.counts[nr].misattributed++;
}

static int kt_start(unsigned int nr)
{
	const struct kt_version *v = kt_versions[nr];
	struct kt_behaviour *how = &kt.behaviour[nr];
	int err;

	kt.counts[nr].inits++;
	kt_check_context(nr, NULL);
	if (v->data->starts++)
		kt.counts[nr].dirty++;
	err = kt_get_stuck(how->init_hang);
	if (err)
		return err;
	if (how->init_err)
		return how->init_err;
	return kt_register_driver(&v->data->drv, kt_module(nr));
}

int kt_driver_init(unsigned int nr)
{
	int err;

	kt_check_thread("init");
	atomic_inc(&kt.inside);
	err = kt_start(nr);
	atomic_dec(&kt.inside);
	return err;
}

void kt_driver_exit(unsigned int nr)
{
	kt_check_thread("exit");
	atomic_inc(&kt.inside);
	kt.counts[nr].exits++;
	if (lu_current_generation())
		kt_check_context(nr, NULL);
	kt_get_stuck(kt.behaviour[nr].exit_hang);
	if (!kt.behaviour[nr].leak_driver)
		kt_unregister_driver(&kt_versions[nr]->data->drv);
	atomic_dec(&kt.inside);
}

static unsigned int kt_device_nr(const struct device *dev)
{
	return dev == kt.devices[0] ? 0 : 1;
}

/* Through the taps, as the driver's imports would go. */
static void kt_start_timer(unsigned int nr, struct timer_list *timer)
{
	typeof(init_timer_key) *init = lu_tap_find("init_timer_key")->func;

	init(timer, kt_versions[nr]->timer, 0, "kt", &kt_timer_key);
	mod_timer(timer, jiffies + 3600 * HZ);
}

static void kt_start_work(unsigned int nr, struct delayed_work *dwork)
{
	typeof(queue_delayed_work_on) *queue = lu_tap_find("queue_delayed_work_on")->func;

	INIT_DELAYED_WORK(dwork, kt_versions[nr]->work);
	queue(WORK_CPU_UNBOUND, system_wq, dwork, 3600 * HZ);
}

/* With several devices, is another probe under way at the same time? */
static void kt_meet(void)
{
	if (atomic_inc_return(&kt.meeting) == KT_DEVICES)
		complete_all(&kt.met);
	wait_for_completion_timeout(&kt.met, 10 * HZ);
}

static int kt_bind(unsigned int nr, struct device *dev)
{
	struct kt_behaviour *how = &kt.behaviour[nr];
	struct lu_device *ldev = lu_current_device();
	unsigned int d = kt_device_nr(dev);
	int err;

	if (kt_generation(nr))
		kt_check_context(nr, dev);
	err = kt_get_stuck(how->probe_hang);
	if (err || how->probe_err)
		return err ?: how->probe_err;
	if (how->meet)
		kt_meet();
	if (how->net || how->disk || how->host || how->card) {
		err = how->net ? kt_net_probe(nr, dev) :
		      how->disk ? kt_disk_probe(nr, dev) :
		      how->host ? kt_host_probe(nr, dev) : kt_card_probe(nr, dev);
		if (!err)
			kt.drives[d] = nr;
		return err;
	}
	if (ldev && !how->unclaimed)
		lu_device_claim(ldev, &kt_shadow);
	if (ldev && !how->unclaimed && !how->not_adopted && lu_set_active(ldev->set))
		lu_device_adopted(ldev);
	if (how->leak_timer)
		kt_start_timer(nr, &kt.timers[d]);
	if (how->leak_work)
		kt_start_work(nr, &kt.works[d]);
	kt.drives[d] = nr;
	return 0;
}

int kt_driver_probe(unsigned int nr, struct device *dev)
{
	int err;

	kt_check_thread("probe");
	atomic_inc(&kt.inside);
	err = kt_bind(nr, dev);
	if (!err)
		atomic_inc(&kt.counts[nr].probes);
	atomic_dec(&kt.inside);
	return err;
}

void kt_driver_remove(unsigned int nr, struct device *dev)
{
	kt_check_thread("remove");
	atomic_inc(&kt.inside);
	if (kt_generation(nr))
		kt_check_context(nr, dev);
	kt_get_stuck(kt.behaviour[nr].remove_hang);
	if (kt.behaviour[nr].net)
		kt_net_remove(nr, dev);
	if (kt.behaviour[nr].disk)
		kt_disk_remove(nr, dev);
	if (kt.behaviour[nr].host)
		kt_host_remove(nr, dev);
	if (kt.behaviour[nr].card)
		kt_card_remove(nr, dev);
	atomic_inc(&kt.counts[nr].removes);
	kt.drives[kt_device_nr(dev)] = -1;
	atomic_dec(&kt.inside);
}

void kt_driver_worked(unsigned int nr)
{
	kt.counts[nr].works++;
}

/* Those that hang go on; returns when they have come back. */
bool kt_release_hung(void)
{
	unsigned long deadline = jiffies + 30 * HZ;

	complete_all(&kt.hung);
	while (atomic_read(&kt.inside) - kt.dead && time_before(jiffies, deadline))
		msleep(20);
	return atomic_read(&kt.inside) == kt.dead;
}

static void kt_device_release(struct device *dev)
{
	kfree(dev);
}

/* A bus with its devices, before any driver. */
int kt_bus_up(void)
{
	unsigned int i;
	int err;

	err = bus_register(&kt_bus_type);
	if (err)
		return err;
	for (i = 0; i < KT_DEVICES; i++) {
		struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

		if (!dev)
			return -ENOMEM;
		dev->bus = &kt_bus_type;
		dev->release = kt_device_release;
		dev_set_name(dev, "kt%u", i);
		kt.drives[i] = -1;
		err = device_register(dev);
		if (err) {
			put_device(dev);
			return err;
		}
		kt.devices[i] = dev;
	}
	return 0;
}

void kt_bus_down(void)
{
	unsigned int i;

	for (i = 0; i < KT_DEVICES; i++)
		if (kt.devices[i])
			device_unregister(kt.devices[i]);
	bus_unregister(&kt_bus_type);
}

/* Unplug a device whose driver runs: nothing of it may be kept. */
void kt_expect_unplugged(struct kunit *test, struct lu_set *set)
{
	struct device *dev = get_device(kt.devices[0]);
	unsigned long deadline = jiffies + 10 * HZ;

	KUNIT_EXPECT_PTR_NE(test, lu_device_find(set, dev), NULL);
	kt.devices[0] = NULL;
	device_unregister(dev);
	KUNIT_EXPECT_PTR_EQ_MSG(test, lu_device_find(set, dev), NULL, "remembered");
	/* Some of what hangs on a device is given back after a grace period. */
	while (kref_read(&dev->kobj.kref) > 1 && time_before(jiffies, deadline))
		msleep(20);
	KUNIT_EXPECT_EQ_MSG(test, kref_read(&dev->kobj.kref), 1, "still referenced");
	put_device(dev);
}
