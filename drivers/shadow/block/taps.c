// SPDX-License-Identifier: GPL-2.0
/*
 * Taps of disks: what a managed driver's imports are bound to. Each finds the
 * shadow, asks whether an update is under way and either calls the kernel's
 * function or conceals the call. Policy is elsewhere. The block core is never
 * a module, so the originals are called by name.
 */
#include "block_shadow.h"

#include <linux/blk-pm.h>
#include <linux/pm_runtime.h>

/* A disk's lock class lies in the driver, which goes before the disk does. */
static struct lock_class_key bs_disk_class;

/* Tag sets */

static int lu_tap_blk_mq_alloc_tag_set(struct blk_mq_tag_set *set)
{
	struct lu_device *ldev = lu_working_device();
	struct bs_tags *t;

	if (!ldev)
		return blk_mq_alloc_tag_set(set);
	t = bs_tags_next_to_hand_out(ldev);
	return t ? bs_tags_hand_out(t, set) : bs_tags_alloc(ldev, set);
}

static int lu_tap_blk_mq_alloc_sq_tag_set(struct blk_mq_tag_set *set,
					  const struct blk_mq_ops *ops,
					  unsigned int queue_depth,
					  unsigned int set_flags)
{
	memset(set, 0, sizeof(*set));
	set->ops = ops;
	set->nr_hw_queues = 1;
	set->nr_maps = 1;
	set->queue_depth = queue_depth;
	set->numa_node = NUMA_NO_NODE;
	set->flags = set_flags;
	return lu_tap_blk_mq_alloc_tag_set(set);
}

static void lu_tap_blk_mq_free_tag_set(struct blk_mq_tag_set *set)
{
	struct bs_tags *t = bs_tags_find(set);

	/* None in it: taken away from a driver that kept it for too long. */
	if (!t && set->tags)
		blk_mq_free_tag_set(set);
	else if (!t)
		return;
	else if (bs_tags_in_update(t))
		bs_tags_leave(t);
	else
		bs_tags_free(t);
}

static struct blk_mq_tag_set *set_in_force(struct blk_mq_tag_set *set)
{
	struct bs_tags *t = bs_tags_find(set);

	return t ? &t->set : set;
}

static void lu_tap_blk_mq_update_nr_hw_queues(struct blk_mq_tag_set *set, int nr)
{
	struct bs_tags *t = bs_tags_find(set);

	if (!t) {
		blk_mq_update_nr_hw_queues(set, nr);
		return;
	}
	/* New queues have flush requests that nobody has seen. */
	if (nr != t->set.nr_hw_queues)
		t->other_queues++;
	blk_mq_update_nr_hw_queues(&t->set, nr);
	bs_tags_mirror(t);
}

static void lu_tap_blk_mq_tagset_busy_iter(struct blk_mq_tag_set *set,
					   busy_tag_iter_fn *fn, void *priv)
{
	blk_mq_tagset_busy_iter(set_in_force(set), fn, priv);
}

static void lu_tap_blk_mq_tagset_wait_completed_request(struct blk_mq_tag_set *set)
{
	blk_mq_tagset_wait_completed_request(set_in_force(set));
}

/* Disks */

#if BS_LIMITS_AT_ALLOC

struct alloc_args {
	struct queue_limits *lim;
	void *queuedata;
};

static struct gendisk *do_alloc_disk(struct bs_tags *t, void *arg)
{
	struct alloc_args *args = arg;

	return __blk_mq_alloc_disk(&t->set, args->lim, args->queuedata, &bs_disk_class);
}

static struct gendisk *lu_tap___blk_mq_alloc_disk(struct blk_mq_tag_set *set,
						  struct queue_limits *lim,
						  void *queuedata,
						  struct lock_class_key *lkclass)
{
	struct alloc_args args = { .lim = lim, .queuedata = queuedata };
	struct bs_tags *t = bs_tags_find(set);
	struct bs_disk *bd;

	if (!t)
		return __blk_mq_alloc_disk(set, lim, queuedata, lkclass);
	bd = bs_next_to_hand_out(t);
	return bd ? bs_hand_out(bd, queuedata, lim) : bs_spy_alloc(t, do_alloc_disk, &args);
}

static struct request_queue *lu_tap_blk_mq_alloc_queue(struct blk_mq_tag_set *set,
						       struct queue_limits *lim,
						       void *queuedata)
{
	struct bs_tags *t = bs_tags_find(set);

	if (t)
		t->other_queues++;
	return blk_mq_alloc_queue(t ? &t->set : set, lim, queuedata);
}

static void lu_tap_blk_mq_quiesce_tagset(struct blk_mq_tag_set *set)
{
	blk_mq_quiesce_tagset(set_in_force(set));
}

static void lu_tap_blk_mq_unquiesce_tagset(struct blk_mq_tag_set *set)
{
	blk_mq_unquiesce_tagset(set_in_force(set));
}

static void lu_tap_blk_mq_wait_quiesce_done(struct blk_mq_tag_set *set)
{
	blk_mq_wait_quiesce_done(set_in_force(set));
}

static int lu_tap_queue_limits_commit_update(struct request_queue *q,
					     struct queue_limits *lim)
{
	struct bs_disk *bd = bs_find_queue(q);

	if (bd && bd->tags && bs_in_update(bd) && bd->handed && !bd->adopted)
		return bs_limits_commit(bd, lim);
	return queue_limits_commit_update(q, lim);
}

#else /* !BS_LIMITS_AT_ALLOC */

static struct gendisk *do_alloc_disk(struct bs_tags *t, void *arg)
{
	return __blk_mq_alloc_disk(&t->set, arg, &bs_disk_class);
}

static struct gendisk *lu_tap___blk_mq_alloc_disk(struct blk_mq_tag_set *set,
						  void *queuedata,
						  struct lock_class_key *lkclass)
{
	struct bs_tags *t = bs_tags_find(set);
	struct bs_disk *bd;

	if (!t)
		return __blk_mq_alloc_disk(set, queuedata, lkclass);
	bd = bs_next_to_hand_out(t);
	return bd ? bs_hand_out(bd, queuedata, NULL) :
		    bs_spy_alloc(t, do_alloc_disk, queuedata);
}

static struct request_queue *lu_tap_blk_mq_init_queue(struct blk_mq_tag_set *set)
{
	struct bs_tags *t = bs_tags_find(set);

	if (t)
		t->other_queues++;
	return blk_mq_init_queue(t ? &t->set : set);
}

/* Flags of a queue in an incoming driver's hands: what it says, not what is. */
static unsigned long *flags_of_incoming(struct request_queue *q)
{
	struct bs_disk *bd = bs_find_queue(q);

	return bd && bs_in_update(bd) && bd->handed && !bd->adopted ? &bd->next.flags : NULL;
}

static void lu_tap_blk_queue_flag_set(unsigned int flag, struct request_queue *q)
{
	unsigned long *flags = flags_of_incoming(q);

	if (flags)
		set_bit(flag, flags);
	else
		blk_queue_flag_set(flag, q);
}

static void lu_tap_blk_queue_flag_clear(unsigned int flag, struct request_queue *q)
{
	unsigned long *flags = flags_of_incoming(q);

	if (flags)
		clear_bit(flag, flags);
	else
		blk_queue_flag_clear(flag, q);
}

static void lu_tap_blk_queue_write_cache(struct request_queue *q, bool wc, bool fua)
{
	unsigned long *flags = flags_of_incoming(q);

	if (!flags) {
		blk_queue_write_cache(q, wc, fua);
		return;
	}
	assign_bit(QUEUE_FLAG_HW_WC, flags, wc);
	assign_bit(QUEUE_FLAG_WC, flags, wc);
	assign_bit(QUEUE_FLAG_FUA, flags, fua);
}

#endif /* BS_LIMITS_AT_ALLOC */

static struct gendisk *lu_tap_blk_mq_alloc_disk_for_queue(struct request_queue *q,
							  struct lock_class_key *lkclass)
{
	return bs_borrowed_alloc(q, lkclass, &bs_disk_class);
}

/* The queue has it already, with what users chose since. */
static void lu_tap_blk_pm_runtime_init(struct request_queue *q, struct device *dev)
{
	struct bs_disk *bd = bs_find_queue(q);

	if (!bd || !bs_in_update(bd))
		blk_pm_runtime_init(q, dev);
}

static void lu_tap_pm_runtime_set_autosuspend_delay(struct device *dev, int delay)
{
	struct lu_device *ldev = lu_current_device();

	if (!ldev || ldev->dev != dev || !ldev->in_txn || !lu_set_active(ldev->set))
		pm_runtime_set_autosuspend_delay(dev, delay);
}

static int lu_tap_device_add_disk(struct device *parent, struct gendisk *disk,
				  const struct attribute_group **groups)
{
	const struct attribute_group **seen;
	struct bs_disk *bd = bs_find(disk);
	int err;

	if (bd && bs_in_update(bd))
		return bs_adopt(bd, parent, groups);
	if (!bd || bs_dress(bd))
		return device_add_disk(parent, disk, groups);
	seen = bs_view_groups(bd, groups);
	if (IS_ERR(seen)) {
		bs_undress(bd);
		return device_add_disk(parent, disk, groups);
	}
	bs_offer_note(bd);
	err = device_add_disk(parent, disk, seen);
	if (err)
		bs_undress(bd);
	else
		bs_registered(bd, seen);
	return err;
}

static void lu_tap_del_gendisk(struct gendisk *disk)
{
	struct bs_disk *bd = bs_find(disk);

	if (bd && bs_in_update(bd)) {
		bs_conceal_del(bd);
		return;
	}
	if (bd)
		bs_reclaim_give_up(disk->queue);
	del_gendisk(disk);
}

static void lu_tap_put_disk(struct gendisk *disk)
{
	struct bs_disk *bd = disk ? bs_find(disk) : NULL;

	if (bd && bs_put_stray(bd)) {
		put_disk(disk);
		return;
	}
	if (bd && bs_in_update(bd)) {
		bs_conceal_put(bd);
		return;
	}
	if (bd && bd->fops)
		bs_linger(bd);
	else if (bd)
		bs_untrack(bd);
	put_disk(disk);
}

static struct bs_disk *incoming(struct gendisk *disk)
{
	struct bs_disk *bd = bs_find(disk);

	if (!bd || !bs_in_update(bd))
		return NULL;
	bs_redress(bd);
	return bd;
}

static void lu_tap_set_capacity(struct gendisk *disk, sector_t size)
{
	struct bs_disk *bd = incoming(disk);

	if (bd)
		bd->next.capacity = size;
	else
		set_capacity(disk, size);
}

static bool lu_tap_set_capacity_and_notify(struct gendisk *disk, sector_t size)
{
	struct bs_disk *bd = incoming(disk);

	if (!bd)
		return set_capacity_and_notify(disk, size);
	bd->next.capacity = size;
	return false;
}

static void lu_tap_set_disk_ro(struct gendisk *disk, bool read_only)
{
	struct bs_disk *bd = incoming(disk);

	if (bd)
		bd->next.read_only = read_only;
	else
		set_disk_ro(disk, read_only);
}

/* Devices of the driver's own */

static int lu_tap_device_add(struct device *dev)
{
	int err = device_add(dev);

	if (!err)
		bs_nodes_added(dev);
	return err;
}

static void lu_tap_device_del(struct device *dev)
{
	device_del(dev);
	bs_nodes_deleted(dev);
}

static void lu_tap_device_unregister(struct device *dev)
{
	lu_tap_device_del(dev);
	put_device(dev);
}

/* Numbers */

static int lu_tap___register_blkdev(unsigned int major, const char *name,
				    void (*probe)(dev_t devt))
{
	return bs_major_get(major, name, probe);
}

static void lu_tap_unregister_blkdev(unsigned int major, const char *name)
{
	bs_major_put(major, name);
}

static int lu_tap_ida_alloc_range(struct ida *ida, unsigned int min, unsigned int max,
				  gfp_t gfp)
{
	return bs_index_get(ida, min, max, gfp);
}

static void lu_tap_ida_free(struct ida *ida, unsigned int id)
{
	bs_index_put(ida, id);
}

struct lu_tap block_taps[] = {
	LU_TAP(blk_mq_alloc_tag_set, LU_TAP_OBJECT),
	LU_TAP(blk_mq_alloc_sq_tag_set, LU_TAP_OBJECT),
	LU_TAP(blk_mq_free_tag_set, LU_TAP_OBJECT),
	LU_TAP(blk_mq_update_nr_hw_queues, LU_TAP_CONFIG),
	LU_TAP(blk_mq_tagset_busy_iter, LU_TAP_OBJECT),
	LU_TAP(blk_mq_tagset_wait_completed_request, LU_TAP_OBJECT),
	LU_TAP(__blk_mq_alloc_disk, LU_TAP_OBJECT),
#if BS_LIMITS_AT_ALLOC
	LU_TAP(blk_mq_alloc_queue, LU_TAP_OBJECT),
	LU_TAP(blk_mq_quiesce_tagset, LU_TAP_OBJECT),
	LU_TAP(blk_mq_unquiesce_tagset, LU_TAP_OBJECT),
	LU_TAP(blk_mq_wait_quiesce_done, LU_TAP_OBJECT),
	LU_TAP(queue_limits_commit_update, LU_TAP_CONFIG),
#else
	LU_TAP(blk_mq_init_queue, LU_TAP_OBJECT),
	LU_TAP(blk_queue_flag_set, LU_TAP_CONFIG),
	LU_TAP(blk_queue_flag_clear, LU_TAP_CONFIG),
	LU_TAP(blk_queue_write_cache, LU_TAP_CONFIG),
#endif
	LU_TAP(blk_mq_alloc_disk_for_queue, LU_TAP_OBJECT),
	LU_TAP(blk_pm_runtime_init, LU_TAP_CONFIG),
	LU_TAP(pm_runtime_set_autosuspend_delay, LU_TAP_CONFIG),
	LU_TAP(device_add_disk, LU_TAP_OBJECT),
	LU_TAP(del_gendisk, LU_TAP_CONCEAL),
	LU_TAP(put_disk, LU_TAP_OBJECT),
	LU_TAP(set_capacity, LU_TAP_CONCEAL),
	LU_TAP(set_capacity_and_notify, LU_TAP_CONCEAL),
	LU_TAP(set_disk_ro, LU_TAP_CONCEAL),
	LU_TAP(device_add, LU_TAP_OBJECT),
	LU_TAP(device_del, LU_TAP_OBJECT),
	LU_TAP(device_unregister, LU_TAP_OBJECT),
	LU_TAP(__register_blkdev, LU_TAP_OBJECT),
	LU_TAP(unregister_blkdev, LU_TAP_CONCEAL),
	LU_TAP(ida_alloc_range, LU_TAP_OBJECT),
	LU_TAP(ida_free, LU_TAP_OBJECT),
};

const size_t block_nr_taps = ARRAY_SIZE(block_taps);
