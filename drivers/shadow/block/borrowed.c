// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: disks on a queue that belongs to somebody else
 *
 * The driver of a SCSI disk does not own the queue: the device below has it,
 * with a driver of its own that stays. So nothing of the driver is in requests
 * or hardware contexts, and the queue must not be frozen for long: whoever
 * leaves and whoever comes sends commands to the device through it.
 *
 * It is held instead, as for power management: users' requests wait where they
 * are submitted, those marked with BLK_MQ_REQ_PM pass. While a queue is held a
 * probe of blk_mq_alloc_request() marks all that are commands. Between updates
 * the probe does not exist.
 */
#include "block_shadow.h"

#include <linux/blk-pm.h>
#include <linux/kprobes.h>
#include <linux/pm_runtime.h>

static DEFINE_MUTEX(hook_mutex);
static unsigned int hook_users;

/* blk_mq_alloc_request(q, opf, flags) */
static int pre_alloc_request(struct kprobe *kp, struct pt_regs *regs)
{
	struct request_queue *q = (void *)regs_get_kernel_argument(regs, 0);
	struct bs_disk *bd = bs_find_queue(q);

	if (bd && READ_ONCE(bd->held))
		bs_or_argument2(regs, (__force unsigned long)BLK_MQ_REQ_PM);
	return 0;
}

static struct kprobe hook = {
	.symbol_name = "blk_mq_alloc_request",
	.pre_handler = pre_alloc_request,
};

static int hook_get(void)
{
	int err = 0;

	mutex_lock(&hook_mutex);
	if (!hook_users) {
		hook.addr = NULL;
		hook.flags = 0;
		err = register_kprobe(&hook);
	}
	if (!err)
		hook_users++;
	mutex_unlock(&hook_mutex);
	return err;
}

static void hook_put(void)
{
	mutex_lock(&hook_mutex);
	if (!--hook_users)
		unregister_kprobe(&hook);
	mutex_unlock(&hook_mutex);
}

/**
 * bs_borrowed_prepare() - what an update of a borrowed queue's disk needs
 * @bd: shadow
 *
 * The device is awake throughout.
 *
 * Return: 0 or an error.
 */
int bs_borrowed_prepare(struct bs_disk *bd)
{
	int err;

	if (bd->tags || bd->prepared)
		return 0;
	err = hook_get();
	if (err)
		return err;
	pm_runtime_get_sync(bd->ldev->dev);
	bd->prepared = true;
	return 0;
}

/**
 * bs_borrowed_unprepare() - undo bs_borrowed_prepare()
 * @bd: shadow
 *
 * What drivers took of the device's runtime references more often than they
 * gave it back in this transaction goes with them.
 */
void bs_borrowed_unprepare(struct bs_disk *bd)
{
	if (!bd->prepared)
		return;
	for (; bd->awake > 0; bd->awake--)
		pm_runtime_put_noidle(bd->ldev->dev);
	bd->awake = 0;
	pm_runtime_put(bd->ldev->dev);
	hook_put();
	bd->prepared = false;
}

/**
 * bs_hold_begin() - users' requests wait, commands pass
 * @bd: shadow of a disk whose queue is about to be frozen
 *
 * In force when the queue has been frozen once, and a grace period of RCU has
 * passed.
 */
void bs_hold_begin(struct bs_disk *bd)
{
	WRITE_ONCE(bd->held, true);
	blk_set_pm_only(bd->disk->queue);
}

/**
 * bs_hold_end() - requests go on
 * @bd: shadow
 */
void bs_hold_end(struct bs_disk *bd)
{
	blk_clear_pm_only(bd->disk->queue);
	WRITE_ONCE(bd->held, false);
}

/**
 * bs_borrowed_alloc() - a managed driver wants a disk on somebody else's queue
 * @q: the queue
 * @lkclass: of the driver
 * @own: one that outlives drivers
 *
 * Return: the disk or NULL.
 */
struct gendisk *bs_borrowed_alloc(struct request_queue *q, struct lock_class_key *lkclass,
				  struct lock_class_key *own)
{
	struct lu_device *ldev = lu_current_device();
	struct bs_disk *bd = bs_find_queue(q);
	struct gendisk *disk;

	if (bd && bs_in_update(bd)) {
		if (bd->handed)
			return NULL;
		disk = bs_hand_out(bd, q->queuedata, NULL);
		return IS_ERR(disk) ? NULL : disk;
	}
	disk = blk_mq_alloc_disk_for_queue(q, ldev ? own : lkclass);
	if (disk && ldev)
		bs_track(disk, ldev, NULL, NULL, 0);
	return disk;
}
