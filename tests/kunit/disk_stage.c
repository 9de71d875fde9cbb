// SPDX-License-Identifier: GPL-2.0
/*
 * What the suites of disks share: the stage with its accounts, and a thread
 * that writes, reads back and compares.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/slab.h>

#include "disk_stage.h"

struct kt_writer kt_writer;

int kt_io(struct gendisk *disk, blk_opf_t op, unsigned int block, void *page)
{
	struct bio_vec vec;
	struct bio bio;
	int err;

	bio_init(&bio, disk->part0, &vec, 1, op);
	bio.bi_iter.bi_sector = block * (PAGE_SIZE >> SECTOR_SHIFT);
	if (page)
		__bio_add_page(&bio, virt_to_page(page), PAGE_SIZE, 0);
	err = submit_bio_wait(&bio);
	bio_uninit(&bio);
	return err;
}

int kt_write_read(struct gendisk *disk, unsigned int block, u8 value, bool *wrong)
{
	void *page = (void *)__get_free_page(GFP_KERNEL);
	int err;

	if (!page)
		return -ENOMEM;
	memset(page, value, PAGE_SIZE);
	err = kt_io(disk, REQ_OP_WRITE | REQ_SYNC, block, page);
	memset(page, 0, PAGE_SIZE);
	err = err ?: kt_io(disk, REQ_OP_READ, block, page);
	if (!err && memchr_inv(page, value, PAGE_SIZE))
		*wrong = true;
	free_page((unsigned long)page);
	return err;
}

static int kt_writer_loop(void *arg)
{
	struct kt_writer *w = arg;
	unsigned int n = 0;

	while (!kthread_should_stop()) {
		if (!w->err)
			w->err = kt_write_read(w->disk, 1 + n % 8, n, &w->wrong);
		atomic_inc(&w->rounds);
		n++;
		cond_resched_tasks_rcu_qs();
	}
	return 0;
}

void kt_writer_start(struct kunit *test, struct gendisk *disk)
{
	struct task_struct *task;

	kt_writer = (struct kt_writer) { .disk = disk };
	task = kthread_run(kt_writer_loop, &kt_writer, "kt_writer");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	kt_writer.task = task;
}

void kt_writer_stop(void)
{
	if (kt_writer.task)
		kthread_stop(kt_writer.task);
	kt_writer.task = NULL;
}

bool kt_await(bool (*cond)(void))
{
	unsigned long deadline = jiffies + 20 * HZ;

	while (!cond() && time_before(jiffies, deadline))
		msleep(20);
	return cond();
}

int kt_rounds_seen;

static bool kt_writer_got_on(void)
{
	return atomic_read(&kt_writer.rounds) >= kt_rounds_seen + 3;
}

void kt_expect_writer_goes_on(struct kunit *test)
{
	kt_rounds_seen = atomic_read(&kt_writer.rounds);
	KUNIT_EXPECT_TRUE_MSG(test, kt_await(kt_writer_got_on), "the writer hangs");
	KUNIT_EXPECT_EQ(test, kt_writer.err, 0);
	KUNIT_EXPECT_FALSE_MSG(test, kt_writer.wrong, "other data than written");
}

int kt_disk_setup(struct kunit *test)
{
	unsigned int i;

	kt_setup(test);
	KUNIT_ASSERT_EQ(test, kt_disk_reset(), 0);
	for (i = 0; i < KT_VERSIONS; i++)
		kt.behaviour[i].disk = true;
	return 0;
}

void kt_disk_teardown(struct kunit *test)
{
	unsigned int i;

	kt_disks.during = NULL;
	kt_disks.between = NULL;
	kt_disk_release();
	kt_writer_stop();
	kt_teardown(test);
	for (i = 0; i < KT_VERSIONS; i++) {
		const struct kt_disk_seen *seen = &kt_disks.seen[i];

		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&seen->requests), 0, "version %u", i);
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&seen->contexts), 0, "version %u", i);
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&seen->dirty), 0, "version %u", i);
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&seen->foreign), 0, "version %u", i);
	}
	kt_disk_free();
}

/* Version 0 drives the disks, version 1 is staged. */
struct lu_set *kt_disk_up(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
	KUNIT_ASSERT_NOT_NULL(test, kt_set());
	KUNIT_ASSERT_NOT_NULL(test, kt_disk_of(0));
	KUNIT_ASSERT_NOT_NULL(test, kt_disk_of(1));
	return kt_set();
}
