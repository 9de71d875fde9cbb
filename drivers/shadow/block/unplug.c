// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: a device vanishes while it is being updated
 *
 * Its driver's remove, if there is a driver, hits the taps and is concealed,
 * so the disk stays, without anybody to answer. When the bus reports that the
 * device is off it, the disk really goes: what waits for a driver fails, as it
 * would have without us. Its parent's directory in sysfs exists until we
 * return.
 *
 * Who still has the disk open holds a reference on the module that owned the
 * table when it was opened, and references follow an update. So the table, and
 * we, stay as long as the gendisk does.
 *
 * bs_unplug_mutex orders this against the end of a transaction.
 */
#include "block_shadow.h"

#include <linux/device/bus.h>
#include <linux/slab.h>

struct watch {
	struct list_head list;
	struct notifier_block nb;
	const struct bus_type *bus;
	const struct lu_set *set;
};

static DEFINE_MUTEX(bs_unplug_mutex);
static DEFINE_MUTEX(bs_watch_mutex);
static LIST_HEAD(bs_watches);

/* Of a disk that is unregistered, for who still has it open. */
const struct block_device_operations bs_nobody_fops = {};

void bs_unplug_lock(void)
{
	mutex_lock(&bs_unplug_mutex);
}

void bs_unplug_unlock(void)
{
	mutex_unlock(&bs_unplug_mutex);
}

/**
 * bs_retire() - the last user of an unregistered disk is gone
 * @bd: its shadow
 */
void bs_retire(struct bs_disk *bd)
{
	bs_forget_gone(bd);
	/* Waits for a driver that parts with it just now. */
	mutex_lock(&bd->opens_lock);
	if (bd->drv_fops->free_disk)
		bd->drv_fops->free_disk(bd->disk);
	WRITE_ONCE(bd->drv_fops, &bs_nobody_fops);
	mutex_unlock(&bd->opens_lock);
	bs_fops_drop(bd);
	bs_put(bd);
}

static int part(struct bs_disk *bd, unsigned long deadline)
{
	int err = bs_gate_close(&bd->gate, deadline);

	if (err)
		return err;
	bs_opens_end(bd);
	mutex_lock(&bd->opens_lock);
	if (!bs_has_parted(bd)) {
		if (bd->drv_fops->free_disk)
			bd->drv_fops->free_disk(bd->disk);
		WRITE_ONCE(bd->drv_fops, &bs_nobody_fops);
		bs_fops_update(bd);
	}
	mutex_unlock(&bd->opens_lock);
	bs_gate_open(&bd->gate);
	return 0;
}

/**
 * bs_part_all() - drivers that are about to go part with disks that they gave up
 * @txn: the transaction
 * @deadline: in jiffies, for calls under way
 *
 * Who has such a disk open keeps its driver from being unloaded, but not from
 * being updated, and the last one that closes it would call the driver.
 *
 * Return: 0 or -ETIME.
 */
int bs_part_all(struct lu_txn *txn, unsigned long deadline)
{
	struct bs_disk *bd;
	int err = 0;

	while (!err && (bd = bs_gone_to_part(txn))) {
		err = part(bd, deadline);
		bs_put(bd);
	}
	return err;
}

static void bury(struct bs_disk *bd, bool active)
{
	struct gendisk *disk = bd->disk;

	pr_warn("%s: device vanished during its update\n", disk->disk_name);
	WRITE_ONCE(bd->drv_fops, &bs_nobody_fops);
	bs_fops_update(bd);
	blk_mark_disk_dead(disk);
	if (bd->gate.closed)
		bs_gate_open(&bd->gate);
	if (active && bd->tags)
		blk_mq_unquiesce_queue(disk->queue);
	if (bd->quiesced)
		blk_mq_unfreeze_queue(disk->queue);
	bd->quiesced = false;
	if (bd->held)
		bs_hold_end(bd);
	bs_reclaim_end(&bd->reclaim, bd->ldev->set, bd->disk->disk_name);
	del_gendisk(disk);
	put_disk(disk);
}

static void bury_all(struct device *dev)
{
	struct lu_device *ldev = NULL;
	struct bs_disk *bd;
	bool active;

	mutex_lock(&bs_unplug_mutex);
	while ((bd = bs_take_gone(dev, &active))) {
		ldev = bd->ldev;
		bury(bd, active);
	}
	if (ldev) {
		bs_tags_free_all(ldev);
		bs_indices_forget(ldev);
	}
	mutex_unlock(&bs_unplug_mutex);
	bh_bury_all(dev);
}

static int unplug_notify(struct notifier_block *nb, unsigned long event, void *data)
{
	if (event == BUS_NOTIFY_REMOVED_DEVICE)
		bury_all(data);
	return NOTIFY_DONE;
}

static void watch_bus(const struct bus_type *bus, const struct lu_set *set)
{
	struct watch *w;

	list_for_each_entry(w, &bs_watches, list)
		if (w->bus == bus && w->set == set)
			return;
	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return;		/* requests wait, if it comes to that */
	w->bus = bus;
	w->set = set;
	w->nb.notifier_call = unplug_notify;
	if (bus_register_notifier((struct bus_type *)bus, &w->nb))
		kfree(w);
	else
		list_add(&w->list, &bs_watches);
}

static void watch_device(struct lu_txn *txn, struct lu_device *ldev)
{
	if (ldev->dev->bus)
		watch_bus(ldev->dev->bus, lu_txn_set(txn));
}

/**
 * bs_unplug_watch() - notice when devices leave their bus
 * @txn: the transaction that takes their driver away
 *
 * Until bs_unplug_unwatch(): as long as there is a transaction there is a
 * driver loaded, which keeps the module of its bus.
 */
void bs_unplug_watch(struct lu_txn *txn)
{
	struct bs_disk *bd;

	mutex_lock(&bs_watch_mutex);
	bs_for_each(bd, txn)
		watch_device(txn, bd->ldev);
	bh_each_bus(txn, watch_device);
	mutex_unlock(&bs_watch_mutex);
}

/**
 * bs_unplug_unwatch() - a device that leaves is its driver's business again
 * @txn: the transaction
 */
void bs_unplug_unwatch(struct lu_txn *txn)
{
	struct watch *w, *next;

	mutex_lock(&bs_watch_mutex);
	list_for_each_entry_safe(w, next, &bs_watches, list) {
		if (w->set != lu_txn_set(txn))
			continue;
		bus_unregister_notifier((struct bus_type *)w->bus, &w->nb);
		list_del(&w->list);
		kfree(w);
	}
	mutex_unlock(&bs_watch_mutex);
}
