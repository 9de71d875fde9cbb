// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: requests wait
 *
 * Strict order, for all disks of the transaction together: attributes go while
 * readers may still ask the device; calls of the driver's table end; the
 * queues are frozen, which lets the driver finish what it has, and makes
 * submitters wait; dispatching ends, for a thread may have handed over the
 * last request and not yet have returned from the driver.
 */
#include "block_shadow.h"

#include <linux/blk-integrity.h>

static int refuse(struct bs_disk *bd, struct lu_txn *txn, const char *what)
{
	lu_mismatch(txn, "%s: cannot be carried over: %s", bd->disk->disk_name, what);
	return -EOPNOTSUPP;
}

/**
 * bs_refusal() - is there something that cannot be carried over
 * @bd: shadow
 * @txn: the transaction, which is told
 *
 * Return: 0 or -EOPNOTSUPP.
 */
int bs_refusal(struct bs_disk *bd, struct lu_txn *txn)
{
	const struct block_device_operations *fops = bd->drv_fops;
	struct request_queue *q = bd->disk->queue;

	if (bd->tags && bd->tags->other_queues)
		return refuse(bd, txn, "another queue on its tag set");
	/* The driver may look for them in any order, all at once. */
	if (bd->tags && bs_tags_disks(bd->tags) > 1)
		return refuse(bd, txn, "another disk on its tag set");
	if (bd->disk->flags & GENHD_FL_HIDDEN)
		return refuse(bd, txn, "hidden, behind another disk");
	if (!bd->tags && !bs_can_hold(q))
		return refuse(bd, txn, "a queue of somebody else, without power management");
	if (fops->submit_bio || fops->poll_bio)
		return refuse(bd, txn, "bio-based");
	if (fops->swap_slot_free_notify)
		return refuse(bd, txn, "swap_slot_free_notify");
	if (bs_is_zoned(bd->disk))
		return refuse(bd, txn, "zones");
	if (blk_get_integrity(bd->disk))
		return refuse(bd, txn, "integrity profile");
#ifdef CONFIG_BLK_INLINE_ENCRYPTION
	if (q->crypto_profile)
		return refuse(bd, txn, "inline encryption");
#endif
	if (blk_queue_dax(q))
		return refuse(bd, txn, "direct access");
	return 0;
}

/* A tag set without a disk goes with its driver. */
static void set_mode(struct bs_disk *bd, enum bs_mode mode)
{
	WRITE_ONCE(bd->mode, mode);
	if (bd->tags)
		WRITE_ONCE(bd->tags->mode, mode);
}

static int close_gates(struct lu_txn *txn, unsigned long deadline)
{
	struct bs_disk *bd;
	int err;

	bs_for_each(bd, txn) {
		bs_groups_remove(bd);
		err = bs_gate_close(&bd->gate, deadline);
		if (err) {
			bs_put(bd);
			return err;
		}
	}
	return 0;
}

/**
 * bs_queue_freeze_wait() - wait for the requests of a queue that is being frozen
 * @q: the queue
 * @name: for the message
 * @deadline: in jiffies
 *
 * Return: 0 or -ETIME.
 */
int bs_queue_freeze_wait(struct request_queue *q, const char *name, unsigned long deadline)
{
	long left = max_t(long, deadline - jiffies, 1);

	if (blk_mq_freeze_queue_wait_timeout(q, left))
		return 0;
	pr_warn("%s: requests under way do not end\n", name);
	return -ETIME;
}

/**
 * bs_queue_sync() - wait for what a frozen queue may still have at work
 * @q: the queue; no dispatch begins any more
 */
void bs_queue_sync(struct request_queue *q)
{
	struct blk_mq_hw_ctx *hctx;
	unsigned long i;

	blk_sync_queue(q);
	cancel_delayed_work_sync(&q->requeue_work);
	queue_for_each_hw_ctx(q, hctx, i)
		cancel_delayed_work_sync(&hctx->run_work);
}

static int freeze_queues(struct lu_txn *txn, unsigned long deadline)
{
	struct bs_disk *bd;
	int err;

	bs_for_each(bd, txn)
		bd->reclaim = bs_reclaim_begin(bd->disk->queue, deadline);
	bs_for_each(bd, txn) {
		bd->quiesced = true;
		if (!bd->tags)
			bs_hold_begin(bd);
		blk_freeze_queue_start(bd->disk->queue);
	}
	bs_for_each(bd, txn) {
		err = bs_queue_freeze_wait(bd->disk->queue, bd->disk->disk_name, deadline);
		if (err) {
			bs_put(bd);
			return err;
		}
	}
	return 0;
}

static void end_dispatching(struct lu_txn *txn)
{
	struct bs_disk *bd;
	bool any = false;

	bs_for_each(bd, txn) {
		any = true;
		/* Its driver is done with a command before the command is. */
		if (!bd->tags)
			continue;
		/* Waits for each queue; a grace period is shared where it can be. */
		if (bd->tags->set.flags & BLK_MQ_F_BLOCKING)
			blk_mq_quiesce_queue(bd->disk->queue);
		else
			blk_mq_quiesce_queue_nowait(bd->disk->queue);
	}
	if (any)
		synchronize_rcu_expedited();
	bs_for_each(bd, txn) {
		if (bd->tags) {
			bs_queue_sync(bd->disk->queue);
			continue;
		}
		/* Held from here on: commands go to the device, whoever drives the disk. */
		blk_mq_unfreeze_queue(bd->disk->queue);
		bd->quiesced = false;
	}
}

/* Also the way back from a quiesce that did not come to its end. */
static void thaw(struct bs_disk *bd, bool dispatching_ended)
{
	set_mode(bd, BS_PASSIVE);
	if (dispatching_ended && bd->tags)
		blk_mq_unquiesce_queue(bd->disk->queue);
	if (bd->quiesced)
		blk_mq_unfreeze_queue(bd->disk->queue);
	bd->quiesced = false;
	if (bd->held)
		bs_hold_end(bd);
	bs_reclaim_end(&bd->reclaim, bd->ldev->set, bd->disk->disk_name);
	if (bd->gate.closed)
		bs_opens_settle(bd);
}

/**
 * bs_quiesce_all() - no request and no call reaches a driver from now on
 * @txn: the transaction
 * @deadline: in jiffies
 *
 * Context: Process context; sleeps.
 * Return: 0, or -ETIME and all is as it was.
 */
int bs_quiesce_all(struct lu_txn *txn, unsigned long deadline)
{
	struct bs_disk *bd;
	int err;

	err = close_gates(txn, deadline) ?: bs_part_all(txn, deadline);
	if (err)
		goto err_thaw;
	lu_txn_blackout_start(txn);
	err = freeze_queues(txn, deadline);
	if (err)
		goto err_thaw;
	end_dispatching(txn);
	bs_for_each(bd, txn) {
		bs_keep(bd);
		set_mode(bd, BS_ACTIVE);
	}
	return 0;

err_thaw:
	bs_for_each(bd, txn) {
		thaw(bd, false);
		bs_groups_create(bd);
	}
	lu_txn_blackout_end(txn);
	return err;
}

/**
 * bs_resume_all() - requests go to the driver that is bound now
 * @txn: the transaction
 */
void bs_resume_all(struct lu_txn *txn)
{
	struct bs_disk *bd;

	bs_unplug_lock();
	bs_gone_each(txn);
	bs_for_each(bd, txn) {
		struct module *owner;

		if (!bs_in_update(bd))
			continue;
		/* A disk that nobody took over lost its device, and goes soon. */
		owner = bd->adopted ? bd->drv_fops->owner : bs_owner_next(txn, bd);
		bs_refs_begin(txn, bd->fops->ops.owner, owner);
		WRITE_ONCE(bd->fops->ops.owner, owner);
		if (bd->adopted)
			thaw(bd, true);
	}
	bs_unplug_unlock();
	lu_txn_blackout_end(txn);
	bs_for_each(bd, txn) {
		if (bs_in_update(bd))
			continue;
		bs_give_back(bd);
		lu_txn_replayed(txn, bs_groups_create(bd));
	}
}
