// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: a disk changes hands
 *
 * Order of events for each disk::
 *
 *	outgoing driver: del_gendisk -> bs_conceal_del()
 *	                 put_disk    -> bs_conceal_put()
 *	incoming driver: alloc_disk  -> bs_hand_out()
 *	                 add_disk    -> bs_adopt()
 *
 * The incoming driver takes the disk for a fresh one and writes its name, its
 * number and its table into it. At registration what is the kernel's or the
 * users' goes back to what it was. A probe that fails after the hand-out puts
 * the disk, and we are back where we were.
 */
#include "block_shadow.h"

#include <linux/backing-dev.h>
#include <linux/pm_runtime.h>

static void keep_queue(struct bs_disk *bd)
{
	struct gendisk *disk = bd->disk;
	struct bs_kept *k = &bd->kept;

	k->limits = disk->queue->limits;
	k->flags = disk->queue->queue_flags;
	k->rq_timeout = disk->queue->rq_timeout;
	k->ra_pages = disk->bdi->ra_pages;
	k->io_pages = disk->bdi->io_pages;
}

/**
 * bs_keep() - note what is the kernel's or the user's
 * @bd: shadow at quiesce
 */
void bs_keep(struct bs_disk *bd)
{
	struct gendisk *disk = bd->disk;
	struct bs_kept *k = &bd->kept;

	keep_queue(bd);
	k->major = disk->major;
	k->first_minor = disk->first_minor;
	k->minors = disk->minors;
	k->disk_flags = disk->flags;
	k->events = disk->events;
	k->event_flags = disk->event_flags;
	strscpy(k->name, disk->disk_name, sizeof(k->name));
	bd->offer.capacity = get_capacity(disk);
	bd->offer.read_only = test_bit(GD_READ_ONLY, &disk->state);
	bs_offer_refresh(bd);
	bd->next = bd->offer;
	bd->lent = false;
}

static void identity_restore(struct bs_disk *bd)
{
	const struct bs_kept *k = &bd->kept;
	struct gendisk *disk = bd->disk;

	disk->major = k->major;
	disk->first_minor = k->first_minor;
	disk->minors = k->minors;
	disk->flags = k->disk_flags;
	disk->events = k->events;
	disk->event_flags = k->event_flags;
	if (strcmp(disk->disk_name, k->name))
		strscpy(disk->disk_name, k->name, sizeof(disk->disk_name));
	if (disk->fops != &bd->fops->ops)
		WRITE_ONCE(disk->fops, &bd->fops->ops);
}

/**
 * bs_hand_out() - what an incoming driver gets as its new disk
 * @bd: shadow of the kept one
 * @queuedata: what it wants to find in the queue
 * @lim: limits that it hands over, or NULL
 *
 * Context: Process context, probe of the device.
 * Return: the kept disk, or an ERR_PTR().
 */
struct gendisk *bs_hand_out(struct bs_disk *bd, void *queuedata,
			    struct queue_limits *lim)
{
	int err;

	/* Users may have set something since; no driver has yet. */
	if (!bd->lent)
		keep_queue(bd);
	bd->lent = true;
	memset(&bd->next, 0, sizeof(bd->next));
	err = bs_limits_begin(bd, lim);
	if (err)
		return ERR_PTR(err);
	err = bd->tags ? bs_queue_enter_driver(bd, queuedata) : 0;
	if (err)
		return ERR_PTR(err);
	bd->disk->private_data = NULL;
	bd->new_fops = NULL;
	bd->adopted = false;
	bd->unregistered = false;
	WRITE_ONCE(bd->handed, true);
	return bd->disk;
}

/*
 * A library may put a device of its own between the bus device and the disk,
 * which goes with the outgoing driver and comes with the incoming one, at the
 * same place. In between the disk hangs on none: a directory for its class below
 * the bus device would not be removed again. Users are told nothing.
 */
static int disk_move(struct bs_disk *bd, struct device *parent)
{
	struct device *dev = disk_to_dev(bd->disk);
	int err;

	if (dev->parent == parent)
		return 0;
	dev_set_uevent_suppress(dev, 1);
	err = device_move(dev, parent, DPM_ORDER_DEV_LAST);
	dev_set_uevent_suppress(dev, 0);
	if (err)
		dev_err(dev, "not moved (%d)\n", err);
	else if (parent)
		pm_runtime_set_memalloc_noio(parent, true);
	return err;
}

static void disk_move_away(struct bs_disk *bd)
{
	if (disk_to_dev(bd->disk)->parent != bd->ldev->dev)
		disk_move(bd, NULL);
}

/**
 * bs_redress() - users see our table again, whatever the incoming driver wrote
 * @bd: shadow of a disk that was handed out
 */
void bs_redress(struct bs_disk *bd)
{
	const struct block_device_operations *fops = READ_ONCE(bd->disk->fops);

	if (!bd->handed || bd->adopted || fops == &bd->fops->ops)
		return;
	bd->new_fops = fops;
	WRITE_ONCE(bd->disk->fops, &bd->fops->ops);
}

/**
 * bs_adopt() - an incoming driver registers the disk that it was handed
 * @bd: its shadow
 * @parent: device above it
 * @groups: its attributes
 *
 * Return: 0, or -EEXIST for a disk that is registered already.
 */
int bs_adopt(struct bs_disk *bd, struct device *parent,
	     const struct attribute_group **groups)
{
	int err;

	if (!bd->handed || bd->adopted)
		return -EEXIST;
	bs_redress(bd);
	if (!bd->new_fops)
		return -EINVAL;
	bd->drv_fops = bd->new_fops;
	bs_fops_update(bd);
	identity_restore(bd);
	groups = bs_view_groups(bd, groups);
	if (IS_ERR(groups))
		return PTR_ERR(groups);
	err = disk_move(bd, parent) ?: bs_opens_begin(bd);
	if (err)
		return err;
	bs_limits_settle(bd);
	bd->next.fops = bd->drv_fops;
	bd->groups = groups;
	bd->adopted = true;
	if (bs_all_adopted(bd->ldev))
		lu_device_adopted(bd->ldev);
	return 0;
}

/**
 * bs_registered() - a managed driver's disk is in service
 * @bd: its shadow, dressed
 * @groups: attributes that the block core has put into sysfs
 */
void bs_registered(struct bs_disk *bd, const struct attribute_group **groups)
{
	bd->groups = groups;
	bd->groups_present = true;
	bd->adopted = true;
	WRITE_ONCE(bd->mode, BS_PASSIVE);
	lu_device_claim(bd->ldev, &block_lu_shadow);
}

/**
 * bs_conceal_del() - a driver unregisters a disk that is kept
 * @bd: its shadow
 *
 * Openers are gone, for the driver: it may count them, and put the disk only
 * after the last one.
 */
void bs_conceal_del(struct bs_disk *bd)
{
	if (!bd->adopted)
		return;
	bs_opens_end(bd);
	bs_queue_leave_driver(bd);
	disk_move_away(bd);
	bd->unregistered = true;
}

/**
 * bs_conceal_put() - a driver gives up a disk that is kept
 * @bd: its shadow
 *
 * Owed all the same: what the block core would call when the last user is gone.
 */
void bs_conceal_put(struct bs_disk *bd)
{
	const struct block_device_operations *fops = bd->drv_fops;

	if (!bd->handed)
		return;
	bs_queue_leave_driver(bd);
	/* Also of one that failed when it was told of some. */
	bs_opens_end(bd);
	if (bd->adopted && fops->free_disk)
		fops->free_disk(bd->disk);
	disk_move_away(bd);
	bd->disk->private_data = NULL;
	identity_restore(bd);
	bd->adopted = false;
	WRITE_ONCE(bd->handed, false);
}

/**
 * bs_put_later() - an outgoing driver did not put the disk, and may yet do so
 * @bd: its shadow
 *
 * It unregistered the disk, and something of it is still in use (a device of its
 * own that somebody has open). The reference that it thinks to have it gets.
 */
void bs_put_later(struct bs_disk *bd)
{
	if (!bd->handed || !bd->unregistered)
		return;
	get_device(disk_to_dev(bd->disk));
	bd->strays++;
}

/**
 * bs_put_stray() - does a driver put a disk that it gave up long ago?
 * @bd: its shadow
 *
 * The driver that has the disk unregisters it before, unless it failed to
 * register it.
 */
bool bs_put_stray(struct bs_disk *bd)
{
	if (!bd->strays || !bd->adopted || bd->unregistered)
		return false;
	bd->strays--;
	return true;
}

/**
 * bs_give_back() - what the driver in service has told of its disk is in force
 * @bd: shadow of a disk whose queue runs
 *
 * The device may have grown. It is smaller, or can no longer be written to,
 * only after a forced update: requests that would reveal it fail then.
 */
void bs_give_back(struct bs_disk *bd)
{
	if (bd->next.capacity != get_capacity(bd->disk))
		set_capacity_and_notify(bd->disk, bd->next.capacity);
	if (bd->next.read_only != test_bit(GD_READ_ONLY, &bd->disk->state))
		set_disk_ro(bd->disk, bd->next.read_only);
	bd->offer = bd->next;
}

/**
 * bs_groups_create() - the driver's attributes appear
 * @bd: shadow of a disk whose queue runs: readers may ask the device
 *
 * With the values that users gave them.
 *
 * Return: number of those that were written to.
 */
unsigned int bs_groups_create(struct bs_disk *bd)
{
	struct device *dev = disk_to_dev(bd->disk);
	unsigned int n;

	if (bd->groups_present)
		return 0;
	n = bs_settings_restore(dev, bd->groups, &bd->settings);
	if (!bd->groups)
		return n;
	if (sysfs_create_groups(&dev->kobj, bd->groups)) {
		dev_warn(dev, "attributes of the driver not created\n");
		return n;
	}
	dev->groups = bd->groups;
	bd->groups_present = true;
	return n;
}

/**
 * bs_groups_remove() - the driver's attributes go
 * @bd: shadow of a disk whose queue runs: waits for readers
 */
void bs_groups_remove(struct bs_disk *bd)
{
	struct device *dev = disk_to_dev(bd->disk);

	if (bd->groups_present && bd->groups) {
		bs_settings_save(dev, bd->groups, &bd->settings);
		sysfs_remove_groups(&dev->kobj, bd->groups);
	}
	dev->groups = NULL;
	bd->groups_present = false;
}
