// SPDX-License-Identifier: GPL-2.0
/*
 * Edges of a set's state, legal and illegal, and names. The table here is the
 * documented one (Documentation, struct kernel-doc), written down a second
 * time so that a slip in the core's own shows.
 */
#include "lu_kunit.h"

static const struct kt_edge {
	const char *name;
	enum lu_state from;
	enum lu_state to;
} kt_legal[] = {
	{ "first load",			LU_EMPTY,    LU_RUNNING },
	{ "unload",			LU_RUNNING,  LU_EMPTY },
	{ "stage",			LU_RUNNING,  LU_STAGED },
	{ "go back to the kept one",	LU_RUNNING,  LU_UPDATING },
	{ "unload while one waits",	LU_STAGED,   LU_EMPTY },
	{ "discard",			LU_STAGED,   LU_RUNNING },
	{ "update",			LU_STAGED,   LU_UPDATING },
	{ "updated",			LU_UPDATING, LU_RUNNING },
	{ "rolled back",		LU_UPDATING, LU_STAGED },
	{ "neither runs",		LU_UPDATING, LU_FAILED },
	{ "another try",		LU_FAILED,   LU_UPDATING },
};

static bool kt_edge_documented(enum lu_state from, enum lu_state to)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kt_legal); i++)
		if (kt_legal[i].from == from && kt_legal[i].to == to)
			return true;
	return false;
}

/* Every pair of states is a case of its own. */
struct kt_pair {
	enum lu_state from;
	enum lu_state to;
};

static const void *kt_pair_gen(const void *prev, char *desc)
{
	static struct kt_pair pairs[LU_STATE_COUNT * LU_STATE_COUNT];
	const struct kt_pair *last = prev;
	unsigned int next = last ? last - pairs + 1 : 0;
	struct kt_pair *p = &pairs[next];

	if (next == ARRAY_SIZE(pairs))
		return NULL;
	p->from = next / LU_STATE_COUNT;
	p->to = next % LU_STATE_COUNT;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s to %s is %s", lu_state_name(p->from),
		 lu_state_name(p->to),
		 kt_edge_documented(p->from, p->to) ? "legal" : "illegal");
	return p;
}

static void kt_edge_test(struct kunit *test)
{
	const struct kt_pair *p = test->param_value;

	KUNIT_EXPECT_EQ_MSG(test, lu_edge_legal(p->from, p->to),
			    kt_edge_documented(p->from, p->to), "%s -> %s",
			    lu_state_name(p->from), lu_state_name(p->to));
}

/* The one writer takes a legal edge and refuses an illegal one, loudly. */
static void kt_writer_test(struct kunit *test)
{
	const struct kt_pair *p = test->param_value;
	bool legal = kt_edge_documented(p->from, p->to);
	bool same = p->from == p->to;
	struct lu_set *set;
	int err;

	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	set = kt_set();
	KUNIT_ASSERT_NOT_NULL(test, set);
	mutex_lock(&set->lock);
	set->state = p->from;
	err = lu_set_change_state(set, p->to);
	mutex_unlock(&set->lock);

	KUNIT_EXPECT_EQ(test, err, legal || same ? 0 : -EINVAL);
	KUNIT_EXPECT_EQ_MSG(test, set->state, legal ? p->to : p->from, "%s -> %s: now %s",
			    lu_state_name(p->from), lu_state_name(p->to),
			    lu_state_name(set->state));
	KUNIT_EXPECT_EQ_MSG(test, kt.warned, legal || same ? 0 : 1, "warnings");
	set->state = LU_RUNNING;
}

static void kt_state_names_test(struct kunit *test)
{
	static const char * const names[LU_STATE_COUNT] = {
		[LU_EMPTY] = "empty", [LU_RUNNING] = "running", [LU_STAGED] = "staged",
		[LU_UPDATING] = "updating", [LU_FAILED] = "failed",
	};
	unsigned int i;

	for (i = 0; i < LU_STATE_COUNT; i++)
		KUNIT_EXPECT_STREQ(test, lu_state_name(i), names[i]);
	KUNIT_EXPECT_STREQ(test, lu_state_name(LU_STATE_COUNT), "?");
}

static void kt_phase_names_test(struct kunit *test)
{
	static const char * const names[LU_PH_COUNT] = {
		[LU_PH_PREPARE] = "prepare", [LU_PH_QUIESCE] = "quiesce",
		[LU_PH_DETACH] = "detach", [LU_PH_ATTACH] = "attach",
		[LU_PH_VERIFY] = "verify", [LU_PH_REPLAY] = "replay",
		[LU_PH_RESUME] = "resume",
	};
	unsigned int i;

	for (i = 0; i < LU_PH_COUNT; i++) {
		KUNIT_EXPECT_STREQ(test, lu_phase_name(i), names[i]);
		KUNIT_EXPECT_EQ_MSG(test, lu_phase_by_name(names[i]), (int)i, "%s", names[i]);
	}
	KUNIT_EXPECT_STREQ(test, lu_phase_name(LU_PH_COUNT), "?");
	KUNIT_EXPECT_EQ(test, lu_phase_by_name("nonsense"), -EINVAL);
	KUNIT_EXPECT_EQ(test, lu_phase_by_name(""), -EINVAL);
	KUNIT_EXPECT_EQ(test, lu_phase_by_name("prep"), -EINVAL);
}

static void kt_result_names_test(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, lu_result_name(LU_RESULT_NONE), "none");
	KUNIT_EXPECT_STREQ(test, lu_result_name(LU_RESULT_UPDATED), "updated");
	KUNIT_EXPECT_STREQ(test, lu_result_name(LU_RESULT_ROLLED_BACK), "rolled-back");
	KUNIT_EXPECT_STREQ(test, lu_result_name(LU_RESULT_FAILED), "failed");
	KUNIT_EXPECT_STREQ(test, lu_result_name(LU_RESULT_FAILED + 1), "?");
}

static struct kunit_case kt_state_cases[] = {
	KUNIT_CASE_PARAM(kt_edge_test, kt_pair_gen),
	KUNIT_CASE_PARAM(kt_writer_test, kt_pair_gen),
	KUNIT_CASE(kt_state_names_test),
	KUNIT_CASE(kt_phase_names_test),
	KUNIT_CASE(kt_result_names_test),
	{}
};

struct kunit_suite kt_state_suite = {
	.name = "lu_state",
	.init = kt_setup,
	.exit = kt_teardown,
	.test_cases = kt_state_cases,
};
