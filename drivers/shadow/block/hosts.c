// SPDX-License-Identifier: GPL-2.0
/* SCSI hosts: what the core calls, and the verdict. */
#include "host_shadow.h"

#include <linux/async.h>
#include <linux/slab.h>

struct named {
	unsigned short at;
	const char *name;
};

#define OP(_f) { offsetof(struct scsi_host_template, _f), #_f }

/* What users can reach through a host; its absence is a lack. */
static const struct named op_names[] = {
	OP(ioctl), OP(eh_abort_handler), OP(eh_device_reset_handler),
	OP(eh_target_reset_handler), OP(eh_bus_reset_handler), OP(eh_host_reset_handler),
	OP(change_queue_depth), OP(bios_param), OP(unlock_native_capacity), OP(host_reset),
};

/**
 * bh_no_scan() - a user asks for a scan while no driver is there
 * @shost: the host
 * @channel: where
 * @id: where
 * @lun: where
 *
 * Return: -EBUSY.
 */
int bh_no_scan(struct Scsi_Host *shost, uint channel, uint id, u64 lun)
{
	return -EBUSY;
}

static int refuse(struct bh_host *h, struct lu_txn *txn, const char *what)
{
	lu_mismatch(txn, "host%d: cannot be carried over: %s", h->shost->host_no, what);
	return -EOPNOTSUPP;
}

static int prepare_one(struct bh_host *h, struct lu_txn *txn)
{
	const struct scsi_host_template *sht = h->drv_sht;

	if (bh_in_update(h))
		return 0;
	if (!h->tmpl)
		return refuse(h, txn, "no memory when it was registered");
	if (sht->init_cmd_priv || sht->exit_cmd_priv)
		return refuse(h, txn, "private data in commands");
	if (sht->target_alloc || sht->target_destroy)
		return refuse(h, txn, "private data of targets");
	if (sht->show_info)
		return refuse(h, txn, "file in /proc/scsi");
	kfree(h->parent_name);
	h->parent_name = kstrdup(dev_name(h->shost->shost_gendev.parent), GFP_KERNEL);
	return h->parent_name ? bh_units_note(h) : -ENOMEM;
}

int bh_prepare(struct lu_txn *txn)
{
	int err, nr = bh_leaver(txn);
	struct bh_host *h;

	if (nr >= 0) {
		lu_mismatch(txn,
			    "host%d: cannot be carried over: given up before it was registered",
			    nr);
		return -EOPNOTSUPP;
	}
	bh_for_each(h, txn) {
		err = prepare_one(h, txn);
		if (err) {
			bh_put(h);
			return err;
		}
	}
	return 0;
}

void bh_unprepare(struct lu_txn *txn)
{
	struct bh_host *h;

	bh_for_each(h, txn)
		if (!bh_in_update(h))
			bh_units_forget(h);
}

static int freeze_host(struct bh_host *h, unsigned long deadline)
{
	struct bh_unit *u;
	int err;

	list_for_each_entry(u, &h->units, list) {
		u->frozen = true;
		blk_freeze_queue_start(u->sdev->request_queue);
	}
	list_for_each_entry(u, &h->units, list) {
		err = bs_queue_freeze_wait(u->sdev->request_queue,
					   dev_name(&u->sdev->sdev_gendev), deadline);
		if (err)
			return err;
	}
	return 0;
}

static void thaw_host(struct bh_host *h, bool dispatching_ended)
{
	struct bh_unit *u;

	WRITE_ONCE(h->mode, BS_PASSIVE);
	list_for_each_entry(u, &h->units, list) {
		if (dispatching_ended)
			blk_mq_unquiesce_queue(u->sdev->request_queue);
		if (u->frozen)
			blk_mq_unfreeze_queue(u->sdev->request_queue);
		u->frozen = false;
		bs_reclaim_end(&u->reclaim, h->ldev->set, dev_name(&u->sdev->sdev_gendev));
	}
	if (h->gate.closed)
		bs_gate_open(&h->gate);
}

static void end_dispatching(struct lu_txn *txn)
{
	struct bh_host *h;
	struct bh_unit *u;
	bool any = false;

	bh_for_each(h, txn)
		list_for_each_entry(u, &h->units, list) {
			blk_mq_quiesce_queue_nowait(u->sdev->request_queue);
			any = true;
		}
	if (any)
		synchronize_rcu_expedited();
	bh_for_each(h, txn)
		list_for_each_entry(u, &h->units, list)
			bs_queue_sync(u->sdev->request_queue);
}

static void host_keep(struct bh_host *h)
{
	struct bh_unit *u;

	bh_fields_of(h->shost, &h->was);
	h->was_sht = h->drv_sht;
	list_for_each_entry(u, &h->units, list) {
		u->limits = u->sdev->request_queue->limits;
		u->depth = u->sdev->queue_depth;
	}
	WRITE_ONCE(h->mode, BS_ACTIVE);
}

static int close_and_freeze(struct lu_txn *txn, unsigned long deadline)
{
	struct bh_host *h;
	struct bh_unit *u;
	int err;

	bh_for_each(h, txn) {
		bh_groups_remove(h);
		err = bs_gate_close(&h->gate, deadline);
		if (err)
			goto err_put;
	}
	bh_for_each(h, txn)
		list_for_each_entry(u, &h->units, list)
			u->reclaim = bs_reclaim_begin(u->sdev->request_queue, deadline);
	lu_txn_blackout_start(txn);
	bh_for_each(h, txn) {
		err = freeze_host(h, deadline);
		if (err)
			goto err_put;
	}
	return 0;

err_put:
	bh_put(h);
	return err;
}

/* The last word of users to their disks has been said. */
static void note_disks(struct lu_txn *txn)
{
	struct bh_host *h;
	struct bh_unit *u;

	bh_commands_begin(txn, bh_ata_wanted);
	bh_for_each(h, txn)
		list_for_each_entry(u, &h->units, list)
			if (u->asked)
				bh_ata_note(u);
	bh_commands_end(txn);
}

/**
 * bh_quiesce_all() - no request and no call reaches a host's driver from now on
 * @txn: the transaction
 * @deadline: in jiffies
 *
 * Return: 0, or -ETIME and all is as it was.
 */
int bh_quiesce_all(struct lu_txn *txn, unsigned long deadline)
{
	struct bh_host *h;
	int err;

	err = close_and_freeze(txn, deadline);
	if (err) {
		bh_for_each(h, txn) {
			thaw_host(h, false);
			bh_groups_create(h);
		}
		return err;
	}
	end_dispatching(txn);
	note_disks(txn);
	bh_for_each(h, txn)
		host_keep(h);
	return 0;
}

void bh_detached(struct lu_txn *txn)
{
	struct bh_host *h;
	struct bh_unit *u;

	bs_unplug_lock();
	bh_for_each(h, txn) {
		/* A driver that went without a word: its functions with it. */
		list_for_each_entry(u, &h->units, list)
			u->attached = false;
		bh_conceal_put(h);
	}
	bs_unplug_unlock();
}

/**
 * bh_wait_probed() - wait for drivers that look for their devices later
 * @txn: the transaction
 */
void bh_wait_probed(struct lu_txn *txn)
{
	struct bh_host *h = bh_next(txn, NULL);

	if (!h)
		return;
	bh_put(h);
	async_synchronize_full();
}

static void verify_ops(struct bh_host *h, struct lu_txn *txn)
{
	const void *was = h->was_sht, *now = h->drv_sht;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(op_names); i++)
		if (*(void **)(was + op_names[i].at) && !*(void **)(now + op_names[i].at))
			lu_mismatch(txn, "host%d: %s missing", h->shost->host_no,
				    op_names[i].name);
}

static void verify_less(struct bh_host *h, struct lu_txn *txn, const char *what, u64 was,
			u64 now)
{
	if (now < was)
		lu_mismatch(txn, "host%d: %s %llu -> %llu", h->shost->host_no, what, was,
			    now);
}

static void verify_host(struct bh_host *h, struct lu_txn *txn)
{
	const struct bh_fields *was = &h->was;
	struct bh_fields now;
	struct bh_unit *u;

	/* No lack of the incoming driver's; the host goes. */
	if (!device_is_registered(h->ldev->dev))
		return;

	bh_fields_of(h->shost, &now);
	verify_less(h, txn, "max_channel", was->max_channel, now.max_channel);
	verify_less(h, txn, "max_id", was->max_id, now.max_id);
	verify_less(h, txn, "max_lun", was->max_lun, now.max_lun);
	verify_less(h, txn, "max_cmd_len", was->max_cmd_len, now.max_cmd_len);
	verify_less(h, txn, "sg_tablesize", was->sg_tablesize, now.sg_tablesize);
	verify_less(h, txn, "max_sectors", was->max_sectors, now.max_sectors);
	verify_less(h, txn, "max_segment_size", was->max_segment_size, now.max_segment_size);
	verify_ops(h, txn);
	list_for_each_entry(u, &h->units, list)
		if (!u->attached)
			lu_mismatch(txn, "%s: not found by the new driver",
				    dev_name(&u->sdev->sdev_gendev));
}

/**
 * bh_verify_all() - do the incoming drivers offer what the outgoing ones did
 * @txn: the transaction, which is told each lack
 *
 * Return: 0, or an error if a disk is not the one that it was.
 */
int bh_verify_all(struct lu_txn *txn)
{
	struct bh_host *h;
	int err;

	bs_unplug_lock();
	bh_for_each(h, txn)
		verify_host(h, txn);
	err = bh_identify_all(txn);
	bs_unplug_unlock();
	return err;
}

/**
 * bh_resume_all() - requests go to the driver that is bound now
 * @txn: the transaction
 */
void bh_resume_all(struct lu_txn *txn)
{
	struct bh_host *h;

	bs_unplug_lock();
	bh_buried_each(txn);
	bh_for_each(h, txn) {
		struct module *owner;

		if (!bh_in_update(h))
			continue;
		/* One that nobody took over lost its device, and goes soon. */
		owner = h->adopted ? h->drv_sht->module :
			lu_txn_incoming_module(txn, h->ldev->set);
		bs_refs_begin(txn, h->tmpl->sht.module, owner);
		WRITE_ONCE(h->tmpl->sht.module, owner);
		if (h->adopted) {
			bh_ata_hold(h);
			thaw_host(h, true);
			lu_txn_replayed(txn, bh_ata_replay(h));
		}
		lu_txn_blackout_end(txn);
	}
	bs_unplug_unlock();
	bh_for_each(h, txn)
		if (!bh_in_update(h))
			lu_txn_replayed(txn, bh_groups_create(h));
}

/* Who waits, fails. */
static void fail_requests(struct bh_host *h)
{
	struct scsi_device *sdev;
	struct bh_unit *u;

	bh_template_bury(h);
	list_for_each_entry(u, &h->units, list) {
		sdev = u->sdev;
		mutex_lock(&sdev->state_mutex);
		scsi_device_set_state(sdev, SDEV_OFFLINE);
		mutex_unlock(&sdev->state_mutex);
	}
	thaw_host(h, true);
	bh_units_forget(h);
}

/**
 * bh_bury_all() - a device is off its bus
 * @dev: the device
 *
 * Its hosts go as they would have gone without us.
 *
 * Context: Process context; sleeps.
 */
void bh_bury_all(struct device *dev)
{
	struct Scsi_Host *shost;
	struct bh_host *h;

	for (;;) {
		bs_unplug_lock();
		h = bh_take_gone(dev);
		if (h)
			fail_requests(h);
		bs_unplug_unlock();
		if (!h)
			return;
		shost = h->shost;
		pr_warn("host%d: device vanished during its update\n", shost->host_no);
		scsi_remove_host(shost);
		bh_untrack(h);
		scsi_host_put(shost);
		bh_put(h);
	}
}

/**
 * bh_each_bus() - call a function for the device of each host of a transaction
 * @txn: the transaction
 * @fn: the function
 */
void bh_each_bus(struct lu_txn *txn, void (*fn)(struct lu_txn *txn, struct lu_device *ldev))
{
	struct bh_host *h;

	bh_for_each(h, txn)
		fn(txn, h->ldev);
}
