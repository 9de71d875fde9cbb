// SPDX-License-Identifier: GPL-2.0
/* Module liveupdate: registration of shadows, start and end. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/module.h>
#include <linux/slab.h>

#include "internal.h"

static DEFINE_MUTEX(lu_shadows_mutex);
static LIST_HEAD(lu_shadows);

static char *manage;
module_param(manage, charp, 0444);
MODULE_PARM_DESC(manage, "drivers to manage from the start: names or globs, separated by commas");

/**
 * lu_shadow_register() - add a class's shadow driver
 * @shadow: the shadow; has to stay until lu_shadow_unregister()
 *
 * Drivers of the class that are loaded from now on can be updated.
 *
 * Context: Process context.
 * Return: 0; -EINVAL if a required callback is missing; -EEXIST if the class
 *	or one of the taps is taken.
 */
int lu_shadow_register(struct lu_shadow *shadow)
{
	struct lu_shadow *other;
	int err = 0;

	if (!shadow->class || !shadow->prepare || !shadow->unprepare || !shadow->quiesce ||
	    !shadow->unquiesce || !shadow->detached || !shadow->verify ||
	    !shadow->replay || !shadow->resume)
		return -EINVAL;
	mutex_lock(&lu_shadows_mutex);
	list_for_each_entry(other, &lu_shadows, node)
		if (!strcmp(other->class, shadow->class))
			err = -EEXIST;
	if (!err)
		err = lu_taps_add(shadow->taps, shadow->nr_taps, shadow->owner);
	if (!err)
		list_add_tail(&shadow->node, &lu_shadows);
	mutex_unlock(&lu_shadows_mutex);
	return err;
}
EXPORT_SYMBOL_GPL(lu_shadow_register);

/**
 * lu_shadow_unregister() - remove a class's shadow driver
 * @shadow: the shadow
 *
 * Its module can only be unloaded when no driver is bound to its taps.
 */
void lu_shadow_unregister(struct lu_shadow *shadow)
{
	mutex_lock(&lu_shadows_mutex);
	list_del(&shadow->node);
	lu_taps_del(shadow->taps, shadow->nr_taps);
	mutex_unlock(&lu_shadows_mutex);
}
EXPORT_SYMBOL_GPL(lu_shadow_unregister);

static int lu_manage_param(void)
{
	char *list, *p, *name;

	if (!manage || !*manage)
		return 0;
	list = kstrdup(manage, GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	p = list;
	while ((name = strsep(&p, ", "))) {
		int err = *name ? lu_manage(name) : 0;

		/* One name that is too late must not keep out the others. */
		if (err)
			pr_err("manage=%s: %d\n", name, err);
	}
	kfree(list);
	return 0;
}

static int __init lu_init(void)
{
	int err;

	err = lu_events_init();
	if (err)
		return err;
	err = lu_sysfs_init();
	if (err)
		goto err_events;
	err = lu_guard_init();
	if (err)
		goto err_sysfs;
	err = lu_bus_init();
	if (err)
		goto err_guard;
	err = lu_objects_init();
	if (err)
		goto err_bus;
	err = lu_manage_param();
	if (err)
		goto err_objects;
	lu_debugfs_init();
	err = lu_pm_init();
	if (err)
		goto err_debugfs;
	err = lu_loader_init();
	if (err)
		goto err_pm;
	return 0;

err_pm:
	lu_pm_exit();
err_debugfs:
	lu_debugfs_exit();
err_objects:
	lu_objects_exit();
	lu_binder_exit();
err_bus:
	lu_bus_exit();
err_guard:
	lu_guard_exit();
err_sysfs:
	lu_sysfs_exit();
err_events:
	lu_events_exit();
	return err;
}

static void __exit lu_exit(void)
{
	lu_loader_exit();
	lu_pm_exit();
	lu_sets_exit();
	lu_debugfs_exit();
	lu_objects_exit();
	lu_bus_exit();
	lu_guard_exit();
	lu_binder_exit();
	lu_sysfs_exit();
	lu_events_exit();
}

module_init(lu_init);
module_exit(lu_exit);

MODULE_DESCRIPTION("Live update of device drivers");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1");
