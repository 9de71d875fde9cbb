// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Updates and system sleep
 *
 * An update has to end before the machine goes to sleep: the device would be
 * suspended while it has no driver, or one that is in its probe. A sleep that is
 * asked for during an update is refused with EBUSY, as is an update that is asked
 * for while the machine goes to sleep, and both can be tried again.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/notifier.h>
#include <linux/spinlock.h>
#include <linux/suspend.h>

#include "internal.h"

static DEFINE_SPINLOCK(lu_pm_lock);
static unsigned int lu_pm_updates;
static bool lu_pm_sleeping;

/**
 * lu_pm_hold() - keep the machine from going to sleep
 *
 * Return: 0, and lu_pm_release() is due; -EBUSY it is about to sleep.
 */
int lu_pm_hold(void)
{
	int err = 0;

	spin_lock(&lu_pm_lock);
	if (lu_pm_sleeping)
		err = -EBUSY;
	else
		lu_pm_updates++;
	spin_unlock(&lu_pm_lock);
	return err;
}

/**
 * lu_pm_release() - undo lu_pm_hold()
 */
void lu_pm_release(void)
{
	spin_lock(&lu_pm_lock);
	lu_pm_updates--;
	spin_unlock(&lu_pm_lock);
}

static int lu_pm_notify(struct notifier_block *nb, unsigned long event, void *unused)
{
	unsigned int updates = 0;

	spin_lock(&lu_pm_lock);
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		updates = lu_pm_updates;
		lu_pm_sleeping = !updates;
		break;
	default:
		lu_pm_sleeping = false;
	}
	spin_unlock(&lu_pm_lock);
	if (!updates)
		return NOTIFY_OK;
	pr_warn("no sleep during an update of a driver (%u of them): try again\n", updates);
	return notifier_from_errno(-EBUSY);
}

static struct notifier_block lu_pm_nb = { .notifier_call = lu_pm_notify };

int lu_pm_init(void)
{
	return register_pm_notifier(&lu_pm_nb);
}

void lu_pm_exit(void)
{
	unregister_pm_notifier(&lu_pm_nb);
}
