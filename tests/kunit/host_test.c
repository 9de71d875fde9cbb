// SPDX-License-Identifier: GPL-2.0
/*
 * The shadow of SCSI hosts over a fake driver: one Scsi_Host with the disk on
 * it goes from version to version.
 */
#include "../../drivers/shadow/block/host_shadow.h"

#include <linux/blk-mq.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/slab.h>

#include "fake_host.h"

/* Each device's disk, referenced while a test runs. */
static struct scsi_device *kt_sdev[KT_DEVICES];

/* A thread that writes, reads back and compares. */
static struct {
	struct task_struct *task;
	atomic_t rounds;
	int err;
} kt_user;

static int kt_command(struct scsi_device *sdev, u8 op, unsigned int block, void *buf)
{
	struct scsi_cmnd *cmd;
	struct request *rq;
	int err;

	rq = scsi_alloc_request(sdev->request_queue,
				op == WRITE_10 ? REQ_OP_DRV_OUT : REQ_OP_DRV_IN, 0);
	if (IS_ERR(rq))
		return PTR_ERR(rq);
	err = blk_rq_map_kern(sdev->request_queue, rq, buf, KT_HOST_BLOCK, GFP_KERNEL);
	if (!err) {
		cmd = blk_mq_rq_to_pdu(rq);
		cmd->cmd_len = 10;
		cmd->cmnd[0] = op;
		cmd->cmnd[5] = block;
		cmd->cmnd[8] = 1;
		rq->timeout = 10 * HZ;
		blk_execute_rq(rq, true);
		err = cmd->result ? -EIO : 0;
	}
	blk_mq_free_request(rq);
	return err;
}

static int kt_write_read(struct scsi_device *sdev, unsigned int block, u8 value)
{
	u8 *buf = kmalloc(KT_HOST_BLOCK, GFP_KERNEL);
	int err;

	if (!buf)
		return -ENOMEM;
	memset(buf, value, KT_HOST_BLOCK);
	err = kt_command(sdev, WRITE_10, block, buf);
	memset(buf, 0, KT_HOST_BLOCK);
	err = err ?: kt_command(sdev, READ_10, block, buf);
	if (!err && memchr_inv(buf, value, KT_HOST_BLOCK))
		err = -EILSEQ;
	kfree(buf);
	return err;
}

static int kt_user_loop(void *arg)
{
	unsigned int n = 0;

	while (!kthread_should_stop()) {
		kt_user.err = kt_user.err ?: kt_write_read(kt_sdev[0], n % 8, n);
		atomic_inc(&kt_user.rounds);
		n++;
		cond_resched_tasks_rcu_qs();
	}
	return 0;
}

static void kt_user_start(struct kunit *test)
{
	struct task_struct *task;

	memset(&kt_user, 0, sizeof(kt_user));
	task = kthread_run(kt_user_loop, NULL, "kt_user");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	kt_user.task = task;
}

static void kt_user_stop(void)
{
	if (kt_user.task)
		kthread_stop(kt_user.task);
	kt_user.task = NULL;
}

static void kt_expect_user_goes_on(struct kunit *test)
{
	int seen = atomic_read(&kt_user.rounds);
	unsigned long deadline = jiffies + 20 * HZ;

	while (atomic_read(&kt_user.rounds) < seen + 3 && time_before(jiffies, deadline))
		msleep(20);
	KUNIT_EXPECT_GE_MSG(test, atomic_read(&kt_user.rounds), seen + 3, "the user hangs");
	KUNIT_EXPECT_EQ(test, kt_user.err, 0);
}

static int kt_host_setup(struct kunit *test)
{
	unsigned int i;

	kt_setup(test);
	kt_host_reset();
	memset(kt_sdev, 0, sizeof(kt_sdev));
	for (i = 0; i < KT_VERSIONS; i++)
		kt.behaviour[i].host = true;
	return 0;
}

static void kt_sdevs_put(void)
{
	unsigned int i;

	for (i = 0; i < KT_DEVICES; i++) {
		if (kt_sdev[i])
			put_device(&kt_sdev[i]->sdev_gendev);
		kt_sdev[i] = NULL;
	}
}

static void kt_host_teardown(struct kunit *test)
{
	unsigned int i;

	kt_user_stop();
	kt_sdevs_put();
	kt_teardown(test);
	for (i = 0; i < KT_VERSIONS; i++) {
		const struct kt_host_seen *seen = &kt_hosts.seen[i];

		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&seen->devices), 0, "version %u", i);
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&seen->dirty), 0, "version %u", i);
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&seen->foreign), 0, "version %u", i);
	}
}

/* The scan may go on behind the back of who asked for it. */
static struct scsi_device *kt_find_sdev(unsigned int device)
{
	unsigned long deadline = jiffies + 20 * HZ;
	struct scsi_device *sdev = NULL;

	while (kt_host_of(device) && !sdev && time_before(jiffies, deadline)) {
		sdev = scsi_device_lookup(kt_host_of(device), 0, 0, 0);
		if (!sdev)
			msleep(20);
	}
	if (!sdev)
		return NULL;
	/* A reference that does not hold the driver's module. */
	get_device(&sdev->sdev_gendev);
	scsi_device_put(sdev);
	return sdev;
}

/* Version 0 drives the hosts, version 1 is staged. */
static struct lu_set *kt_host_up(struct kunit *test)
{
	unsigned int i;

	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	KUNIT_ASSERT_NOT_NULL(test, kt_set());
	for (i = 0; i < KT_DEVICES; i++) {
		kt_sdev[i] = kt_find_sdev(i);
		KUNIT_ASSERT_NOT_NULL(test, kt_sdev[i]);
	}
	KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
	return kt_set();
}

static void kt_host_passive_test(struct kunit *test)
{
	struct lu_set *set = kt_host_up(test);
	struct Scsi_Host *shost = kt_host_of(0);

	KUNIT_EXPECT_STREQ(test, set->shadow->class, "block");
	KUNIT_EXPECT_STREQ(test, shost->hostt->name, "kt_host");
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_hosts.seen[0].devices), KT_DEVICES);
	KUNIT_EXPECT_EQ(test, kt_write_read(kt_sdev[0], 3, 7), 0);
	KUNIT_EXPECT_EQ(test, kt_hosts.store[0][3 * KT_HOST_BLOCK], 7);
}

/* The same host and disk, in the hands of version @nr and of no other. */
static void kt_expect_served_by(struct kunit *test, struct Scsi_Host *shost, unsigned int nr)
{
	struct scsi_device *sdev;
	unsigned int i;
	int served = atomic_read(&kt_hosts.seen[nr].served);

	KUNIT_EXPECT_PTR_EQ(test, kt_host_of(0), shost);
	KUNIT_EXPECT_EQ(test, kt.drives[0], nr);
	KUNIT_EXPECT_PTR_EQ(test, shost->shost_gendev.parent, kt.devices[0]);
	sdev = scsi_device_lookup(shost, 0, 0, 0);
	KUNIT_EXPECT_PTR_EQ(test, sdev, kt_sdev[0]);
	if (sdev)
		scsi_device_put(sdev);
	KUNIT_EXPECT_EQ(test, kt_sdev[0]->sdev_state, SDEV_RUNNING);
	for (i = 0; i < KT_VERSIONS; i++)
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&kt_hosts.seen[i].devices),
				    i == nr ? KT_DEVICES : 0, "version %u", i);
	KUNIT_EXPECT_EQ(test, kt_write_read(kt_sdev[0], 20, 0x42 + nr), 0);
	KUNIT_EXPECT_GE(test, atomic_read(&kt_hosts.seen[nr].served), served + 2);
}

static void kt_host_update_test(struct kunit *test)
{
	struct lu_set *set = kt_host_up(test);
	struct Scsi_Host *shost = kt_host_of(0);

	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_STREQ(test, kt_mismatches(test, set), "");
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_hosts.seen[1].configured), KT_DEVICES);
	KUNIT_EXPECT_GT(test, set->record.blackout_us, 0ULL);
	kt_expect_served_by(test, shost, 1);
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	kt_expect_served_by(test, shost, 0);
}

/* A driver that will not do: each lack by its name, and the old one is back. */
static const struct kt_host_unfit {
	const char *name;
	struct kt_host_offer change;
	const char *text;
} kt_host_unfits[] = {
	{ "can_queue", { .can_queue = 4 }, ": can_queue 8 -> 4" },
	{ "maps", { .maps = 2 }, ": queue maps 1 -> 2" },
	{ "segments", { .sg_tablesize = 8 }, ": sg_tablesize 16 -> 8" },
	{ "sectors", { .max_sectors = 32 }, ": max_sectors 64 -> 32" },
	{ "private area", { .priv = 1 << 20 }, ": private area 1048576 > " },
	{ "command", { .cmd_size = 4096 }, " or command 4096 > " },
	{ "no ioctl", { .no_ioctl = true }, ": ioctl missing" },
	{ "no abort", { .no_abort = true }, ": eh_abort_handler missing" },
	{ "device refused", { .alloc_err = -ENXIO }, ":0:0:0: not found by the new driver" },
	{ "late", { .late_err = -EIO }, "kt0: probe failed (-5)" },
};

static void kt_host_unfit_desc(const struct kt_host_unfit *u, char *desc)
{
	strscpy(desc, u->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_host_unfit, kt_host_unfits, kt_host_unfit_desc);

static void kt_host_offer_change(struct kt_host_offer *offer, const struct kt_host_offer *c)
{
	offer->can_queue = c->can_queue ?: offer->can_queue;
	offer->maps = c->maps ?: offer->maps;
	offer->sg_tablesize = c->sg_tablesize ?: offer->sg_tablesize;
	offer->max_sectors = c->max_sectors ?: offer->max_sectors;
	offer->priv = c->priv ?: offer->priv;
	offer->cmd_size = c->cmd_size ?: offer->cmd_size;
	offer->no_ioctl = c->no_ioctl;
	offer->no_abort = c->no_abort;
	offer->alloc_err = c->alloc_err;
	offer->late_err = c->late_err;
}

static void kt_host_unfit_test(struct kunit *test)
{
	const struct kt_host_unfit *u = test->param_value;
	struct lu_set *set = kt_host_up(test);
	struct Scsi_Host *shost = kt_host_of(0);

	kt_host_offer_change(&kt_hosts.offer[1], &u->change);
	kt_user_start(test);
	kt_expect_user_goes_on(test);
	KUNIT_EXPECT_EQ(test, lu_update(set), -ECANCELED);
	KUNIT_EXPECT_EQ_MSG(test, set->state, LU_STAGED, "%s", lu_state_name(set->state));
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(kt_mismatches(test, set), u->text), "%s",
				  kt_mismatches(test, set));
	kt_expect_user_goes_on(test);
	kt_user_stop();
	kt_expect_served_by(test, shost, 0);
}

/* Room that was reserved at the first load: bigger private areas fit. */
static void kt_host_slack_test(struct kunit *test)
{
	struct lu_set *set = kt_host_up(test);
	struct Scsi_Host *shost = kt_host_of(0);

	kt_hosts.offer[1].priv = 64 + 4096;
	kt_hosts.offer[1].cmd_size = 32 + 256;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	kt_expect_served_by(test, shost, 1);
}

/* More queues, and deeper ones: they stay idle, and the way back is open; fewer will not do. */
static void kt_host_queues_test(struct kunit *test)
{
	struct lu_set *set;
	struct Scsi_Host *shost;

	kt_hosts.offer[1].queues = 2;
	kt_hosts.offer[1].can_queue = 32;
	set = kt_host_up(test);
	shost = kt_host_of(0);
	kt_user_start(test);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_STREQ(test, kt_mismatches(test, set), "");
	kt_expect_user_goes_on(test);
	KUNIT_EXPECT_EQ(test, shost->nr_hw_queues, 1);
	KUNIT_EXPECT_EQ(test, shost->can_queue, 8);
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	kt_expect_user_goes_on(test);
	kt_user_stop();
	kt_expect_served_by(test, shost, 0);
}

static void kt_host_fewer_queues_test(struct kunit *test)
{
	struct lu_set *set;
	struct Scsi_Host *shost;

	kt_hosts.offer[0].queues = 2;
	set = kt_host_up(test);
	shost = kt_host_of(0);
	KUNIT_EXPECT_EQ(test, lu_update(set), -ECANCELED);
	KUNIT_EXPECT_NOT_NULL(test, strstr(kt_mismatches(test, set), ": hardware queues 2 -> 1"));
	kt_expect_served_by(test, shost, 0);
}

static void kt_host_under_work_test(struct kunit *test)
{
	struct lu_set *set = kt_host_up(test);
	struct Scsi_Host *shost = kt_host_of(0);
	unsigned int i;

	kt_user_start(test);
	for (i = 0; i < 4; i++) {
		kt_expect_user_goes_on(test);
		KUNIT_ASSERT_EQ(test, i ? lu_rollback(set) : lu_update(set), 0);
	}
	kt_expect_user_goes_on(test);
	kt_user_stop();
	kt_expect_served_by(test, shost, 0);
}

/* A user sets the standby timer; the disk is told by somebody else. */
static void kt_set_timer(struct scsi_device *sdev, u8 count)
{
	bh_timer_note(sdev, count);
	kt_hosts.ata[0].timer = count;
}

/* A version, or the old one on the way back, that makes its disk forget. */
static const struct kt_ata_case {
	const char *name;
	bool fails;	/* the incoming one is rolled back */
	struct kt_ata was;
} kt_ata_cases[] = {
	{ "nothing set", .was = { .is = true, .cache = true } },
	{ "cache off", .was = { .is = true } },
	{ "all", .was = { .is = true, .apm = 0x80, .timer = 60, .frozen = true } },
	{ "all, rolled back", true, { .is = true, .apm = 1, .timer = 242, .frozen = true } },
};

static void kt_ata_case_desc(const struct kt_ata_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_ata, kt_ata_cases, kt_ata_case_desc);

static void kt_host_ata_test(struct kunit *test)
{
	const struct kt_ata_case *c = test->param_value;
	const struct kt_ata *ata = &kt_hosts.ata[0];
	struct lu_set *set;

	kt_hosts.ata[0].is = true;
	set = kt_host_up(test);
	kt_hosts.ata[0] = c->was;
	if (c->was.timer)
		kt_set_timer(kt_sdev[0], c->was.timer);
	kt_hosts.offer[0].resets = true;
	kt_hosts.offer[1].resets = true;
	if (c->fails)
		kt_hosts.offer[1].can_queue = 4;
	kt_user_start(test);
	KUNIT_EXPECT_EQ(test, lu_update(set), c->fails ? -ECANCELED : 0);
	kt_expect_user_goes_on(test);
	kt_user_stop();
	KUNIT_EXPECT_EQ(test, ata->cache, c->was.cache);
	KUNIT_EXPECT_EQ(test, ata->apm, c->was.apm);
	KUNIT_EXPECT_EQ(test, ata->timer, c->was.timer);
	KUNIT_EXPECT_EQ(test, ata->frozen, c->was.frozen);
	KUNIT_EXPECT_EQ(test, kt.drives[0], c->fails ? 0 : 1);
}

/* What cannot be set again is no reason to go back, and nobody waits for ever. */
static void kt_host_ata_deaf_test(struct kunit *test)
{
	struct lu_set *set;

	kt_hosts.ata[0].is = true;
	set = kt_host_up(test);
	kt_hosts.ata[0].deaf = true;
	kt_hosts.offer[1].resets = true;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_TRUE(test, kt_hosts.ata[0].cache);
	kt_expect_served_by(test, kt_host_of(0), 1);
}

/* Somebody still uses what the driver gave up: no reason to keep the driver. */
static void kt_host_gone_in_use_test(struct kunit *test)
{
	struct lu_set *set = kt_host_up(test);
	struct Scsi_Host *shost = kt_host_of(0);

	KUNIT_ASSERT_NOT_NULL(test, scsi_host_get(shost));
	KUNIT_ASSERT_EQ(test, scsi_device_get(kt_sdev[0]), 0);
	device_release_driver(kt.devices[0]);
	KUNIT_EXPECT_PTR_EQ(test, shost->hostt->module, kt_module(0));
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_STREQ(test, kt_mismatches(test, set), "");
	KUNIT_EXPECT_EQ(test, kt.drives[1], 1);
	/* The user's reference is on the driver that is there now. */
	KUNIT_EXPECT_PTR_EQ(test, shost->hostt->module, kt_module(1));
	KUNIT_EXPECT_EQ(test, lu_commit(set), 0);
	KUNIT_EXPECT_STREQ(test, shost->hostt->name, "gone");
	KUNIT_EXPECT_NE(test, kt_write_read(kt_sdev[0], 1, 1), 0);
	scsi_device_put(kt_sdev[0]);
	kt_sdevs_put();
	scsi_host_put(shost);
}

static void kt_host_unload_test(struct kunit *test)
{
	struct lu_set *set = kt_host_up(test);

	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	KUNIT_ASSERT_EQ(test, lu_commit(set), 0);
	kt_sdevs_put();
	KUNIT_EXPECT_EQ(test, kt_unload(1), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_hosts.seen[1].devices), 0);
}

static void kt_host_unplugged_test(struct kunit *test)
{
	struct lu_set *set = kt_host_up(test);

	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	kt_sdevs_put();
	kt_expect_unplugged(test, set);
	KUNIT_EXPECT_EQ(test, lu_commit(set), 0);
}

static struct kunit_case kt_host_cases[] = {
	KUNIT_CASE(kt_host_passive_test),
	KUNIT_CASE(kt_host_update_test),
	KUNIT_CASE_PARAM(kt_host_unfit_test, kt_host_unfit_gen_params),
	KUNIT_CASE(kt_host_slack_test),
	KUNIT_CASE(kt_host_queues_test),
	KUNIT_CASE(kt_host_fewer_queues_test),
	KUNIT_CASE(kt_host_under_work_test),
	KUNIT_CASE_PARAM(kt_host_ata_test, kt_ata_gen_params),
	KUNIT_CASE(kt_host_ata_deaf_test),
	KUNIT_CASE(kt_host_gone_in_use_test),
	KUNIT_CASE(kt_host_unplugged_test),
	KUNIT_CASE(kt_host_unload_test),
	{}
};

struct kunit_suite kt_host_suite = {
	.name = "shadow_block_hosts",
	.init = kt_host_setup,
	.exit = kt_host_teardown,
	.test_cases = kt_host_cases,
};
