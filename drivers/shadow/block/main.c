// SPDX-License-Identifier: GPL-2.0
/*
 * Shadow driver for disks: what the core calls.
 *
 * A transaction moves all disks of a driver set. While no driver answers,
 * requests wait where they are submitted; nobody is told anything.
 */
#include "block_shadow.h"

#include <linux/rcupdate.h>

static int block_prepare(struct lu_txn *txn)
{
	struct bs_disk *bd;
	int err;

	bs_for_each(bd, txn) {
		/* In the hands of nobody since a failure: it was looked at then. */
		if (bs_in_update(bd))
			continue;
		err = bs_refusal(bd, txn);
		if (err) {
			bs_put(bd);
			return err;
		}
	}
	return 0;
}

static void block_unprepare(struct lu_txn *txn)
{
	bs_refs_settle();
	bs_majors_settle(lu_txn_set(txn));
}

static int block_quiesce(struct lu_txn *txn, unsigned long deadline)
{
	return bs_quiesce_all(txn, deadline);
}

static int block_unquiesce(struct lu_txn *txn)
{
	bs_resume_all(txn);
	return 0;
}

static void block_detached(struct lu_txn *txn)
{
	struct bs_disk *bd;

	bs_for_each(bd, txn) {
		/* A driver that went without a word: its functions with it. */
		if (bd->drv_queue)
			bs_queue_drop_driver(bd);
		bs_conceal_put(bd);
		bs_tags_each(bd->ldev, bs_tags_forget);
	}
}

static int block_verify(struct lu_txn *txn)
{
	struct bs_disk *bd;

	bs_for_each(bd, txn)
		bs_verify(bd, txn);
	return 0;
}

/* The driver was started by its probe, and users' settings are the queue's. */
static int block_replay(struct lu_txn *txn, unsigned long deadline)
{
	return 0;
}

static int block_resume(struct lu_txn *txn, unsigned long deadline)
{
	bs_resume_all(txn);
	return 0;
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
	.taps = block_taps,
	.prepare = block_prepare,
	.unprepare = block_unprepare,
	.quiesce = block_quiesce,
	.unquiesce = block_unquiesce,
	.detached = block_detached,
	.verify = block_verify,
	.replay = block_replay,
	.resume = block_resume,
	.moves_references = true,
	.stuck = block_stuck,
};

static int __init block_shadow_init(void)
{
	block_lu_shadow.nr_taps = block_nr_taps();
	return lu_shadow_register(&block_lu_shadow);
}
module_init(block_shadow_init);

static void __exit block_shadow_exit(void)
{
	lu_shadow_unregister(&block_lu_shadow);
	bs_numbers_exit();
	/* Shadows and tables that the last drivers dropped. */
	rcu_barrier();
	rcu_barrier_tasks();
}
module_exit(block_shadow_exit);

MODULE_DESCRIPTION("Live update of disk drivers");
MODULE_LICENSE("GPL");
