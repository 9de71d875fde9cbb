// SPDX-License-Identifier: GPL-2.0
/*
 * Who makes memory free while a disk has no driver. The incoming version's probe
 * needs such a thread, as it would need kthreadd: it starts one that writes to the
 * disk, and waits until that has been told that its write is under way.
 */
#include <linux/bio.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>

#include "disk_stage.h"

#define KT_BLOCK	20	/* not one of the writer's */
#define KT_VALUE	0xa7
#define KT_KEPT		256	/* kept of kswapd's */

/**
 * struct kt_reclaim - one kind of thread
 * @name: what it is
 * @reclaims: it makes memory free
 * @set: flags of the task that it gets
 * @clear: those that it loses
 * @timeout_ms: of a step
 * @wait_ms: how long the probe waits for it
 * @goes_on: it does, with its write under way
 */
struct kt_reclaim {
	const char *name;
	bool reclaims;
	unsigned int set, clear;
	unsigned int timeout_ms;
	unsigned int wait_ms;
	bool goes_on;
};

static const struct kt_reclaim kt_reclaims[] = {
	{ "a kernel thread that makes memory free", true, 0, 0, 10000, 8000, true },
	{ "a kernel thread that does not", false, 0, 0, 10000, 300, false },
	{ "a file system's thread", false, PF_MEMALLOC, 0, 10000, 300, false },
	{ "kswapd", true, PF_KSWAPD, 0, 10000, 8000, true },
	{ "a user's task, at first", true, 0, PF_KTHREAD, 10000, 1000, false },
	{ "a user's task, in the end", true, 0, PF_KTHREAD, 6000, 5000, true },
};

static void kt_reclaim_desc(const struct kt_reclaim *r, char *desc)
{
	strscpy(desc, r->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_reclaim, kt_reclaims, kt_reclaim_desc);

struct kt_write {
	struct bio bio;
	struct bio_vec vec;
};

/* The thread, and its writes, all the same. */
static struct kt_reclaimer {
	const struct kt_reclaim *how;
	struct task_struct *task;
	struct gendisk *disk;
	struct kt_write *writes;	/* not freed while one may be under way */
	unsigned int nr;
	struct page *page;
	atomic_t under_way;
	struct completion submitted;
	atomic_t left;
	blk_status_t status;
	struct completion ended;
	bool went_on;
	int under_way_then;
} kt_reclaimer;

static void kt_reclaim_ended(struct bio *bio)
{
	struct kt_reclaimer *r = &kt_reclaimer;

	if (bio->bi_status)
		WRITE_ONCE(r->status, bio->bi_status);
	if (atomic_dec_and_test(&r->left))
		complete(&r->ended);
}

static int kt_reclaim_thread(void *arg)
{
	struct kt_reclaimer *r = arg;
	struct reclaim_state *state = current->reclaim_state;
	unsigned int flags = current->flags;
	struct reclaim_state mine = {};
	unsigned int i;

	if (r->how->reclaims)
		current->reclaim_state = &mine;
	current->flags |= r->how->set;
	current->flags &= ~r->how->clear;
	for (i = 0; i < r->nr; i++) {
		submit_bio(&r->writes[i].bio);
		atomic_inc(&r->under_way);
	}
	current->flags = (current->flags & ~r->how->set) |
			 (flags & (r->how->set | r->how->clear));
	current->reclaim_state = state;
	complete(&r->submitted);
	return 0;
}

static void kt_reclaim_in_probe(unsigned int nr, unsigned int device)
{
	struct kt_reclaimer *r = &kt_reclaimer;

	if (nr != 1 || device || r->task)
		return;
	r->task = kthread_run(kt_reclaim_thread, r, "kt_reclaimer");
	if (IS_ERR(r->task))
		return;
	r->went_on = wait_for_completion_timeout(&r->submitted,
						 msecs_to_jiffies(r->how->wait_ms));
	r->under_way_then = atomic_read(&r->under_way);
}

static void kt_reclaim_stage(struct kunit *test, const struct kt_reclaim *how, unsigned int nr)
{
	struct kt_reclaimer *r = &kt_reclaimer;
	struct kt_write *w;

	*r = (struct kt_reclaimer) { .how = how, .nr = nr, .left = ATOMIC_INIT(nr) };
	r->writes = kcalloc(nr, sizeof(*r->writes), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, r->writes);
	/* As whoever has it open does. */
	r->disk = kt_disk_of(0);
	get_device(disk_to_dev(r->disk));
	init_completion(&r->submitted);
	init_completion(&r->ended);
	r->page = alloc_page(GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, r->page);
	memset(page_address(r->page), KT_VALUE, PAGE_SIZE);
	for (w = r->writes; w < r->writes + nr; w++) {
		bio_init(&w->bio, r->disk->part0, &w->vec, 1, REQ_OP_WRITE);
		w->bio.bi_iter.bi_sector = KT_BLOCK * (PAGE_SIZE >> SECTOR_SHIFT);
		w->bio.bi_end_io = kt_reclaim_ended;
		__bio_add_page(&w->bio, r->page, PAGE_SIZE, 0);
	}
	kt_disks.between = kt_reclaim_in_probe;
}

/* All of them, and what came of them. */
static void kt_expect_ended(struct kunit *test, int err)
{
	struct kt_reclaimer *r = &kt_reclaimer;
	struct kt_write *w;

	KUNIT_ASSERT_NOT_NULL(test, r->task);
	KUNIT_ASSERT_FALSE(test, IS_ERR(r->task));
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&r->ended, 20 * HZ));
	KUNIT_ASSERT_TRUE(test, r->went_on ||
			  wait_for_completion_timeout(&r->submitted, 20 * HZ));
	KUNIT_EXPECT_EQ(test, blk_status_to_errno(r->status), err);
	for (w = r->writes; w < r->writes + r->nr; w++)
		bio_uninit(&w->bio);
	kfree(r->writes);
	put_device(disk_to_dev(r->disk));
}

/* Written, once there is a driver, by that one. */
static void kt_expect_written(struct kunit *test)
{
	struct kt_reclaimer *r = &kt_reclaimer;
	void *page = page_address(r->page);

	kt_expect_ended(test, 0);
	memset(page, 0, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, kt_io(kt_disk_of(0), REQ_OP_READ, KT_BLOCK, page), 0);
	KUNIT_EXPECT_NULL_MSG(test, memchr_inv(page, KT_VALUE, PAGE_SIZE), "lost");
	__free_page(r->page);
}

static void kt_reclaim_update_test(struct kunit *test)
{
	const struct kt_reclaim *how = test->param_value;
	struct lu_set *set = kt_disk_up(test);

	kt_reclaim_stage(test, how, 1);
	kt_writer_start(test, kt_disk_of(0));
	set->timeout_ms = how->timeout_ms;
	KUNIT_EXPECT_EQ_MSG(test, lu_update(set), 0, "%s", set->record.reason);
	KUNIT_EXPECT_EQ(test, kt_reclaimer.went_on, how->goes_on);
	kt_expect_written(test);
	kt_expect_writer_goes_on(test);
	kt_writer_stop();
	KUNIT_EXPECT_GT(test, atomic_read(&kt_disks.seen[1].served), 0);
}

/* The way back is one to go on with as well. */
static void kt_reclaim_back_test(struct kunit *test)
{
	struct lu_set *set = kt_disk_up(test);

	kt_reclaim_stage(test, &kt_reclaims[0], 1);
	kt_disks.offer[1].late_err = -EIO;
	KUNIT_EXPECT_EQ(test, lu_update(set), -ECANCELED);
	KUNIT_EXPECT_TRUE(test, kt_reclaimer.went_on);
	kt_expect_written(test);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_disks.seen[1].served), 0);
}

/* With no driver at all the write stays under way. */
static void kt_reclaim_nobody_test(struct kunit *test)
{
	struct lu_set *set = kt_disk_up(test);

	kt_reclaim_stage(test, &kt_reclaims[0], 1);
	kt_disks.offer[1].late_err = -EIO;
	KUNIT_ASSERT_EQ(test, lu_inject_set("rollback-attach"), 0);
	KUNIT_EXPECT_EQ(test, lu_update(set), -EIO);
	KUNIT_EXPECT_TRUE(test, kt_reclaimer.went_on);
	KUNIT_EXPECT_FALSE(test, wait_for_completion_timeout(&kt_reclaimer.ended, HZ / 2));
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	kt_expect_written(test);
}

/* Nor for ever, if the disk goes: who waits for its write is told so. */
static void kt_reclaim_unplugged_test(struct kunit *test)
{
	unsigned long deadline = jiffies + 20 * HZ;
	struct lu_set *set = kt_disk_up(test);
	struct device *dev;

	kt_reclaim_stage(test, &kt_reclaims[0], 1);
	kt_disks.offer[1].late_err = -EIO;
	KUNIT_ASSERT_EQ(test, lu_inject_set("rollback-attach"), 0);
	KUNIT_EXPECT_EQ(test, lu_update(set), -EIO);
	KUNIT_EXPECT_TRUE(test, kt_reclaimer.went_on);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_reclaimer.left), 1);
	dev = get_device(kt.devices[0]);
	kt.devices[0] = NULL;
	device_unregister(dev);
	kt_expect_ended(test, -EIO);
	__free_page(kt_reclaimer.page);
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	KUNIT_EXPECT_PTR_EQ_MSG(test, lu_device_find(set, dev), NULL, "remembered");
	while (kref_read(&dev->kobj.kref) > 1 && time_before(jiffies, deadline))
		msleep(20);
	KUNIT_EXPECT_EQ_MSG(test, kref_read(&dev->kobj.kref), 1, "still referenced");
	put_device(dev);
}

/* Not more is kept of kswapd's than it may need for itself. */
static void kt_reclaim_limit_test(struct kunit *test)
{
	static const struct kt_reclaim kswapd = {
		.reclaims = true, .set = PF_KSWAPD, .wait_ms = 3000,
	};
	struct lu_set *set = kt_disk_up(test);

	kt_reclaim_stage(test, &kswapd, KT_KEPT + 2);
	KUNIT_EXPECT_EQ_MSG(test, lu_update(set), 0, "%s", set->record.reason);
	KUNIT_EXPECT_FALSE(test, kt_reclaimer.went_on);
	KUNIT_EXPECT_EQ(test, kt_reclaimer.under_way_then, KT_KEPT);
	kt_expect_written(test);
}

static struct kunit_case kt_reclaim_cases[] = {
	KUNIT_CASE_PARAM(kt_reclaim_update_test, kt_reclaim_gen_params),
	KUNIT_CASE(kt_reclaim_limit_test),
	KUNIT_CASE(kt_reclaim_unplugged_test),
	KUNIT_CASE(kt_reclaim_back_test),
	KUNIT_CASE(kt_reclaim_nobody_test),
	{}
};

struct kunit_suite kt_reclaim_suite = {
	.name = "shadow_block_reclaim",
	.init = kt_disk_setup,
	.exit = kt_disk_teardown,
	.test_cases = kt_reclaim_cases,
};
