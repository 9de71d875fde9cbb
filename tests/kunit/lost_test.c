// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that are lost in a driver: they hang where nothing calls them back, or
 * they die there. Version 0 runs, version 1 is staged, both on two devices.
 */
#include <linux/delay.h>

#include "transaction.h"

/*
 * A thread that nothing calls back keeps the device's lock. Nothing more is
 * tried that would hang as well, until it comes back after all.
 */
static const struct kt_lost {
	const char *name;
	struct kt_behaviour how0, how1;
	const char *calls;
	const char *reason;
	int err;
} kt_losts[] = {
	{
		.name = "new init hangs", .how1.init_hang = KT_HANG_FOR_GOOD,
		.calls = "prepare quiesce detached stuck",
		.reason = "init: thread lu_kt_fake (pid ", .err = -ETIME,
	}, {
		.name = "new probe hangs", .how1.probe_hang = KT_HANG_FOR_GOOD,
		.calls = "prepare quiesce detached stuck",
		.reason = "probe: thread lu_kt_fake (pid ", .err = -ETIME,
	}, {
		.name = "old remove hangs", .how0.remove_hang = KT_HANG_FOR_GOOD,
		.calls = "prepare quiesce stuck",
		.reason = "remove: thread lu_kt_fake (pid ", .err = -ETIME,
	},
};

static void kt_lost_desc(const struct kt_lost *l, char *desc)
{
	strscpy(desc, l->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_lost, kt_losts, kt_lost_desc);

static void kt_expect_stuck(struct kunit *test, struct lu_set *set, const char *reason,
			    int err)
{
	KUNIT_EXPECT_EQ(test, set->state, LU_FAILED);
	KUNIT_EXPECT_EQ(test, set->record.result, LU_RESULT_FAILED);
	KUNIT_EXPECT_EQ(test, set->record.err, err);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(set->record.reason, reason), "\"%s\"",
			      set->record.reason);
	KUNIT_EXPECT_TRUE(test, lu_set_active(set));
	KUNIT_EXPECT_FALSE(test, set->busy);
	KUNIT_EXPECT_EQ(test, lu_rollback(set), -EIO);
	KUNIT_EXPECT_EQ(test, lu_update(set), -EIO);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(set->record.reason, reason),
			      "the reason is lost: \"%s\"", set->record.reason);
}

static void kt_wait_unstuck(struct kunit *test, struct lu_set *set)
{
	unsigned long deadline = jiffies + 30 * HZ;

	KUNIT_ASSERT_TRUE(test, kt_release_hung());
	while (lu_set_stuck(set) && time_before(jiffies, deadline))
		msleep(20);
	KUNIT_EXPECT_EQ(test, atomic_read(&set->stuck), 0);
}

static void kt_lost_thread_test(struct kunit *test)
{
	const struct kt_lost *l = test->param_value;
	static const struct kt_case all_well;
	struct lu_set *set = kt_stage_of(test, &all_well);

	kt.behaviour[0] = l->how0;
	kt.behaviour[1] = l->how1;
	set->timeout_ms = 400;
	KUNIT_EXPECT_EQ(test, lu_update(set), -EIO);
	kt_expect_calls(test, l->calls);
	kt_expect_stuck(test, set, l->reason, l->err);
	KUNIT_EXPECT_STREQ_MSG(test, kt.calls, l->calls, "tried something");
	KUNIT_EXPECT_EQ_MSG(test, kt_unload(0), -EWOULDBLOCK, "a thread may be in it");
	KUNIT_EXPECT_EQ_MSG(test, lu_discard(set), -EBUSY, "a thread may be in it");

	memset(kt.behaviour, 0, sizeof(kt.behaviour));
	set->timeout_ms = LU_DEFAULT_TIMEOUT_MS;
	kt_wait_unstuck(test, set);
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	KUNIT_EXPECT_EQ_MSG(test, set->state, LU_STAGED, "%s", lu_state_name(set->state));
	KUNIT_EXPECT_EQ(test, kt.drives[0], 0);
	KUNIT_EXPECT_EQ(test, kt.drives[1], 0);
	KUNIT_EXPECT_STREQ_MSG(test, kt.violation, "", "against the interface");
	KUNIT_EXPECT_EQ_MSG(test, kt.warned, 0, "illegal edges");
	KUNIT_EXPECT_EQ(test, lu_discard(set), 0);
	KUNIT_EXPECT_EQ(test, kt_unload(0), 0);
}

/* One that dies never comes back, and leaves no trace in the tables. */
static void kt_dead_thread_test(struct kunit *test)
{
	static const struct kt_case c = { .how1.init_hang = KT_HANG_DIE };
	struct lu_set *set = kt_stage_of(test, &c);

	KUNIT_EXPECT_EQ(test, lu_update(set), -EIO);
	kt_expect_calls(test, "prepare quiesce detached stuck");
	kt_expect_stuck(test, set, "init: thread lu_kt_fake (pid ", -EFAULT);
	KUNIT_EXPECT_NOT_NULL(test, strstr(set->record.reason, " crashed "));
	KUNIT_EXPECT_PTR_EQ(test, lu_current_generation(), NULL);
}

static bool kt_wait_timeline(struct kunit *test, struct lu_set *set, const char *event)
{
	unsigned long deadline = jiffies + 30 * HZ;
	bool seen;

	do {
		seen = strstr(kt_timeline(test, set), event);
		if (!seen)
			msleep(100);
	} while (!seen && time_before(jiffies, deadline));
	return seen;
}

/* With the devices released, an old exit that hangs stops nobody. */
static const struct kt_abandoned {
	const char *name;
	enum kt_hang hang;
} kt_abandoned[] = {
	{ "old exit hangs",	KT_HANG_FOR_GOOD },
	{ "old exit dies",	KT_HANG_DIE },
};

static void kt_abandoned_desc(const struct kt_abandoned *a, char *desc)
{
	strscpy(desc, a->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_abandoned, kt_abandoned, kt_abandoned_desc);

static void kt_abandoned_exit_test(struct kunit *test)
{
	const struct kt_abandoned *a = test->param_value;
	const struct kt_case c = { .how0.exit_hang = a->hang, .timeout_ms = 400 };
	struct lu_set *set = kt_stage_of(test, &c);

	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	kt_expect_calls(test, ALL_WELL);
	KUNIT_EXPECT_EQ(test, set->state, LU_RUNNING);
	KUNIT_EXPECT_EQ(test, kt.drives[0], 1);
	KUNIT_EXPECT_EQ_MSG(test, set->record.released, 1, "its bus driver");
	KUNIT_EXPECT_NOT_NULL(test, strstr(kt_timeline(test, set), "exit of kt_fake abandoned\n"));
	/* It can neither run again nor go. */
	KUNIT_EXPECT_EQ(test, lu_rollback(set), -EBUSY);
	KUNIT_EXPECT_EQ(test, lu_commit(set), -EBUSY);
	KUNIT_EXPECT_EQ(test, kt_unload(0), -EWOULDBLOCK);
	KUNIT_EXPECT_EQ(test, kt.drives[0], 1);
	/* Also when its thread comes back, which is no reason to be stuck. */
	KUNIT_ASSERT_TRUE(test, kt_release_hung());
	if (a->hang == KT_HANG_FOR_GOOD)
		KUNIT_EXPECT_TRUE(test, kt_wait_timeline(test, set, " came back: 0\n"));
	KUNIT_EXPECT_EQ(test, atomic_read(&set->stuck), 0);
	set->timeout_ms = LU_DEFAULT_TIMEOUT_MS;
	KUNIT_ASSERT_EQ(test, kt_load(2, ""), 0);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, kt.drives[0], 2);
}

/* An old exit that hangs, and a new driver that will not do: nobody is left. */
static void kt_abandoned_and_unfit_test(struct kunit *test)
{
	static const struct kt_case c = {
		.how0.exit_hang = KT_HANG_FOR_GOOD, .how1.probe_err = -EIO, .timeout_ms = 400,
	};
	struct lu_set *set = kt_stage_of(test, &c);

	KUNIT_EXPECT_EQ(test, lu_update(set), -EIO);
	KUNIT_EXPECT_EQ(test, set->state, LU_FAILED);
	KUNIT_EXPECT_EQ(test, lu_rollback(set), -EBUSY);
	KUNIT_EXPECT_EQ(test, set->state, LU_FAILED);
	kt.behaviour[1].probe_err = 0;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, set->state, LU_RUNNING);
	KUNIT_EXPECT_EQ(test, kt.drives[0], 1);
	KUNIT_EXPECT_STREQ_MSG(test, kt.violation, "", "against the interface");
	KUNIT_EXPECT_EQ_MSG(test, kt.warned, 0, "illegal edges");
}

static struct kunit_case kt_lost_cases[] = {
	KUNIT_CASE_PARAM(kt_lost_thread_test, kt_lost_gen_params),
	KUNIT_CASE(kt_dead_thread_test),
	KUNIT_CASE_PARAM(kt_abandoned_exit_test, kt_abandoned_gen_params),
	KUNIT_CASE(kt_abandoned_and_unfit_test),
	{}
};

struct kunit_suite kt_lost_suite = {
	.name = "lu_lost",
	.init = kt_setup,
	.exit = kt_teardown,
	.test_cases = kt_lost_cases,
};
