// SPDX-License-Identifier: GPL-2.0
/*
 * Module lu_kunit: the fixture that most suites share, and the start. The core
 * is up as in its own module; nothing is managed but what a test manages.
 */
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/glob.h>
#include <linux/module.h>

#include "lu_kunit.h"

static char *suite = "*";
module_param(suite, charp, 0444);
MODULE_PARM_DESC(suite, "suites to run, a glob");

struct kt_env kt;

int __init kt_core_init(void);
void __exit kt_core_exit(void);
int __init kt_net_init(void);
void __exit kt_net_exit(void);
int __init kt_block_init(void);
void __exit kt_block_exit(void);
int __init kt_sound_init(void);
void __exit kt_sound_exit(void);

/**
 * kt_setup() - a fresh stage: bus, devices and shadow; the driver is managed
 * @test: the test
 *
 * Return: 0 or an error, which fails the test.
 */
int kt_setup(struct kunit *test)
{
	memset(&kt, 0, sizeof(kt));
	init_completion(&kt.hung);
	init_completion(&kt.met);
	kt_shadow_reset();
	KUNIT_ASSERT_PTR_EQ_MSG(test, kt_set(), NULL, "left by an earlier test");
	KUNIT_ASSERT_EQ(test, kt_bus_up(), 0);
	kt.bus_up = true;
	KUNIT_ASSERT_EQ(test, lu_shadow_register(&kt_shadow), 0);
	kt.shadow_up = true;
	KUNIT_ASSERT_EQ(test, lu_manage(KT_NAME), 0);
	return 0;
}

static void kt_behave(void)
{
	unsigned int i;

	for (i = 0; i < KT_VERSIONS; i++)
		kt.behaviour[i] = (struct kt_behaviour) {
			.net = kt.behaviour[i].net,
			.disk = kt.behaviour[i].disk,
			.host = kt.behaviour[i].host,
			.card = kt.behaviour[i].card,
		};
}

/* After a test that stopped half-way the set may be in any state. */
static void kt_force_unload(void)
{
	struct lu_set *set = lu_set_find(KT_NAME);
	unsigned int i;

	if (set) {
		mutex_lock(&set->lock);
		set->busy = false;
		if (set->state == LU_FAILED || set->state == LU_UPDATING)
			set->state = set->gens[LU_ROLE_STAGED] ? LU_STAGED : LU_RUNNING;
		/* Pairs with lu_set_active(). */
		smp_store_release(&set->active, false);
		mutex_unlock(&set->lock);
	}
	for (i = 0; i < KT_VERSIONS; i++) {
		if (!kt_module(i))
			continue;
		atomic_set(&kt_module(i)->refcnt, 1);
		kt_unload(i);
	}
	if (set)
		lu_set_put(set);
}

/* One that came back late needs a moment to end; the dead are gone. */
static bool kt_threads_end(void)
{
	unsigned long deadline = jiffies + 30 * HZ;

	while (kt_threads() && time_before(jiffies, deadline))
		msleep(20);
	return !kt_threads();
}

/**
 * kt_teardown() - everything goes, also after a test that failed half-way
 * @test: the test
 */
void kt_teardown(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_TRUE_MSG(test, kt_release_hung(), "a thread is still in the driver");
	kt_behave();
	lu_inject_set("off");
	for (i = 0; i < KT_DEVICES; i++) {
		if (kt.timers[i].function)
			del_timer_sync(&kt.timers[i]);
		if (kt.works[i].work.func)
			cancel_delayed_work_sync(&kt.works[i]);
	}
	kt_force_unload();
	lu_module_reap_stale(true);
	lu_sets_exit();
	KUNIT_EXPECT_TRUE_MSG(test, kt_threads_end(), "a thread is left behind");
	lu_unmanage(KT_NAME);
	if (kt.shadow_up)
		lu_shadow_unregister(&kt_shadow);
	if (kt.bus_up)
		kt_bus_down();
}

/* The driver's set; the reference is given back: its modules keep it. */
struct lu_set *kt_set(void)
{
	struct lu_set *set = lu_set_find(KT_NAME);

	if (set)
		lu_set_put(set);
	return set;
}

/**
 * kt_seq() - a file to print to
 * @test: owns it
 * @size: bytes that it takes
 *
 * Return: the file; the text is @buf of it, terminated.
 */
struct seq_file *kt_seq(struct kunit *test, size_t size)
{
	struct seq_file *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->buf = kunit_kzalloc(test, size + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s->buf);
	s->size = size;
	return s;
}

/* All events of a set's timeline, one a line, without times. */
char *kt_timeline(struct kunit *test, struct lu_set *set)
{
	size_t size = LU_TIMELINE_LEN * (LU_TIMELINE_TEXT + 1), len = 0;
	char *text = kunit_kzalloc(test, size, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, text);
	for (i = 0; i < min_t(unsigned int, set->timeline_pos, LU_TIMELINE_LEN); i++)
		len += scnprintf(text + len, size - len, "%s\n", set->timeline[i].text);
	return text;
}

/* The mismatches of the last transaction, one a line. */
char *kt_mismatches(struct kunit *test, struct lu_set *set)
{
	char *text = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, text);
	lu_verdict_show(&set->record.verdict, text, PAGE_SIZE);
	return text;
}

/* As a user would write to a file in sysfs; true when it was taken. */
bool kt_write_file(const char *path, const char *text)
{
	struct file *file = filp_open(path, O_WRONLY, 0);
	loff_t pos = 0;
	ssize_t n;

	if (IS_ERR(file))
		return false;
	n = kernel_write(file, text, strlen(text), &pos);
	fput(file);
	return n == strlen(text);
}

static struct kunit_suite * const kt_suites[] = {
	&kt_state_suite,
	&kt_verdict_suite,
	&kt_log_suite,
	&kt_inject_suite,
	&kt_binder_suite,
	&kt_generation_suite,
	&kt_bus_suite,
	&kt_objects_suite,
	&kt_members_suite,
	&kt_transaction_suite,
	&kt_lost_suite,
	&kt_crew_suite,
	&kt_pm_suite,
	&kt_net_suite,
	&kt_disk_suite,
	&kt_host_suite,
	&kt_reclaim_suite,
	&kt_sound_suite,
	&kt_moment_suite,
	&kt_midi_suite,
};

/*
 * The suites need the core running, and 6.1 would run those of the section
 * .kunit_test_suites before this function.
 */
static int __ref kt_init(void)
{
	unsigned int i, n = 0;
	int err;

	err = kt_core_init();
	if (err)
		return err;
	err = kt_net_init();
	if (err)
		goto err_core;
	err = kt_block_init();
	if (err)
		goto err_net;
	err = kt_sound_init();
	if (err)
		goto err_block;
	for (i = 0; i < ARRAY_SIZE(kt_suites); i++) {
		if (!glob_match(suite, kt_suites[i]->name))
			continue;
		__kunit_test_suites_init(&kt_suites[i], 1);
		n++;
	}
	/* Who reads the log learns that this is all. */
	pr_info("lu_kunit: %u suites\n", n);
	return 0;

err_block:
	kt_block_exit();
err_net:
	kt_net_exit();
err_core:
	kt_core_exit();
	return err;
}

static void __exit kt_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kt_suites); i++)
		if (glob_match(suite, kt_suites[i]->name))
			__kunit_test_suites_exit((struct kunit_suite **)&kt_suites[i], 1);
	kt_sound_exit();
	kt_block_exit();
	kt_net_exit();
	kt_core_exit();
}

module_init(kt_init);
module_exit(kt_exit);

MODULE_DESCRIPTION("KUnit suites of live update");
MODULE_LICENSE("GPL");
