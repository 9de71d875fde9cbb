// SPDX-License-Identifier: GPL-2.0
/*
 * The threads of a transaction: those there are when it begins to keep users
 * waiting are all that it needs, which kt_check_thread() sees to in every test,
 * and none is left behind. Version 0 runs, version 1 is staged.
 */
#include <linux/sched/signal.h>

#include "transaction.h"

unsigned int kt_threads(void)
{
	struct task_struct *p;
	unsigned int n = 0;

	rcu_read_lock();
	for_each_process(p)
		n += (p->flags & (PF_KTHREAD | PF_EXITING)) == PF_KTHREAD &&
		     !strcmp(p->comm, "lu_" KT_NAME);
	rcu_read_unlock();
	return n;
}

static unsigned int kt_threads_in_quiesce;

static void kt_count_threads(struct lu_set *set)
{
	kt_threads_in_quiesce = kt_threads();
}

static const struct kt_case kt_counted = { .plan.during = kt_count_threads };

/* Gone after an update, and after the way back. */
static void kt_crew_goes_test(struct kunit *test)
{
	struct lu_set *set = kt_stage_of(test, &kt_counted);

	kt_threads_in_quiesce = 0;
	KUNIT_EXPECT_EQ(test, kt_threads(), 0U);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_GT_MSG(test, kt_threads_in_quiesce, (unsigned int)KT_DEVICES,
			    "one for each device, and who waits for them");
	KUNIT_EXPECT_EQ(test, kt_threads(), 0U);
	kt.behaviour[0].probe_err = -EIO;
	KUNIT_EXPECT_EQ(test, lu_rollback(set), -ECANCELED);
	KUNIT_EXPECT_EQ(test, kt_threads(), 0U);
	KUNIT_EXPECT_STREQ(test, kt.violation, "");
}

/* Of two that were refused, too: one in prepare, one that was not quiet in time. */
static void kt_crew_refused_test(struct kunit *test)
{
	struct lu_set *set = kt_stage_of(test, &kt_counted);

	kt.plan.err[LU_PH_PREPARE] = -EOPNOTSUPP;
	KUNIT_EXPECT_EQ(test, lu_update(set), -ECANCELED);
	KUNIT_EXPECT_EQ(test, kt_threads(), 0U);
	kt.plan.err[LU_PH_PREPARE] = 0;
	kt.plan.err[LU_PH_QUIESCE] = -ETIME;
	KUNIT_EXPECT_EQ(test, lu_update(set), -ETIME);
	KUNIT_EXPECT_EQ(test, kt_threads(), 0U);
}

/*
 * While no driver runs they stay: users still wait, and every further try has
 * to do without a new thread.
 */
static void kt_crew_stays_test(struct kunit *test)
{
	struct lu_set *set = kt_stage_of(test, &kt_counted);
	unsigned int n, i;

	kt.behaviour[0].probe_err = -EIO;
	kt.behaviour[1].probe_err = -EIO;
	KUNIT_EXPECT_EQ(test, lu_update(set), -EIO);
	KUNIT_EXPECT_EQ(test, set->state, LU_FAILED);
	n = kt_threads();
	KUNIT_EXPECT_GT(test, n, (unsigned int)KT_DEVICES);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, i % 2 ? lu_rollback(set) : lu_update(set), -EIO);
	KUNIT_EXPECT_EQ(test, kt_threads(), n);
	kt.behaviour[1].probe_err = 0;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, kt_threads(), 0U);
	KUNIT_EXPECT_STREQ(test, kt.violation, "");
}

/* They go with the set: kt_teardown() looks. */
static void kt_crew_unload_test(struct kunit *test)
{
	struct lu_set *set = kt_stage_of(test, &kt_counted);

	kt.behaviour[0].probe_err = -EIO;
	kt.behaviour[1].probe_err = -EIO;
	KUNIT_EXPECT_EQ(test, lu_update(set), -EIO);
	KUNIT_EXPECT_GT(test, kt_threads(), 0U);
}

static struct kunit_case kt_crew_cases[] = {
	KUNIT_CASE(kt_crew_goes_test),
	KUNIT_CASE(kt_crew_refused_test),
	KUNIT_CASE(kt_crew_stays_test),
	KUNIT_CASE(kt_crew_unload_test),
	{}
};

struct kunit_suite kt_crew_suite = {
	.name = "lu_crew",
	.init = kt_setup,
	.exit = kt_teardown,
	.test_cases = kt_crew_cases,
};
