// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: life of the shadows of tag sets and disks
 *
 * Born when a managed driver allocates a tag set, or a disk on it, in the
 * probe of a device of its set; dropped when the driver frees it for good. If
 * there is no memory for one the driver works all the same and only cannot be
 * updated: the core finds its device unclaimed.
 */
#include "block_shadow.h"

#include <linux/hashtable.h>
#include <linux/rculist.h>
#include <linux/slab.h>

static DEFINE_MUTEX(bs_mutex);
static LIST_HEAD(bs_disks);
static LIST_HEAD(bs_gone);
static LIST_HEAD(bs_tag_sets);
static DEFINE_HASHTABLE(bs_table, 6);
static u64 bs_last_id;

static unsigned int request_slack = 256;
module_param(request_slack, uint, 0644);
MODULE_PARM_DESC(request_slack,
		 "bytes reserved behind a driver's part of a request, for a bigger new version");

unsigned int bs_slack(void)
{
	return min(READ_ONCE(request_slack), 1u << 14);
}

static struct bs_disk *__bs_find(const struct gendisk *disk)
{
	struct bs_disk *bd;

	hash_for_each_possible_rcu(bs_table, bd, node, (unsigned long)disk)
		if (bd->disk == disk)
			return bd;
	return NULL;
}

/**
 * bs_find() - the shadow of a disk
 * @disk: a disk, tracked or not
 *
 * Context: Any. The shadow lives as long as the driver may use @disk, so a tap
 * called by that driver needs no reference.
 * Return: the shadow or NULL.
 */
struct bs_disk *bs_find(const struct gendisk *disk)
{
	struct bs_disk *bd;

	rcu_read_lock();
	bd = __bs_find(disk);
	rcu_read_unlock();
	return bd;
}

/**
 * bs_get() - the shadow of a disk, referenced
 * @disk: a disk, tracked or not
 *
 * Context: Any.
 * Return: the shadow, for bs_put(), or NULL.
 */
struct bs_disk *bs_get(const struct gendisk *disk)
{
	struct bs_disk *bd;

	rcu_read_lock();
	bd = __bs_find(disk);
	if (bd && !kref_get_unless_zero(&bd->ref))
		bd = NULL;
	rcu_read_unlock();
	return bd;
}

/**
 * bs_find_queue() - the shadow that a request queue belongs to
 * @q: a queue
 *
 * Return: the shadow or NULL.
 */
struct bs_disk *bs_find_queue(const struct request_queue *q)
{
	return q->disk ? bs_find(q->disk) : NULL;
}

static void bs_release(struct kref *ref)
{
	struct bs_disk *bd = container_of(ref, struct bs_disk, ref);

	bs_reclaim_end(&bd->reclaim, NULL, NULL);
	bs_settings_forget(&bd->settings);
	bs_view_drop(bd);
	kfree(bd->flush);
	kfree(bd->fops);
	lu_device_put(bd->ldev);
	kfree_rcu(bd, rcu);
	module_put(THIS_MODULE);
}

void bs_put(struct bs_disk *bd)
{
	kref_put(&bd->ref, bs_release);
}

/* Unregistered for good, while somebody still has it open. */
static bool is_dead(const struct bs_disk *bd)
{
	return bd->mode == BS_PASSIVE && test_bit(GD_DEAD, &bd->disk->state);
}

/**
 * bs_next() - walk the disks of a transaction, oldest first
 * @txn: the transaction
 * @prev: where the walk stands; its reference is dropped. NULL begins.
 *
 * The list may change between two steps.
 * Return: the next one, referenced, or NULL.
 */
struct bs_disk *bs_next(struct lu_txn *txn, struct bs_disk *prev)
{
	struct bs_disk *bd, *found = NULL;

	mutex_lock(&bs_mutex);
	list_for_each_entry(bd, &bs_disks, list) {
		if ((prev && bd->id <= prev->id) || is_dead(bd))
			continue;
		if (lu_txn_has(txn, bd->ldev) && bd->mode != BS_NEW) {
			kref_get(&bd->ref);
			found = bd;
			break;
		}
	}
	mutex_unlock(&bs_mutex);
	if (prev)
		bs_put(prev);
	return found;
}

/**
 * bs_next_to_hand_out() - the kept disk that a probing driver gets
 * @t: tag set that it allocates a disk on
 *
 * A driver with several disks gets them back in the order in which the first
 * generation allocated them.
 * Return: the shadow or NULL.
 */
struct bs_disk *bs_next_to_hand_out(struct bs_tags *t)
{
	struct bs_disk *bd, *found = NULL;

	mutex_lock(&bs_mutex);
	list_for_each_entry(bd, &bs_disks, list) {
		if (bd->tags == t && bs_in_update(bd) && !bd->handed) {
			found = bd;
			break;
		}
	}
	mutex_unlock(&bs_mutex);
	return found;
}

/**
 * bs_all_adopted() - has the driver registered all kept disks of a device
 * @ldev: the device
 */
bool bs_all_adopted(const struct lu_device *ldev)
{
	struct bs_disk *bd;
	bool all = true;

	mutex_lock(&bs_mutex);
	list_for_each_entry(bd, &bs_disks, list)
		if (bd->ldev == ldev && bs_in_update(bd) && !bd->adopted)
			all = false;
	mutex_unlock(&bs_mutex);
	return all;
}

/**
 * bs_track() - begin to shadow a disk
 * @disk: just allocated by a managed driver
 * @ldev: device whose probe allocates it
 * @t: its tag set, or NULL
 * @flush: its flush requests; freed with the shadow
 * @nr_flush: their number
 */
void bs_track(struct gendisk *disk, struct lu_device *ldev, struct bs_tags *t,
	      struct request **flush, unsigned int nr_flush)
{
	struct bs_disk *bd = kzalloc(sizeof(*bd), GFP_KERNEL);

	if (!bd) {
		pr_warn("%s: no memory to shadow a disk, it cannot be updated\n",
			dev_name(ldev->dev));
		kfree(flush);
		if (t)
			t->other_queues++;
		return;
	}
	__module_get(THIS_MODULE);
	kref_init(&bd->ref);
	bs_gate_init(&bd->gate);
	INIT_LIST_HEAD(&bd->settings);
	mutex_init(&bd->opens_lock);
	bd->disk = disk;
	bd->tags = t;
	bd->ldev = lu_device_hold(ldev);
	bd->flush = flush;
	bd->nr_flush = nr_flush;
	bd->fresh_limits = disk->queue->limits;
	bd->fresh_flags = disk->queue->queue_flags;
	bd->handed = true;
	bd->drv_queue = t;

	mutex_lock(&bs_mutex);
	bd->id = ++bs_last_id;
	list_add_tail(&bd->list, &bs_disks);
	hash_add_rcu(bs_table, &bd->node, (unsigned long)disk);
	mutex_unlock(&bs_mutex);
}

/**
 * bs_untrack() - end of shadowing; the driver gives the disk up
 * @bd: shadow that impersonates nobody
 */
void bs_untrack(struct bs_disk *bd)
{
	mutex_lock(&bs_mutex);
	list_del(&bd->list);
	hlist_del_init_rcu(&bd->node);
	bd->mode = BS_NEW;
	mutex_unlock(&bs_mutex);
	bs_put(bd);
}

/**
 * bs_linger() - a driver gives up a disk that somebody may still have open
 * @bd: shadow of a disk that was in service and is unregistered
 *
 * Calls reach the driver as before, see bs_part_all().
 */
void bs_linger(struct bs_disk *bd)
{
	mutex_lock(&bs_mutex);
	bd->mode = BS_NEW;
	bd->set = bd->ldev->set;
	list_move_tail(&bd->list, &bs_gone);
	mutex_unlock(&bs_mutex);
}

/**
 * bs_gone_to_part() - a disk that was unregistered, with a driver that is about to go
 * @txn: the transaction
 *
 * Return: the shadow, for bs_put(), or NULL.
 */
struct bs_disk *bs_gone_to_part(struct lu_txn *txn)
{
	struct bs_disk *bd, *found = NULL;

	mutex_lock(&bs_mutex);
	list_for_each_entry(bd, &bs_gone, list)
		if (!bs_has_parted(bd) && lu_txn_incoming_module(txn, bd->set) &&
		    kref_get_unless_zero(&bd->ref)) {
			found = bd;
			break;
		}
	mutex_unlock(&bs_mutex);
	return found;
}

/**
 * bs_take_gone() - a disk whose device is off its bus, and that no driver has
 * @dev: the device
 * @active: set to whether requests wait because of us
 *
 * Return: the shadow or NULL.
 */
struct bs_disk *bs_take_gone(const struct device *dev, bool *active)
{
	struct bs_disk *bd, *found = NULL;

	mutex_lock(&bs_mutex);
	list_for_each_entry(bd, &bs_disks, list) {
		if (bd->ldev->dev != dev || bd->handed || bd->mode == BS_NEW)
			continue;
		*active = bs_in_update(bd);
		bd->mode = BS_NEW;
		bd->set = bd->ldev->set;
		list_move_tail(&bd->list, &bs_gone);
		found = bd;
		break;
	}
	mutex_unlock(&bs_mutex);
	return found;
}

/**
 * bs_forget_gone() - the last user of such a disk is gone
 * @bd: its shadow
 */
void bs_forget_gone(struct bs_disk *bd)
{
	mutex_lock(&bs_mutex);
	list_del(&bd->list);
	hlist_del_init_rcu(&bd->node);
	mutex_unlock(&bs_mutex);
}

/**
 * bs_gone_each() - users' references on a driver move, those of such disks too
 * @txn: the transaction
 */
void bs_gone_each(struct lu_txn *txn)
{
	struct module *owner;
	struct bs_disk *bd;

	mutex_lock(&bs_mutex);
	list_for_each_entry(bd, &bs_gone, list) {
		if (!lu_txn_incoming_module(txn, bd->set))
			continue;
		owner = bs_owner_next(txn, bd);
		bs_refs_begin(txn, bd->fops->ops.owner, owner);
		WRITE_ONCE(bd->fops->ops.owner, owner);
	}
	mutex_unlock(&bs_mutex);
}

/**
 * bs_tags_find() - the shadow of a driver's tag set
 * @drv: the driver's own structure
 *
 * Return: the shadow or NULL.
 */
struct bs_tags *bs_tags_find(const struct blk_mq_tag_set *drv)
{
	struct bs_tags *t, *found = NULL;

	mutex_lock(&bs_mutex);
	list_for_each_entry(t, &bs_tag_sets, list)
		if (t->drv == drv) {
			found = t;
			break;
		}
	mutex_unlock(&bs_mutex);
	return found;
}

static unsigned int __bs_tags_turn(const struct lu_device *ldev)
{
	unsigned int n = 0;
	struct bs_tags *t;

	lockdep_assert_held(&bs_mutex);
	list_for_each_entry(t, &bs_tag_sets, list)
		n += t->ldev == ldev && t->handed;
	return n;
}

/**
 * bs_tags_turn() - number of tag sets that a driver has for a device
 * @ldev: the device
 */
unsigned int bs_tags_turn(const struct lu_device *ldev)
{
	unsigned int n;

	mutex_lock(&bs_mutex);
	n = __bs_tags_turn(ldev);
	mutex_unlock(&bs_mutex);
	return n;
}

/**
 * bs_tags_disks() - number of disks on a tag set
 * @t: its shadow
 */
unsigned int bs_tags_disks(const struct bs_tags *t)
{
	unsigned int n = 0;
	struct bs_disk *bd;

	mutex_lock(&bs_mutex);
	list_for_each_entry(bd, &bs_disks, list)
		n += bd->tags == t && !is_dead(bd);
	mutex_unlock(&bs_mutex);
	return n;
}

/**
 * bs_tags_next_to_hand_out() - the kept tag set that a probing driver gets
 * @ldev: device that is being probed
 *
 * A driver may have one without disks, which goes with it and comes with the
 * next one: the order in which it asks tells which is meant.
 *
 * Return: the shadow or NULL.
 */
struct bs_tags *bs_tags_next_to_hand_out(struct lu_device *ldev)
{
	struct bs_tags *t, *found = NULL;
	unsigned int turn;

	mutex_lock(&bs_mutex);
	turn = __bs_tags_turn(ldev);
	list_for_each_entry(t, &bs_tag_sets, list)
		if (t->ldev == ldev && t->mode == BS_ACTIVE && !t->handed && t->turn == turn) {
			found = t;
			break;
		}
	mutex_unlock(&bs_mutex);
	return found;
}

bool bs_tags_in_update(const struct bs_tags *t)
{
	return READ_ONCE(t->mode) == BS_ACTIVE;
}

void bs_tags_track(struct bs_tags *t)
{
	mutex_lock(&bs_mutex);
	t->id = ++bs_last_id;
	list_add_tail(&t->list, &bs_tag_sets);
	mutex_unlock(&bs_mutex);
}

void bs_tags_untrack(struct bs_tags *t)
{
	mutex_lock(&bs_mutex);
	list_del(&t->list);
	mutex_unlock(&bs_mutex);
}

/**
 * bs_tags_free_all() - the tag sets of a device that vanished
 * @ldev: the device; its disks are gone
 */
void bs_tags_free_all(struct lu_device *ldev)
{
	struct bs_tags *t, *next;
	LIST_HEAD(gone);

	mutex_lock(&bs_mutex);
	list_for_each_entry_safe(t, next, &bs_tag_sets, list)
		if (t->ldev == ldev && !t->handed)
			list_move_tail(&t->list, &gone);
	mutex_unlock(&bs_mutex);
	list_for_each_entry_safe(t, next, &gone, list)
		bs_tags_free(t);
}
