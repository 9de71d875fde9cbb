// SPDX-License-Identifier: GPL-2.0
/*
 * A fake driver of disks, in three versions: blk-mq, contents in memory. It
 * calls the block core through the taps, as the imports of a managed driver
 * would be bound, and keeps books on every request it was ever given.
 */
#include <linux/hdreg.h>
#include <linux/highmem.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "disk_compat.h"
#include "fake_disk.h"

#define KT_REQUEST_MAGIC	0x6b746469

/* Goes when the driver has left the device and the last user the disk. */
struct kt_disk {
	refcount_t ref;
	unsigned int nr;
	unsigned int device;
	int index;
	struct blk_mq_tag_set tags;
	struct gendisk *disk;
};

/* A version's part of a request; more of it may follow. */
struct kt_request {
	u32 magic;
	u32 nr;
};

struct kt_disk_env kt_disks;

static struct lock_class_key kt_disk_key;

static void disk_put(struct kt_disk *d)
{
	if (refcount_dec_and_test(&d->ref))
		kfree(d);
}

static struct kt_disk_seen *seen_of(const struct kt_disk *d)
{
	return &kt_disks.seen[d->nr];
}

static bool is_mine(const struct kt_disk *d, struct request *rq)
{
	const struct kt_request *r = blk_mq_rq_to_pdu(rq);

	return r->magic == KT_REQUEST_MAGIC && r->nr == d->nr;
}

static int kt_init_request(struct blk_mq_tag_set *set, struct request *rq,
			   unsigned int idx, unsigned int node)
{
	struct kt_disk *d = set->driver_data;
	struct kt_disk_seen *seen = seen_of(d);
	struct kt_request *r = blk_mq_rq_to_pdu(rq);

	if (!d->device &&
	    atomic_inc_return(&seen->init_calls) == kt_disks.offer[d->nr].request_fails)
		return -ENOMEM;
	if (memchr_inv(r, 0, kt_disks.offer[d->nr].payload))
		atomic_inc(&seen->dirty);
	memset(r, 0xa5, kt_disks.offer[d->nr].payload);
	r->magic = KT_REQUEST_MAGIC;
	r->nr = d->nr;
	atomic_inc(&seen->requests);
	return 0;
}

static void kt_exit_request(struct blk_mq_tag_set *set, struct request *rq, unsigned int idx)
{
	struct kt_disk *d = set->driver_data;

	if (!is_mine(d, rq))
		atomic_inc(&seen_of(d)->foreign);
	memset(blk_mq_rq_to_pdu(rq), 0, sizeof(struct kt_request));
	atomic_dec(&seen_of(d)->requests);
}

static int kt_init_hctx(struct blk_mq_hw_ctx *hctx, void *data, unsigned int idx)
{
	struct kt_disk *d = data;

	if (kt_disks.offer[d->nr].context_fails && idx)
		return -ENOMEM;
	hctx->driver_data = d;
	atomic_inc(&seen_of(d)->contexts);
	return 0;
}

static void kt_exit_hctx(struct blk_mq_hw_ctx *hctx, unsigned int idx)
{
	struct kt_disk *d = hctx->driver_data;

	atomic_dec(&seen_of(d)->contexts);
}

static blk_status_t transfer(struct kt_disk *d, struct request *rq)
{
	u8 *at = kt_disks.store[d->device] + (blk_rq_pos(rq) << SECTOR_SHIFT);
	struct req_iterator iter;
	struct bio_vec bv;

	if (blk_rq_pos(rq) + blk_rq_sectors(rq) > KT_DISK_SECTORS)
		return BLK_STS_IOERR;
	rq_for_each_segment(bv, rq, iter) {
		if (rq_data_dir(rq) == WRITE)
			memcpy_from_bvec(at, &bv);
		else
			memcpy_to_bvec(&bv, at);
		at += bv.bv_len;
	}
	return BLK_STS_OK;
}

static void answer(struct kt_disk *d, struct request *rq)
{
	struct kt_disk_seen *seen = seen_of(d);
	blk_status_t status = BLK_STS_OK;

	if (!is_mine(d, rq))
		atomic_inc(&seen->foreign);
	if (req_op(rq) == REQ_OP_FLUSH)
		atomic_inc(&seen->flushes);
	else
		status = transfer(d, rq);
	atomic_inc(&seen->served);
	blk_mq_end_request(rq, status);
}

static blk_status_t kt_queue_rq(struct blk_mq_hw_ctx *hctx, const struct blk_mq_queue_data *bd)
{
	struct kt_disk *d = hctx->queue->queuedata;
	bool held;

	if (hctx->driver_data != d)
		atomic_inc(&seen_of(d)->foreign);
	blk_mq_start_request(bd->rq);
	spin_lock_irq(&kt_disks.lock);
	held = kt_disks.hold;
	if (held)
		list_add_tail(&bd->rq->queuelist, &kt_disks.held);
	spin_unlock_irq(&kt_disks.lock);
	if (!held)
		answer(d, bd->rq);
	return BLK_STS_OK;
}

/**
 * kt_disk_release() - requests are held no longer
 *
 * Return: how many were.
 */
unsigned int kt_disk_release(void)
{
	struct request *rq, *next;
	unsigned int n = 0;
	LIST_HEAD(held);

	spin_lock_irq(&kt_disks.lock);
	kt_disks.hold = false;
	list_splice_init(&kt_disks.held, &held);
	spin_unlock_irq(&kt_disks.lock);
	list_for_each_entry_safe(rq, next, &held, queuelist) {
		list_del_init(&rq->queuelist);
		answer(rq->q->queuedata, rq);
		n++;
	}
	return n;
}

static int kt_getgeo(struct block_device *bdev, struct hd_geometry *geo)
{
	struct kt_disk *d = bdev->bd_disk->private_data;

	geo->heads = 16;
	geo->sectors = 1 + d->nr;
	geo->cylinders = 1;
	return 0;
}

static void kt_free_disk(struct gendisk *disk)
{
	struct kt_disk *d = disk->private_data;

	atomic_inc(&seen_of(d)->freed);
	disk_put(d);
}

/* Tables of their own, as versions have them. */
static const struct blk_mq_ops kt_mq_tables[KT_VERSIONS] = {
	[0 ... KT_VERSIONS - 1] = {
		.queue_rq = kt_queue_rq,
		.init_request = kt_init_request,
		.exit_request = kt_exit_request,
		.init_hctx = kt_init_hctx,
		.exit_hctx = kt_exit_hctx,
	},
};

static struct block_device_operations kt_fops_tables[KT_VERSIONS] = {
	[0 ... KT_VERSIONS - 1] = {
		.free_disk = kt_free_disk,
	},
};

/* Probes run at the same time: each finds the table complete at all times. */
static void fops_make(unsigned int nr)
{
	WRITE_ONCE(kt_fops_tables[nr].owner, kt_module(nr));
	WRITE_ONCE(kt_fops_tables[nr].getgeo,
		   kt_disks.offer[nr].no_geometry ? NULL : kt_getgeo);
}

static int tags_make(struct kt_disk *d)
{
	const struct kt_disk_offer *offer = &kt_disks.offer[d->nr];

	fops_make(d->nr);
	d->tags.ops = &kt_mq_tables[d->nr];
	d->tags.nr_hw_queues = offer->queues;
	d->tags.queue_depth = offer->depth;
	d->tags.reserved_tags = offer->reserved;
	d->tags.numa_node = NUMA_NO_NODE;
	d->tags.flags = offer->flags;
	d->tags.cmd_size = offer->payload;
	d->tags.driver_data = d;
	return KT_CALL(blk_mq_alloc_tag_set)(&d->tags);
}

static int disk_make(struct kt_disk *d)
{
	const struct kt_disk_offer *offer = &kt_disks.offer[d->nr];

	d->disk = kt_alloc_disk(&d->tags, d, offer->block_size, !offer->no_cache, &kt_disk_key);
	if (IS_ERR(d->disk))
		return PTR_ERR(d->disk);
	d->disk->fops = &kt_fops_tables[d->nr];
	d->disk->private_data = d;
	snprintf(d->disk->disk_name, DISK_NAME_LEN, "ktblk%d", d->index);
	KT_CALL(set_capacity)(d->disk, offer->sectors);
	return 0;
}

static int disk_start(struct kt_disk *d, struct device *parent)
{
	int err;

	err = tags_make(d);
	if (err)
		return err;
	err = disk_make(d);
	if (err)
		goto err_tags;
	if (kt_disks.during)
		kt_disks.during(d->nr, d->device);
	err = kt_disks.offer[d->nr].late_err ?:
	      KT_CALL(device_add_disk)(parent, d->disk, NULL);
	if (!err) {
		refcount_inc(&d->ref);
		return 0;
	}
	KT_CALL(put_disk)(d->disk);
err_tags:
	KT_CALL(blk_mq_free_tag_set)(&d->tags);
	return err;
}

/**
 * kt_disk_probe() - probe of a disk
 * @nr: the version
 * @parent: the bus device
 */
int kt_disk_probe(unsigned int nr, struct device *parent)
{
	struct kt_disk *d = kzalloc(sizeof(*d), GFP_KERNEL);
	int err;

	if (!d)
		return -ENOMEM;
	refcount_set(&d->ref, 1);
	d->nr = nr;
	d->device = parent == kt.devices[0] ? 0 : 1;
	if (kt_disks.between)
		kt_disks.between(nr, d->device);
	d->index = KT_CALL(ida_alloc_range)(&kt_disks.ida[nr], 0, 99, GFP_KERNEL);
	if (d->index < 0) {
		err = d->index;
		goto err_free;
	}
	err = disk_start(d, parent);
	if (err)
		goto err_index;
	dev_set_drvdata(parent, d);
	return 0;

err_index:
	KT_CALL(ida_free)(&kt_disks.ida[nr], d->index);
err_free:
	kfree(d);
	return err;
}

void kt_disk_remove(unsigned int nr, struct device *parent)
{
	struct kt_disk *d = dev_get_drvdata(parent);

	KT_CALL(del_gendisk)(d->disk);
	KT_CALL(put_disk)(d->disk);
	KT_CALL(blk_mq_free_tag_set)(&d->tags);
	KT_CALL(ida_free)(&kt_disks.ida[nr], d->index);
	dev_set_drvdata(parent, NULL);
	disk_put(d);
}

/* What the driver in charge of a device has as its disk. */
struct gendisk *kt_disk_of(unsigned int device)
{
	struct kt_disk *d = dev_get_drvdata(kt.devices[device]);

	return d ? d->disk : NULL;
}

int kt_disk_index(unsigned int device)
{
	struct kt_disk *d = dev_get_drvdata(kt.devices[device]);

	return d ? d->index : -1;
}

/* All versions alike, as long as a test says nothing else. */
int kt_disk_reset(void)
{
	unsigned int i;

	memset(&kt_disks, 0, sizeof(kt_disks));
	INIT_LIST_HEAD(&kt_disks.held);
	spin_lock_init(&kt_disks.lock);
	for (i = 0; i < KT_VERSIONS; i++) {
		ida_init(&kt_disks.ida[i]);
		kt_disks.offer[i] = (struct kt_disk_offer) {
			.queues = 2,
			.depth = 16,
			.flags = BLK_MQ_F_SHOULD_MERGE,
			.payload = 64,
			.block_size = 512,
			.sectors = KT_DISK_SECTORS,
		};
	}
	for (i = 0; i < KT_DEVICES; i++) {
		kt_disks.store[i] = vzalloc(KT_DISK_SECTORS << SECTOR_SHIFT);
		if (!kt_disks.store[i])
			return -ENOMEM;
	}
	return 0;
}

void kt_disk_free(void)
{
	unsigned int i;

	for (i = 0; i < KT_VERSIONS; i++)
		ida_destroy(&kt_disks.ida[i]);
	for (i = 0; i < KT_DEVICES; i++) {
		vfree(kt_disks.store[i]);
		kt_disks.store[i] = NULL;
	}
}
