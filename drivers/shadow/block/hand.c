// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: a SCSI host changes hands
 *
 * Order of events for each host::
 *
 *	outgoing driver: scsi_remove_host -> bh_conceal_remove()
 *	                 scsi_host_put    -> bh_conceal_put()
 *	incoming driver: scsi_host_alloc  -> bh_hand_out()
 *	                 scsi_add_host    -> bh_adopt()
 *	                 scan             -> bh_unit_attach() for each device
 *
 * Libraries put a device of their own between the bus device and the host,
 * which goes with the outgoing driver. In between the host hangs on the bus
 * device; the incoming driver's gets the name of the one before, so that paths
 * in sysfs stay.
 */
#include "host_shadow.h"

#include <linux/dma-mapping.h>
#include <linux/slab.h>

void bh_fields_of(const struct Scsi_Host *shost, struct bh_fields *f)
{
	f->max_channel = shost->max_channel;
	f->max_id = shost->max_id;
	f->max_lun = shost->max_lun;
	f->max_cmd_len = shost->max_cmd_len;
	f->can_queue = shost->can_queue;
	f->sg_tablesize = shost->sg_tablesize;
	f->max_sectors = shost->max_sectors;
	f->max_segment_size = shost->max_segment_size;
	f->nr_hw_queues = shost->nr_hw_queues ?: 1;
	f->nr_maps = shost->nr_maps ?: 1;
	f->host_tagset = shost->host_tagset;
	f->prot = shost->prot_capabilities;
}

/* The host as scsi_host_alloc() would hand it out, as far as it is the driver's. */
static void host_reset(struct bh_host *h, const struct scsi_host_template *sht)
{
	struct Scsi_Host *shost = h->shost;

	shost->transportt = h->fresh_transport;
	shost->max_channel = 0;
	shost->max_id = 8;
	shost->max_lun = 8;
	shost->max_cmd_len = 12;
	shost->unique_id = 0;
	shost->this_id = sht->this_id;
	shost->can_queue = sht->can_queue;
	shost->sg_tablesize = sht->sg_tablesize;
	shost->sg_prot_tablesize = sht->sg_prot_tablesize;
	shost->cmd_per_lun = sht->cmd_per_lun;
	shost->no_write_same = sht->no_write_same;
	shost->host_tagset = sht->host_tagset;
	shost->max_host_blocked = sht->max_host_blocked ?: SCSI_DEFAULT_HOST_BLOCKED;
	shost->max_sectors = sht->max_sectors ?: SCSI_DEFAULT_MAX_SECTORS;
	shost->opt_sectors = 0;
	shost->max_segment_size = sht->max_segment_size ?: BLK_MAX_SEGMENT_SIZE;
	shost->dma_boundary = sht->dma_boundary ?: 0xffffffff;
	shost->virt_boundary_mask = sht->virt_boundary_mask;
	shost->nr_hw_queues = 0;
	shost->nr_maps = 0;
	shost->eh_noresume = 0;
	shost->prot_capabilities = 0;
	shost->prot_guard_type = 0;
	shost->base = 0;
	shost->io_port = 0;
	shost->n_io_port = 0;
	shost->irq = 0;
	memset(shost->hostdata, 0, h->room);
}

/**
 * bh_hand_out() - what an incoming driver gets as its new host
 * @h: shadow of the kept one
 * @sht: its template
 * @privsize: size of the private area that it asks for
 *
 * Context: Process context, probe of the device.
 * Return: the kept host, or NULL if it does not fit.
 */
struct Scsi_Host *bh_hand_out(struct bh_host *h, const struct scsi_host_template *sht,
			      int privsize)
{
	struct lu_txn *txn = bs_lu_txn(h->ldev);

	if (!txn || privsize < 0)
		return NULL;
	if (privsize > h->room || sht->cmd_size > h->tmpl->cmd_room) {
		lu_mismatch(txn, "host%d: private area %d > %u or command %u > %u bytes",
			    h->shost->host_no, privsize, h->room, sht->cmd_size,
			    h->tmpl->cmd_room);
		return NULL;
	}
	bh_template_take(h, sht);
	host_reset(h, sht);
	h->adopted = false;
	WRITE_ONCE(h->handed, true);
	return h->shost;
}

static bool differs(struct bh_host *h, const char *what, u64 was, u64 now)
{
	struct lu_txn *txn = bs_lu_txn(h->ldev);

	if (was == now)
		return false;
	if (txn && !lu_txn_rolling_back(txn))
		lu_mismatch(txn, "host%d: %s %llu -> %llu", h->shost->host_no, what, was,
			    now);
	return true;
}

static bool shrinks(struct bh_host *h, const char *what, u64 was, u64 now)
{
	return now < was && differs(h, what, was, now);
}

static bool queues_fit(struct bh_host *h, const struct bh_fields *now)
{
	u64 was = h->was.nr_hw_queues;

	if (h->was.nr_maps > 1 || now->nr_maps > 1)
		return !differs(h, "hardware queues", was, now->nr_hw_queues);
	return !shrinks(h, "hardware queues", was, now->nr_hw_queues);
}

/*
 * A tag set in use keeps its shape, and the midlayer's functions for it. What
 * the incoming driver has more of stays idle.
 */
static bool host_fits(struct bh_host *h)
{
	struct bh_fields now;
	bool bad;

	bh_fields_of(h->shost, &now);
	bad = !queues_fit(h, &now);
	bad |= differs(h, "queue maps", h->was.nr_maps, now.nr_maps);
	bad |= shrinks(h, "can_queue", h->was.can_queue, now.can_queue);
	bad |= differs(h, "host_tagset", h->was.host_tagset, now.host_tagset);
	bad |= differs(h, "protection", h->was.prot, now.prot);
	bad |= differs(h, "commit_rqs", !!h->was_sht->commit_rqs, !!h->drv_sht->commit_rqs);
	bad |= differs(h, "init_cmd_priv", 0, !!h->drv_sht->init_cmd_priv);
	bad |= differs(h, "exit_cmd_priv", 0, !!h->drv_sht->exit_cmd_priv);
	return !bad;
}

/* The reference that scsi_add_host() takes on the parent moves too. */
static int host_move(struct bh_host *h, struct device *parent)
{
	struct device *dev = &h->shost->shost_gendev, *old = dev->parent;
	int err;

	if (old == parent)
		return 0;
	err = device_move(dev, parent, DPM_ORDER_NONE);
	if (err)
		return err;
	get_device(parent);
	put_device(old);
	return 0;
}

/* The device above gets the name that the one before had. */
static void parent_rename(struct bh_host *h, struct device *parent)
{
	struct device *other = NULL;
	char *swap = NULL;
	int err;

	err = device_rename(parent, h->parent_name);
	/* A library that numbers from one again may have given it to a sibling. */
	if (err == -EEXIST)
		other = device_find_child_by_name(parent->parent, h->parent_name);
	if (other)
		swap = kstrdup(dev_name(parent), GFP_KERNEL);
	if (swap) {
		err = device_rename(parent, "swap") ?: device_rename(other, swap) ?:
		      device_rename(parent, h->parent_name);
		kfree(swap);
	}
	put_device(other);
	if (err)
		dev_warn(parent, "not renamed to %s (%d)\n", h->parent_name, err);
}

/**
 * bh_adopt() - an incoming driver registers the host that it was handed
 * @h: its shadow
 * @parent: device above it
 * @dma_dev: device that does DMA for it, or NULL
 *
 * Return: 0; -EOPNOTSUPP if it does not fit.
 */
int bh_adopt(struct bh_host *h, struct device *parent, struct device *dma_dev)
{
	struct Scsi_Host *shost = h->shost;
	int err;

	if (!h->handed || h->adopted)
		return -EEXIST;
	if (!host_fits(h))
		return -EOPNOTSUPP;
	shost->nr_hw_queues = h->was.nr_hw_queues;
	shost->can_queue = h->was.can_queue;
	shost->cmd_per_lun = min_t(int, shost->cmd_per_lun, shost->can_queue);
	shost->dma_dev = dma_dev ?: parent;
	if (shost->dma_dev->dma_mask)
		shost->max_sectors = min_t(unsigned int, shost->max_sectors,
					   dma_max_mapping_size(shost->dma_dev) >> SECTOR_SHIFT);
	if (parent != h->ldev->dev && h->parent_name &&
	    strcmp(dev_name(parent), h->parent_name))
		parent_rename(h, parent);
	err = host_move(h, parent);
	if (err)
		return err;
	h->adopted = true;
	if (bh_all_adopted(h->ldev))
		lu_device_adopted(h->ldev);
	return 0;
}

/**
 * bh_conceal_remove() - a driver unregisters a host that is kept
 * @h: its shadow
 */
void bh_conceal_remove(struct bh_host *h)
{
	int err;

	if (!h->adopted)
		return;
	bh_units_detach(h);
	err = host_move(h, h->ldev->dev);
	if (err)
		pr_err("host%d: not moved (%d)\n", h->shost->host_no, err);
	h->adopted = false;
}

/**
 * bh_transport_take() - a host has a transport's template of its own
 * @h: its shadow; that of a library goes with it
 */
void bh_transport_take(struct bh_host *h)
{
	if (h->shost->transportt == &h->transport)
		return;
	h->transport = *h->shost->transportt;
	h->transport.user_scan = bh_no_scan;
	h->shost->transportt = &h->transport;
}

/**
 * bh_conceal_put() - a driver gives up a host that is kept
 * @h: its shadow
 */
void bh_conceal_put(struct bh_host *h)
{
	if (!h->handed)
		return;
	bh_conceal_remove(h);
	bh_transport_take(h);
	memset(h->shost->hostdata, 0, h->room);
	WRITE_ONCE(h->handed, false);
}
