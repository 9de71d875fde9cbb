// SPDX-License-Identifier: GPL-2.0
/*
 * Shadow driver for disks: what the core calls.
 *
 * A transaction moves all disks of a driver set. While no driver answers,
 * requests wait where they are submitted; nobody is told anything.
 */
#include "block_shadow.h"

#include <linux/async.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

static void borrowed_unprepare(struct lu_txn *txn)
{
	struct bs_disk *bd;

	bs_for_each(bd, txn)
		if (!bs_in_update(bd))
			bs_borrowed_unprepare(bd);
}

static int block_prepare(struct lu_txn *txn)
{
	struct bs_disk *bd;
	int err = 0;

	bs_for_each(bd, txn) {
		/* In the hands of nobody since a failure: it was looked at then. */
		if (bs_in_update(bd))
			continue;
		err = bs_refusal(bd, txn) ?: bs_borrowed_prepare(bd);
		if (err) {
			bs_put(bd);
			borrowed_unprepare(txn);
			return err;
		}
	}
	err = bh_prepare(txn);
	if (err) {
		borrowed_unprepare(txn);
		return err;
	}
	bs_unplug_watch(txn);
	bs_reserve_take();
	return 0;
}

static void block_unprepare(struct lu_txn *txn)
{
	bs_reserve_drop();
	bs_refs_settle(txn);
	borrowed_unprepare(txn);
	bh_unprepare(txn);
	bs_majors_settle(txn);
	bs_indices_settle(txn);
	bs_nodes_settle(txn);
	bs_unplug_unwatch(txn);
}

static int block_quiesce(struct lu_txn *txn, unsigned long deadline)
{
	int err;

	bs_reserve_drop();
	err = bs_quiesce_all(txn, deadline);
	if (err)
		return err;
	err = bh_quiesce_all(txn, deadline);
	if (err)
		bs_resume_all(txn);
	return err;
}

static int block_resume(struct lu_txn *txn, unsigned long deadline)
{
	bs_resume_all(txn);
	bh_resume_all(txn);
	return 0;
}

/* As long as it takes, which a busy kernel thread decides; requests go on. */
static void block_settle(struct lu_txn *txn)
{
	bs_refs_wait(txn);
}

static int block_unquiesce(struct lu_txn *txn)
{
	return block_resume(txn, 0);
}

static void block_detached(struct lu_txn *txn)
{
	struct bs_disk *bd;

	bs_for_each(bd, txn) {
		/* A driver that went without a word: its functions with it. */
		if (bd->drv_queue)
			bs_queue_drop_driver(bd);
		bs_opens_forget(bd);
		bs_put_later(bd);
		bs_conceal_put(bd);
		if (bd->tags)
			bs_tags_forget(bd->tags);
	}
	bs_nodes_forget(txn);
	bh_detached(txn);
}

/* A driver whose probe returned may look for its disks later. */
static void block_probed(struct lu_txn *txn)
{
	struct bs_disk *bd;
	bool any = false;

	bs_for_each(bd, txn)
		any |= bs_in_update(bd) && !bd->adopted;
	if (any)
		async_synchronize_full();
}

static int block_verify(struct lu_txn *txn)
{
	struct bs_disk *bd;

	bs_for_each(bd, txn)
		bs_verify(bd, txn);
	bh_wait_probed(txn);
	return bh_verify_all(txn);
}

/* The driver was started by its probe; most of users' settings are the queue's. */
static int block_replay(struct lu_txn *txn, unsigned long deadline)
{
	bh_wait_probed(txn);
	return bs_nodes_replay(txn);
}

static void block_stuck(struct lu_txn *txn)
{
	struct bs_disk *bd;

	bs_for_each(bd, txn)
		if (bs_in_update(bd))
			pr_err("%s (%s) has no driver; requests wait for one\n",
			       bd->disk->disk_name, dev_name(bd->ldev->dev));
}

struct lu_shadow block_lu_shadow = {
	.class = "block",
	.owner = THIS_MODULE,
	.prepare = block_prepare,
	.unprepare = block_unprepare,
	.quiesce = block_quiesce,
	.unquiesce = block_unquiesce,
	.detached = block_detached,
	.probed = block_probed,
	.verify = block_verify,
	.replay = block_replay,
	.resume = block_resume,
	.settle = block_settle,
	.moves_references = true,
	.moved = bs_refs_moved,
	.stuck = block_stuck,
};

/* One table: those of disks, and those of SCSI hosts where the kernel has them. */
static int __init block_shadow_init(void)
{
	size_t nr = block_nr_taps, hosts = 0, units = 0;
	struct lu_tap *taps;
	int err;

	if (IS_ENABLED(CONFIG_SCSI)) {
		hosts = host_nr_taps;
		units = unit_nr_taps;
	}
	taps = kcalloc(nr + hosts + units, sizeof(*taps), GFP_KERNEL);
	if (!taps)
		return -ENOMEM;
	memcpy(taps, block_taps, nr * sizeof(*taps));
	if (hosts)
		memcpy(taps + nr, host_taps, hosts * sizeof(*taps));
	if (units)
		memcpy(taps + nr + hosts, unit_taps, units * sizeof(*taps));
	block_lu_shadow.taps = taps;
	block_lu_shadow.nr_taps = nr + hosts + units;
	err = bh_ata_init();
	if (err)
		goto err_free;
	err = bs_reclaim_init();
	if (err)
		goto err_ata;
	err = lu_shadow_register(&block_lu_shadow);
	if (err)
		goto err_reclaim;
	return 0;

err_reclaim:
	bs_reclaim_exit();
err_ata:
	bh_ata_exit();
err_free:
	kfree(taps);
	return err;
}
module_init(block_shadow_init);

static void __exit block_shadow_exit(void)
{
	lu_shadow_unregister(&block_lu_shadow);
	bs_reclaim_exit();
	bh_ata_exit();
	bs_numbers_exit();
	bs_nodes_exit();
	/* Shadows and tables that the last drivers dropped. */
	rcu_barrier();
	rcu_barrier_tasks();
	/* Who dropped the last of them is out of our code. */
	synchronize_rcu_tasks();
	kfree(block_lu_shadow.taps);
}
module_exit(block_shadow_exit);

MODULE_DESCRIPTION("Live update of disk drivers");
MODULE_LICENSE("GPL");
