// SPDX-License-Identifier: GPL-2.0
/*
 * Sleep and updates: whoever comes first is not disturbed, and the other can
 * be tried again. The kernel's announcements are made by the test.
 */
#include <linux/suspend.h>

#include "lu_kunit.h"

static int kt_sleep_err;

static struct lu_set *kt_staged(struct kunit *test)
{
	struct lu_set *set;

	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
	set = kt_set();
	KUNIT_ASSERT_NOT_NULL(test, set);
	KUNIT_ASSERT_EQ(test, set->state, LU_STAGED);
	return set;
}

/* As the machine wakes up, also after a test that stopped half-way. */
static void kt_awake_teardown(struct kunit *test)
{
	kt_hook_sleep(PM_POST_SUSPEND);
	kt_teardown(test);
}

/**
 * struct kt_sleep - a way to sleep
 * @name: for people
 * @prepare: announcement before
 * @post: announcement after, or of the attempt's failure
 */
struct kt_sleep {
	const char *name;
	unsigned long prepare;
	unsigned long post;
};

static const struct kt_sleep kt_sleeps[] = {
	{ "suspend", PM_SUSPEND_PREPARE, PM_POST_SUSPEND },
	{ "hibernation", PM_HIBERNATION_PREPARE, PM_POST_HIBERNATION },
	{ "restore", PM_RESTORE_PREPARE, PM_POST_RESTORE },
};

static void kt_sleep_desc(const struct kt_sleep *s, char *desc)
{
	strscpy(desc, s->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_sleep, kt_sleeps, kt_sleep_desc);

static void kt_no_update_asleep_test(struct kunit *test)
{
	const struct kt_sleep *s = test->param_value;
	struct lu_set *set = kt_staged(test);

	KUNIT_EXPECT_EQ(test, kt_hook_sleep(s->prepare), 0);
	KUNIT_EXPECT_EQ(test, lu_update(set), -EBUSY);
	KUNIT_EXPECT_STREQ_MSG(test, kt.calls, "", "the shadow was asked all the same");
	KUNIT_EXPECT_EQ(test, set->state, LU_STAGED);
	KUNIT_EXPECT_EQ(test, kt_hook_sleep(s->post), 0);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, kt.drives[0], 1);
	KUNIT_EXPECT_EQ_MSG(test, kt_hook_sleep(s->prepare), 0, "the update still counts");
	KUNIT_EXPECT_EQ(test, lu_rollback(set), -EBUSY);
	KUNIT_EXPECT_EQ(test, kt_hook_sleep(s->post), 0);
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
}

static void kt_during_sleep(struct lu_set *set)
{
	kt_sleep_err = kt_hook_sleep(PM_SUSPEND_PREPARE);
	/* The kernel says so to all that it asked before. */
	kt_hook_sleep(PM_POST_SUSPEND);
}

static void kt_no_sleep_in_update_test(struct kunit *test)
{
	struct lu_set *set = kt_staged(test);

	kt_sleep_err = 0;
	kt.plan.during = kt_during_sleep;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, kt_sleep_err, -EBUSY);
	KUNIT_EXPECT_EQ(test, set->record.result, LU_RESULT_UPDATED);
	KUNIT_EXPECT_EQ(test, kt_hook_sleep(PM_SUSPEND_PREPARE), 0);
}

static struct kunit_case kt_pm_cases[] = {
	KUNIT_CASE_PARAM(kt_no_update_asleep_test, kt_sleep_gen_params),
	KUNIT_CASE(kt_no_sleep_in_update_test),
	{}
};

struct kunit_suite kt_pm_suite = {
	.name = "lu_pm",
	.init = kt_setup,
	.exit = kt_awake_teardown,
	.test_cases = kt_pm_cases,
};
