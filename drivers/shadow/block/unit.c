// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: devices on a host
 *
 * The host's driver is told of each device when it is found and when it goes.
 * For a device that stays the outgoing driver is told that it goes, and the
 * incoming one, when it looks for devices, that there it is. What it sets in
 * the queue then is compared, and users keep what they chose.
 */
#include "host_shadow.h"

#include <linux/slab.h>

/**
 * bh_units_note() - note the devices of a host
 * @h: its shadow
 *
 * Return: 0 or -ENOMEM.
 */
int bh_units_note(struct bh_host *h)
{
	struct scsi_device *sdev;
	struct bh_unit *u;

	bh_units_forget(h);
	shost_for_each_device(sdev, h->shost) {
		u = kzalloc(sizeof(*u), GFP_KERNEL);
		if (!u) {
			scsi_device_put(sdev);
			bh_units_forget(h);
			return -ENOMEM;
		}
		INIT_LIST_HEAD(&u->settings);
		get_device(&sdev->sdev_gendev);
		u->sdev = sdev;
		u->attached = true;
		list_add_tail(&u->list, &h->units);
	}
	return 0;
}

void bh_units_forget(struct bh_host *h)
{
	struct bh_unit *u, *next;

	list_for_each_entry_safe(u, next, &h->units, list) {
		list_del(&u->list);
		bs_reclaim_end(&u->reclaim, NULL, NULL);
		bs_settings_forget(&u->settings);
		kfree(u->ata);
		put_device(&u->sdev->sdev_gendev);
		kfree(u);
	}
}

struct bh_unit *bh_unit_find(struct bh_host *h, unsigned int channel, unsigned int id,
			     u64 lun)
{
	struct bh_unit *u;

	list_for_each_entry(u, &h->units, list)
		if (u->sdev->channel == channel && u->sdev->id == id && u->sdev->lun == lun)
			return u;
	return NULL;
}

struct bh_unit *bh_unit_of(struct bh_host *h, const struct scsi_device *sdev)
{
	struct bh_unit *u;

	list_for_each_entry(u, &h->units, list)
		if (u->sdev == sdev)
			return u;
	return NULL;
}

/* What the driver set in the queue, against what is in use. */
static void unit_settle(struct bh_host *h, struct bh_unit *u, unsigned int max_hw_sectors)
{
	struct lu_txn *txn = bs_lu_txn(h->ldev);
	bool tell = txn && !lu_txn_rolling_back(txn);
	const char *name = dev_name(&u->sdev->sdev_gendev);

	if (tell && max_hw_sectors < u->limits.max_hw_sectors)
		lu_mismatch(txn, "%s: max_hw_sectors %u -> %u", name,
			    u->limits.max_hw_sectors, max_hw_sectors);
	if (tell && u->drv_depth && u->drv_depth < u->depth)
		lu_mismatch(txn, "%s: queue depth %d -> %d", name, u->depth, u->drv_depth);
}

/**
 * bh_unit_attach() - the incoming driver found a device that is kept
 * @h: shadow of its host
 * @u: the device
 *
 * Return: 0 or what the driver says.
 */
int bh_unit_attach(struct bh_host *h, struct bh_unit *u)
{
	unsigned int max_hw_sectors;
	int err = 0;

	if (u->attached)
		return 0;
	u->drv_depth = 0;
	u->sdev->hostdata = NULL;
	if (h->drv_sht->slave_alloc)
		err = h->drv_sht->slave_alloc(u->sdev);
	if (err)
		return err;
	err = bh_configure(h->drv_sht, u->sdev, &u->limits, &max_hw_sectors);
	if (err) {
		if (h->drv_sht->slave_destroy)
			h->drv_sht->slave_destroy(u->sdev);
		return err;
	}
	unit_settle(h, u, max_hw_sectors);
	u->attached = true;
	return 0;
}

void bh_unit_detach(struct bh_host *h, struct bh_unit *u)
{
	if (!u->attached)
		return;
	u->attached = false;
	if (h->drv_sht->slave_destroy)
		h->drv_sht->slave_destroy(u->sdev);
	/* Freed by it, or never allocated. */
	u->sdev->dma_drain_buf = NULL;
	u->sdev->dma_drain_len = 0;
}

void bh_units_attach(struct bh_host *h)
{
	struct bh_unit *u;
	int err;

	list_for_each_entry(u, &h->units, list) {
		err = bh_unit_attach(h, u);
		if (err)
			pr_warn("%s: the driver refuses it (%d)\n",
				dev_name(&u->sdev->sdev_gendev), err);
	}
}

void bh_units_detach(struct bh_host *h)
{
	struct bh_unit *u;

	list_for_each_entry(u, &h->units, list)
		bh_unit_detach(h, u);
}

static void groups_remove(struct device *dev, struct list_head *settings)
{
	if (dev->groups) {
		bs_settings_save(dev, dev->groups, settings);
		sysfs_remove_groups(&dev->kobj, dev->groups);
	}
	dev->groups = NULL;
}

static unsigned int groups_create(struct device *dev, const struct attribute_group **groups,
				  struct list_head *settings)
{
	unsigned int n;

	if (dev->groups)
		return 0;
	n = bs_settings_restore(dev, groups, settings);
	if (!groups)
		return n;
	if (sysfs_create_groups(&dev->kobj, groups))
		dev_warn(dev, "attributes of the driver not created\n");
	else
		dev->groups = groups;
	return n;
}

/**
 * bh_groups_remove() - the driver's attributes go
 * @h: shadow of a host whose queues run: waits for readers
 */
void bh_groups_remove(struct bh_host *h)
{
	struct bh_unit *u;

	groups_remove(&h->shost->shost_dev, &h->settings);
	list_for_each_entry(u, &h->units, list)
		groups_remove(&u->sdev->sdev_gendev, &u->settings);
}

unsigned int bh_groups_create(struct bh_host *h)
{
	unsigned int n;
	struct bh_unit *u;

	n = groups_create(&h->shost->shost_dev, h->drv_sht->shost_groups, &h->settings);
	list_for_each_entry(u, &h->units, list)
		n += groups_create(&u->sdev->sdev_gendev, h->drv_sht->sdev_groups,
				   &u->settings);
	return n;
}
