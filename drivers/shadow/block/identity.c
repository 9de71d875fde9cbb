// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: is it the same disk
 *
 * A version that numbers its ports in another way, or a disk that somebody
 * swapped, would have one disk's blocks written to another. So each device is
 * asked once, through the incoming driver, who it is, and the answer is held
 * against what the midlayer noted when it found the device. Meanwhile users'
 * requests wait as in a suspended system; only commands of power management,
 * and ours with them, may enter the queue.
 */
#include "host_shadow.h"

#include <linux/slab.h>

#define VPD_SERIAL	0x80
#define VPD_DEVICE_ID	0x83
#define VPD_HEADER	4

/* What is compared of a page, and what is asked for. */
#define VPD_BYTES	252
#define TRIES		2
#define TIMEOUT		(2 * HZ)

static bool can_ask(const struct bh_unit *u)
{
	const struct scsi_device *sdev = u->sdev;

	return u->attached && sdev->sdev_state == SDEV_RUNNING &&
	       (rcu_access_pointer(sdev->vpd_pg80) || rcu_access_pointer(sdev->vpd_pg83)) &&
	       bh_awake(sdev->request_queue);
}

/* Returns the bytes that were noted, cut off at VPD_BYTES; 0 if there are none. */
static unsigned int noted_page(struct scsi_vpd __rcu * const *page, u8 *buf)
{
	const struct scsi_vpd *vpd;
	unsigned int len = 0;

	rcu_read_lock();
	vpd = rcu_dereference(*page);
	if (vpd && vpd->len > VPD_HEADER) {
		len = min(vpd->len, VPD_BYTES);
		memcpy(buf, vpd->data, len);
	}
	rcu_read_unlock();
	return len;
}

/* Returns the bytes of the page that the device has now, or an error. */
static int ask_page(struct scsi_device *sdev, u8 page, u8 *buf)
{
	const u8 cmd[] = { INQUIRY, 1, page, 0, VPD_BYTES, 0 };
	int err;

	memset(buf, 0, VPD_BYTES);
	err = bh_execute_awake(sdev, cmd, buf, VPD_BYTES, TIMEOUT, TRIES);
	if (err)
		return err < 0 ? err : -EIO;
	if (buf[1] != page)
		return -EBADMSG;
	return min((buf[2] << 8 | buf[3]) + VPD_HEADER, VPD_BYTES);
}

static int another_disk(struct bh_host *h, struct bh_unit *u, u8 page, const u8 *was, int len,
			const u8 *now)
{
	struct lu_txn *txn = bs_lu_txn(h->ldev);
	const char *name = dev_name(&u->sdev->sdev_gendev);
	int chars = len - VPD_HEADER;

	if (page == VPD_SERIAL)
		lu_mismatch(txn, "%s: another disk, serial '%.*s' -> '%.*s'", name, chars,
			    was + VPD_HEADER, chars, now + VPD_HEADER);
	else
		lu_mismatch(txn, "%s: another disk, its WWN or other identification differs",
			    name);
	return -ENXIO;
}

static int compare_page(struct bh_host *h, struct bh_unit *u, u8 page,
			struct scsi_vpd __rcu * const *noted, u8 *buf)
{
	u8 *was = buf, *now = buf + VPD_BYTES;
	unsigned int len = noted_page(noted, was);
	int ret;

	if (!len)
		return 0;
	ret = ask_page(u->sdev, page, now);
	if (ret < 0) {
		lu_mismatch(bs_lu_txn(h->ldev), "%s: does not tell who it is (%d)",
			    dev_name(&u->sdev->sdev_gendev), ret);
		return ret;
	}
	if (ret == len && !memcmp(was, now, len))
		return 0;
	return another_disk(h, u, page, was, len, now);
}

static int compare_unit(struct bh_host *h, struct bh_unit *u, u8 *buf)
{
	if (!u->asked)
		return 0;
	return compare_page(h, u, VPD_SERIAL, &u->sdev->vpd_pg80, buf) ?:
	       compare_page(h, u, VPD_DEVICE_ID, &u->sdev->vpd_pg83, buf);
}

static void let_commands_in(struct bh_unit *u)
{
	struct request_queue *q = u->sdev->request_queue;

	blk_set_pm_only(q);
	smp_mb__after_atomic();	/* seen before the queue can be entered */
	blk_mq_unquiesce_queue(q);
	blk_mq_unfreeze_queue(q);
}

/**
 * bh_commands_begin() - let our commands into queues that stand still
 * @txn: the transaction
 * @wanted: into the queue of this device? Noted in its @asked.
 *
 * Context: Process context; queues are frozen and quiesced.
 */
void bh_commands_begin(struct lu_txn *txn, bool (*wanted)(const struct bh_unit *u))
{
	struct bh_host *h;
	struct bh_unit *u;

	bh_for_each(h, txn)
		list_for_each_entry(u, &h->units, list) {
			u->asked = wanted(u);
			if (u->asked)
				let_commands_in(u);
		}
}

/**
 * bh_commands_end() - queues are frozen and quiesced again
 * @txn: the transaction
 */
void bh_commands_end(struct lu_txn *txn)
{
	struct bh_host *h;
	struct bh_unit *u;
	bool any = false;

	/* Each of our commands has ended, and nobody else's was let in. */
	bh_for_each(h, txn)
		list_for_each_entry(u, &h->units, list)
			if (u->asked) {
				blk_mq_freeze_queue(u->sdev->request_queue);
				blk_mq_quiesce_queue_nowait(u->sdev->request_queue);
				any = true;
			}
	if (!any)
		return;
	synchronize_rcu_expedited();
	bh_for_each(h, txn)
		list_for_each_entry(u, &h->units, list)
			if (u->asked) {
				bs_queue_sync(u->sdev->request_queue);
				blk_clear_pm_only(u->sdev->request_queue);
				u->asked = false;
			}
}

/**
 * bh_identify_all() - are the devices of the hosts those that they were
 * @txn: the transaction, which is told what differs
 *
 * Unlike a lack, another disk is not for an operator to put up with.
 *
 * Context: Process context; queues are frozen and quiesced, before and after.
 * Return: 0; -ENXIO another disk; what the command said.
 */
int bh_identify_all(struct lu_txn *txn)
{
	u8 *buf = kmalloc(2 * VPD_BYTES, GFP_KERNEL);
	struct bh_host *h;
	struct bh_unit *u;
	int err, ret = 0;

	if (!buf)
		return -ENOMEM;
	bh_commands_begin(txn, can_ask);
	bh_for_each(h, txn)
		list_for_each_entry(u, &h->units, list) {
			err = compare_unit(h, u, buf);
			ret = ret ?: err;
		}
	bh_commands_end(txn);
	kfree(buf);
	return ret;
}
