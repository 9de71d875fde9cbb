// SPDX-License-Identifier: GPL-2.0
/*
 * The shadow of disks over a fake blk-mq driver: one disk with its queue, its
 * tag set and its requests goes from version to version. The driver keeps
 * books: each request that it was given it has to be rid of in the end.
 */
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/slab.h>

#include "disk_stage.h"

#define KT_QUEUE	"/sys/block/ktblk0/queue/"

static void kt_disk_passive_test(struct kunit *test)
{
	struct lu_set *set = kt_disk_up(test);
	struct gendisk *disk = kt_disk_of(0);

	KUNIT_EXPECT_STREQ(test, set->shadow->class, "block");
	KUNIT_EXPECT_PTR_NE_MSG(test, (void *)disk->fops->owner, NULL, "no owner");
	KUNIT_EXPECT_GT(test, atomic_read(&kt_disks.seen[0].served), 0);
	KUNIT_EXPECT_PTR_EQ_MSG(test, disk->queue->mq_ops, disk->queue->tag_set->ops,
				"two tables");
	/* driver tags, and one flush request for each queue, on two disks */
	KUNIT_EXPECT_GE(test, atomic_read(&kt_disks.seen[0].requests), 2 * (2 * 16 + 2));
}

/* What a user has of the disk. */
struct kt_disk_look {
	struct gendisk *disk;
	char name[DISK_NAME_LEN];
	dev_t devt;
	int index[KT_DEVICES];
	sector_t capacity;
	int requests;
	int contexts;
};

static void kt_look(struct kt_disk_look *look, unsigned int nr)
{
	unsigned int i;

	memset(look, 0, sizeof(*look));
	look->disk = kt_disk_of(0);
	strscpy(look->name, look->disk->disk_name, sizeof(look->name));
	look->devt = disk_devt(look->disk);
	look->capacity = get_capacity(look->disk);
	for (i = 0; i < KT_DEVICES; i++)
		look->index[i] = kt_disk_index(i);
	look->requests = atomic_read(&kt_disks.seen[nr].requests);
	look->contexts = atomic_read(&kt_disks.seen[nr].contexts);
}

/* The same disk, in the hands of version @nr and of no other. */
static void kt_expect_served_by(struct kunit *test, const struct kt_disk_look *was, unsigned int nr)
{
	struct kt_disk_look now;
	bool wrong = false;
	unsigned int i;
	int served;

	KUNIT_ASSERT_NOT_NULL(test, kt_disk_of(0));
	kt_look(&now, nr);
	KUNIT_EXPECT_EQ_MSG(test, memcmp(was, &now, sizeof(now)), 0,
			    "%s %u:%u %d %d requests %d contexts, was %s %u:%u %d %d", now.name,
			    MAJOR(now.devt), MINOR(now.devt), now.index[0], now.requests,
			    now.contexts, was->name, MAJOR(was->devt), MINOR(was->devt),
			    was->requests, was->contexts);
	KUNIT_EXPECT_EQ(test, kt.drives[0], nr);
	for (i = 0; i < KT_VERSIONS; i++) {
		if (i == nr)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&kt_disks.seen[i].requests), 0, "%u", i);
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&kt_disks.seen[i].contexts), 0, "%u", i);
	}
	served = atomic_read(&kt_disks.seen[nr].served);
	KUNIT_EXPECT_EQ(test, kt_write_read(now.disk, 20, 0x42 + nr, &wrong), 0);
	KUNIT_EXPECT_FALSE(test, wrong);
	KUNIT_EXPECT_GE(test, atomic_read(&kt_disks.seen[nr].served), served + 2);
}

static const struct kt_scheduler {
	const char *name;
} kt_schedulers[] = { { "none" }, { "mq-deadline" } };

static void kt_scheduler_desc(const struct kt_scheduler *s, char *desc)
{
	strscpy(desc, s->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_scheduler, kt_schedulers, kt_scheduler_desc);

/* There and back, with what a scheduler has of requests too. */
static void kt_disk_update_test(struct kunit *test)
{
	const struct kt_scheduler *s = test->param_value;
	struct lu_set *set = kt_disk_up(test);
	struct kt_disk_look look;
	int flushes;

	KUNIT_ASSERT_TRUE(test, kt_write_file(KT_QUEUE "scheduler", s->name));
	kt_look(&look, 0);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_STREQ(test, kt_mismatches(test, set), "");
	kt_expect_served_by(test, &look, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_disks.seen[0].freed), KT_DEVICES);
	flushes = atomic_read(&kt_disks.seen[1].flushes);
	KUNIT_EXPECT_EQ(test, kt_io(look.disk, REQ_OP_WRITE | REQ_PREFLUSH, 0, NULL), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_disks.seen[1].flushes), flushes + 1);
	KUNIT_EXPECT_GT(test, set->record.blackout_us, 0ULL);

	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	kt_expect_served_by(test, &look, 0);
}

/* A driver that will not do: each lack by its name, and the old one is back. */
static const struct kt_disk_unfit {
	const char *name;
	struct kt_disk_offer change;
	const char *text;
} kt_disk_unfits[] = {
	{ "fewer queues", { .queues = 1 }, "kt0: hardware queues 2 -> 1" },
	{ "less depth", { .depth = 8 }, "kt0: queue depth 16 -> 8" },
	{ "reserved tags", { .reserved = 1 }, "kt0: reserved tags 0 -> 1" },
	{ "flags", { .flags = BLK_MQ_F_SHOULD_MERGE | BLK_MQ_F_BLOCKING }, "kt0: tag set flags " },
	{ "payload", { .payload = 4096 }, "kt0: request payload 320 -> 4096" },
	{ "block size", { .block_size = 4096 }, "ktblk0: logical block size 512 -> 4096" },
	{ "capacity", { .sectors = 128 }, "ktblk0: capacity 256 -> 128 sectors" },
	{ "no cache", { .no_cache = true }, "ktblk0: flush lost" },
	{ "no geometry", { .no_geometry = true }, "ktblk0: getgeo missing" },
	{ "a context", { .context_fails = true }, "probe failed (-12)" },
	{ "late", { .late_err = -ENXIO }, "kt0: probe failed (-6)" },
};

static void kt_disk_unfit_desc(const struct kt_disk_unfit *u, char *desc)
{
	strscpy(desc, u->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_disk_unfit, kt_disk_unfits, kt_disk_unfit_desc);

static void kt_disk_offer_change(struct kt_disk_offer *offer, const struct kt_disk_offer *c)
{
	offer->queues = c->queues ?: offer->queues;
	offer->depth = c->depth ?: offer->depth;
	offer->reserved = c->reserved;
	offer->flags = c->flags ?: offer->flags;
	offer->payload = c->payload ?: offer->payload;
	offer->block_size = c->block_size ?: offer->block_size;
	offer->sectors = c->sectors ?: offer->sectors;
	offer->no_cache = c->no_cache;
	offer->no_geometry = c->no_geometry;
	offer->request_fails = c->request_fails;
	offer->context_fails = c->context_fails;
	offer->late_err = c->late_err;
}

static void kt_disk_unfit_test(struct kunit *test)
{
	const struct kt_disk_unfit *u = test->param_value;
	struct lu_set *set = kt_disk_up(test);
	struct kt_disk_look look;

	KUNIT_ASSERT_TRUE(test, kt_write_file(KT_QUEUE "scheduler", "mq-deadline"));
	kt_look(&look, 0);
	kt_disk_offer_change(&kt_disks.offer[1], &u->change);
	kt_writer_start(test, look.disk);
	kt_expect_writer_goes_on(test);
	KUNIT_EXPECT_EQ(test, lu_update(set), -ECANCELED);
	KUNIT_EXPECT_EQ_MSG(test, set->state, LU_STAGED, "%s", lu_state_name(set->state));
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(kt_mismatches(test, set), u->text), "%s",
				  kt_mismatches(test, set));
	kt_expect_writer_goes_on(test);
	kt_writer_stop();
	kt_expect_served_by(test, &look, 0);
}

/*
 * The n-th request fails, in the order in which they are given out: two queues
 * with 16 tags each, then for each queue its flush and 32 of the scheduler.
 */
static const struct kt_nth {
	const char *name;
	int n;
} kt_nths[] = {
	{ "first tag", 1 },
	{ "last tag", 32 },
	{ "first flush", 33 },
	{ "scheduler", 50 },
	{ "second flush", 66 },
	{ "last of all", 98 },
};

static void kt_nth_desc(const struct kt_nth *n, char *desc)
{
	strscpy(desc, n->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_nth, kt_nths, kt_nth_desc);

static void kt_disk_request_fails_test(struct kunit *test)
{
	const struct kt_nth *n = test->param_value;
	struct lu_set *set = kt_disk_up(test);
	struct kt_disk_look look;

	KUNIT_ASSERT_TRUE(test, kt_write_file(KT_QUEUE "scheduler", "mq-deadline"));
	kt_look(&look, 0);
	kt_disks.offer[1].request_fails = n->n;
	KUNIT_EXPECT_EQ(test, lu_update(set), -ECANCELED);
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&kt_disks.seen[1].init_calls), n->n, "not there");
	kt_expect_served_by(test, &look, 0);
}

/* Room that was reserved at the first load: a bigger part of a request fits. */
static void kt_disk_slack_test(struct kunit *test)
{
	struct lu_set *set = kt_disk_up(test);
	struct kt_disk_look look;

	kt_look(&look, 0);
	kt_disks.offer[1].payload = 64 + 256;	/* the whole of request_slack */
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	kt_expect_served_by(test, &look, 1);
	KUNIT_ASSERT_EQ(test, kt_load(2, ""), 0);
	kt_disks.offer[2].payload = 64 + 256 + 8;
	KUNIT_EXPECT_EQ(test, lu_update(set), -ECANCELED);
	KUNIT_EXPECT_NOT_NULL(test, strstr(kt_mismatches(test, set),
					   "kt0: request payload 320 -> 328"));
	kt_expect_served_by(test, &look, 1);
	kt_disks.offer[2].payload = sizeof(u64);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	kt_expect_served_by(test, &look, 2);
}

/* Growing is no lack. */
static void kt_disk_grows_test(struct kunit *test)
{
	struct lu_set *set = kt_disk_up(test);

	kt_disks.offer[0].sectors = kt_disks.offer[1].sectors;
	kt_disks.offer[1].sectors = KT_DISK_SECTORS + 64;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, get_capacity(kt_disk_of(0)), (sector_t)KT_DISK_SECTORS + 64);
}

/* More queues, and deeper ones: they stay idle, and the way back is open. */
static void kt_disk_idle_queues_test(struct kunit *test)
{
	struct lu_set *set;
	struct kt_disk_look look;

	kt_disks.offer[0].queues = 1;
	kt_disks.offer[1].depth = 32;
	set = kt_disk_up(test);
	KUNIT_ASSERT_TRUE(test, kt_write_file(KT_QUEUE "scheduler", "mq-deadline"));
	kt_look(&look, 0);
	kt_writer_start(test, look.disk);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_STREQ(test, kt_mismatches(test, set), "");
	kt_expect_writer_goes_on(test);
	KUNIT_EXPECT_EQ(test, look.disk->queue->tag_set->queue_depth, 16U);
	KUNIT_EXPECT_EQ(test, look.disk->queue->tag_set->nr_hw_queues, 1U);
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	kt_expect_writer_goes_on(test);
	kt_writer_stop();
	kt_expect_served_by(test, &look, 0);
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	kt_expect_served_by(test, &look, 1);
}

/* Requests before, during and after: each is answered by who was given it. */

static void kt_release_work(struct work_struct *work)
{
	kt_disk_release();
}

static DECLARE_DELAYED_WORK(kt_release, kt_release_work);

static bool kt_some_held(void)
{
	return !list_empty_careful(&kt_disks.held);
}

static void kt_disk_in_flight_test(struct kunit *test)
{
	struct lu_set *set = kt_disk_up(test);
	struct kt_disk_look look;
	int served;

	kt_look(&look, 0);
	served = atomic_read(&kt_disks.seen[0].served);
	kt_disks.hold = true;
	kt_writer_start(test, look.disk);
	KUNIT_ASSERT_TRUE(test, kt_await(kt_some_held));
	schedule_delayed_work(&kt_release, HZ / 5);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	flush_delayed_work(&kt_release);
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&kt_disks.seen[0].served), served + 1,
			    "answered by who was given it, and nothing more");
	kt_expect_writer_goes_on(test);
	kt_writer_stop();
	kt_expect_served_by(test, &look, 1);
}

/* A request that does not end: all is as before, within the time limit. */
static void kt_disk_request_stuck_test(struct kunit *test)
{
	struct lu_set *set = kt_disk_up(test);
	struct kt_disk_look look;

	kt_look(&look, 0);
	kt_disks.hold = true;
	kt_writer_start(test, look.disk);
	KUNIT_ASSERT_TRUE(test, kt_await(kt_some_held));
	set->timeout_ms = 300;
	KUNIT_EXPECT_EQ(test, lu_update(set), -ETIME);
	set->timeout_ms = LU_DEFAULT_TIMEOUT_MS;
	KUNIT_EXPECT_EQ_MSG(test, set->state, LU_STAGED, "%s", lu_state_name(set->state));
	KUNIT_EXPECT_GE(test, kt_disk_release(), 1U);
	kt_expect_writer_goes_on(test);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	kt_expect_writer_goes_on(test);
	kt_writer_stop();
	kt_expect_served_by(test, &look, 1);
}

static int kt_served_when_detached;

static void kt_note_served(unsigned int nr, unsigned int device)
{
	if (!device)
		kt_served_when_detached = atomic_read(&kt_disks.seen[0].served);
}

/* Under constant work, several times: no request for the one that is not there. */
static void kt_disk_under_work_test(struct kunit *test)
{
	struct lu_set *set = kt_disk_up(test);
	struct kt_disk_look look;
	unsigned int i;

	kt_look(&look, 0);
	kt_writer_start(test, look.disk);
	for (i = 0; i < 4; i++) {
		kt_expect_writer_goes_on(test);
		kt_disks.between = i ? NULL : kt_note_served;
		KUNIT_ASSERT_EQ(test, i % 2 ? lu_rollback(set) : lu_update(set), 0);
		if (!i)
			KUNIT_EXPECT_EQ_MSG(test, atomic_read(&kt_disks.seen[0].served),
					    kt_served_when_detached, "served after its end");
		if (i % 2 == 1 && kt_generation(1)) {
			KUNIT_ASSERT_EQ(test, lu_commit(set), 0);
			KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
		}
	}
	kt_expect_writer_goes_on(test);
	kt_writer_stop();
	kt_expect_served_by(test, &look, 0);
}

/* A thread that never sleeps, for longer than a step may take. */
static int kt_busy_loop(void *arg)
{
	unsigned long end = jiffies + 8 * HZ;

	while (time_before(jiffies, end))
		cond_resched();
	complete(arg);
	return 0;
}

/* References have to wait for it, and nothing else has. */
static void kt_disk_busy_thread_test(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct lu_set *set = kt_disk_up(test);
	struct kt_disk_look look;
	struct task_struct *task;
	int err;

	kt_look(&look, 0);
	set->timeout_ms = 5000;
	task = kthread_run(kt_busy_loop, &done, "kt_busy");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	err = lu_update(set);
	wait_for_completion(&done);
	set->timeout_ms = LU_DEFAULT_TIMEOUT_MS;
	KUNIT_EXPECT_EQ_MSG(test, err, 0, "%s", set->record.reason);
	kt_expect_served_by(test, &look, 1);
}

/* No driver at all: requests wait, without an error, until there is one. */
static bool kt_never(void)
{
	return atomic_read(&kt_writer.rounds) > kt_rounds_seen + 1;
}

static void kt_disk_nobody_test(struct kunit *test)
{
	struct lu_set *set = kt_disk_up(test);
	struct kt_disk_look look;
	unsigned long end = jiffies + HZ / 2;

	kt_look(&look, 0);
	kt_writer_start(test, look.disk);
	kt_expect_writer_goes_on(test);
	kt_disks.offer[1].late_err = -EIO;
	KUNIT_ASSERT_EQ(test, lu_inject_set("rollback-attach"), 0);
	KUNIT_EXPECT_EQ(test, lu_update(set), -EIO);
	KUNIT_EXPECT_EQ_MSG(test, set->state, LU_FAILED, "%s", lu_state_name(set->state));
	kt_rounds_seen = atomic_read(&kt_writer.rounds);
	while (time_before(jiffies, end))
		msleep(20);
	KUNIT_EXPECT_FALSE_MSG(test, kt_never(), "served by nobody");
	KUNIT_EXPECT_EQ(test, kt_writer.err, 0);
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	kt_expect_writer_goes_on(test);
	kt_writer_stop();
	kt_expect_served_by(test, &look, 0);
}

/* The user changes the scheduler while no driver is there, or one just came. */

static const char *kt_new_scheduler;

static void kt_switch_scheduler(unsigned int nr, unsigned int device)
{
	if (!device && nr == 1)
		kt_write_file(KT_QUEUE "scheduler", kt_new_scheduler);
}

static const struct kt_switch {
	const char *name;
	const char *from;
	const char *to;
	bool between;
} kt_switches[] = {
	{ "added with nobody", "none", "mq-deadline", true },
	{ "removed with nobody", "mq-deadline", "none", true },
	{ "added with the new one", "none", "mq-deadline", false },
	{ "removed with the new one", "mq-deadline", "none", false },
};

static void kt_switch_desc(const struct kt_switch *s, char *desc)
{
	strscpy(desc, s->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_switch, kt_switches, kt_switch_desc);

static void kt_disk_scheduler_meanwhile_test(struct kunit *test)
{
	const struct kt_switch *s = test->param_value;
	struct lu_set *set = kt_disk_up(test);
	struct kt_disk_look with, look;

	KUNIT_ASSERT_TRUE(test, kt_write_file(KT_QUEUE "scheduler", s->to));
	kt_look(&with, 0);
	KUNIT_ASSERT_TRUE(test, kt_write_file(KT_QUEUE "scheduler", s->from));
	kt_look(&look, 0);
	KUNIT_ASSERT_NE(test, with.requests, look.requests);
	kt_new_scheduler = s->to;
	if (s->between)
		kt_disks.between = kt_switch_scheduler;
	else
		kt_disks.during = kt_switch_scheduler;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	kt_expect_served_by(test, &with, 1);
}

/* Who has the disk open holds the driver that is in charge, not the one before. */
static void kt_disk_open_test(struct kunit *test)
{
	struct lu_set *set = kt_disk_up(test);
	struct file *file = filp_open("/dev/ktblk0", O_RDWR, 0);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%ld", PTR_ERR(file));
	KUNIT_EXPECT_EQ(test, kt_unload(0), -EWOULDBLOCK);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, lu_commit(set), 0);
	KUNIT_EXPECT_PTR_EQ_MSG(test, kt_module(0), NULL, "the old driver is still held");
	KUNIT_EXPECT_EQ_MSG(test, kt_unload(1), -EWOULDBLOCK, "the new one is not");
	fput(file);
	flush_delayed_fput();
	KUNIT_EXPECT_EQ(test, kt_unload(1), 0);
}

/* A disk that is gone and still open is no reason to call a driver that left. */
static void kt_disk_gone_open_test(struct kunit *test)
{
	struct lu_set *set = kt_disk_up(test);
	struct file *file = filp_open("/dev/ktblk0", O_RDWR, 0);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%ld", PTR_ERR(file));
	device_release_driver(kt.devices[0]);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_disks.seen[0].freed), 0);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&kt_disks.seen[0].freed), KT_DEVICES,
			    "the old driver still waits for the last user");
	KUNIT_EXPECT_EQ(test, lu_commit(set), 0);
	KUNIT_EXPECT_PTR_EQ_MSG(test, kt_module(0), NULL, "the old driver is still held");
	KUNIT_EXPECT_EQ_MSG(test, kt_unload(1), -EWOULDBLOCK, "the new one is not");
	fput(file);
	flush_delayed_fput();
	KUNIT_EXPECT_EQ(test, kt_unload(1), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_disks.seen[0].freed), KT_DEVICES);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_disks.seen[1].freed), KT_DEVICES - 1);
}

/* After all updates the driver can still be unloaded, disk and all. */
static void kt_disk_unload_test(struct kunit *test)
{
	struct lu_set *set = kt_disk_up(test);

	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	KUNIT_ASSERT_EQ(test, lu_commit(set), 0);
	KUNIT_EXPECT_EQ(test, kt_unload(1), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_disks.seen[1].requests), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_disks.seen[1].freed), KT_DEVICES);
	KUNIT_EXPECT_FALSE(test, kt_write_file(KT_QUEUE "scheduler", "none"));
}

static void kt_disk_unplugged_test(struct kunit *test)
{
	struct lu_set *set = kt_disk_up(test);

	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	kt_expect_unplugged(test, set);
	KUNIT_EXPECT_EQ(test, lu_commit(set), 0);
}

static struct kunit_case kt_disk_cases[] = {
	KUNIT_CASE(kt_disk_passive_test),
	KUNIT_CASE_PARAM(kt_disk_update_test, kt_scheduler_gen_params),
	KUNIT_CASE_PARAM(kt_disk_unfit_test, kt_disk_unfit_gen_params),
	KUNIT_CASE_PARAM(kt_disk_request_fails_test, kt_nth_gen_params),
	KUNIT_CASE(kt_disk_slack_test),
	KUNIT_CASE(kt_disk_grows_test),
	KUNIT_CASE(kt_disk_idle_queues_test),
	KUNIT_CASE(kt_disk_in_flight_test),
	KUNIT_CASE(kt_disk_request_stuck_test),
	KUNIT_CASE(kt_disk_under_work_test),
	KUNIT_CASE(kt_disk_busy_thread_test),
	KUNIT_CASE(kt_disk_nobody_test),
	KUNIT_CASE_PARAM(kt_disk_scheduler_meanwhile_test, kt_switch_gen_params),
	KUNIT_CASE(kt_disk_open_test),
	KUNIT_CASE(kt_disk_gone_open_test),
	KUNIT_CASE(kt_disk_unplugged_test),
	KUNIT_CASE(kt_disk_unload_test),
	{}
};

struct kunit_suite kt_disk_suite = {
	.name = "shadow_block",
	.init = kt_disk_setup,
	.exit = kt_disk_teardown,
	.test_cases = kt_disk_cases,
};
