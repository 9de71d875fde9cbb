// SPDX-License-Identifier: GPL-2.0
/*
 * The transaction: version 0 runs, version 1 is staged, both on two devices.
 * Each case says what goes wrong and what must come of it: result, error,
 * state, who drives the devices, and every call of the shadow in its order.
 */
#include "transaction.h"

/* Outcomes: where the set is left. */
#define UPDATED		.ret = 0, .result = LU_RESULT_UPDATED, .state = LU_RUNNING, .drives = 1
#define WENT_BACK_AS(_ret) \
	.ret = (_ret), .result = LU_RESULT_ROLLED_BACK, .state = LU_STAGED, .drives = 0
#define WENT_BACK	WENT_BACK_AS(-ECANCELED)
#define NOBODY_BUT(_nr) \
	.ret = -EIO, .result = LU_RESULT_FAILED, .state = LU_FAILED, .drives = (_nr)
#define NOBODY		NOBODY_BUT(-1)

static const struct kt_case kt_successes[] = {
	{
		.name = "all well", UPDATED, .calls = ALL_WELL,
	}, {
		.name = "a mismatch, by force", .force = true,
		.plan.mismatch = "kt0: KT_F_CSUM lost", UPDATED, .calls = ALL_WELL,
		.mismatches = "kt0: KT_F_CSUM lost\n",
	}, {
		.name = "no shadow, by force", .how0.unclaimed = true,
		.how1.unclaimed = true, .force = true, UPDATED, .calls = "",
		.mismatches = "kt0: no shadow driver knows its class\n"
			      "kt1: no shadow driver knows its class\n",
	}, {
		.name = "exit skipped", .skip = true, UPDATED, .calls = ALL_WELL,
	}, {
		.name = "exit slow, but back in time to be called back",
		.how0.exit_hang = KT_HANG_KILLABLE, .timeout_ms = 400,
		UPDATED, .calls = ALL_WELL,
	}, {
		.name = "remove slow, but back in time to be called back",
		.how0.remove_hang = KT_HANG_KILLABLE, .timeout_ms = 400,
		UPDATED, .calls = ALL_WELL,
	},
};

/* One failure for each phase on the way forward. */
static const struct kt_case kt_forward[] = {
	{
		.name = "inject prepare", .inject = "prepare:12", .err = -ENOMEM,
		WENT_BACK, .calls = "",
	}, {
		.name = "inject quiesce", .inject = "quiesce", .err = -EIO,
		WENT_BACK, .calls = "prepare unprepare",
	}, {
		.name = "inject quiesce, out of time", .inject = "quiesce:62", .err = -ETIME,
		WENT_BACK_AS(-ETIME), .calls = "prepare unprepare",
	}, {
		.name = "inject detach", .inject = "detach", .err = -EIO,
		WENT_BACK, .calls = "prepare quiesce unquiesce unprepare",
	}, {
		.name = "inject attach", .inject = "attach", .err = -EIO,
		WENT_BACK, .calls = "prepare quiesce detached replay resume unprepare",
	}, {
		.name = "inject verify", .inject = "verify", .err = -EIO,
		WENT_BACK, .calls = "prepare quiesce detached detached replay resume unprepare",
	}, {
		.name = "inject replay", .inject = "replay:110", .err = -ETIMEDOUT,
		WENT_BACK,
		.calls = "prepare quiesce detached verify detached replay resume unprepare",
	}, {
		.name = "inject resume", .inject = "resume", .err = -EIO,
		WENT_BACK,
		.calls = "prepare quiesce detached verify replay detached replay resume unprepare",
	}, {
		.name = "shadow fails prepare", .plan.err[LU_PH_PREPARE] = -EBUSY,
		.err = -EBUSY, WENT_BACK, .calls = "prepare",
		.mismatches = "kt cannot be updated now\n",
	}, {
		.name = "shadow fails quiesce", .plan.err[LU_PH_QUIESCE] = -ETIME,
		.err = -ETIME, WENT_BACK_AS(-ETIME),
		.calls = "prepare quiesce unprepare",
	}, {
		.name = "shadow fails verify", .plan.err[LU_PH_VERIFY] = -ENOMEM,
		.err = -ENOMEM, WENT_BACK,
		.calls = "prepare quiesce detached verify detached replay resume unprepare",
	}, {
		.name = "shadow fails verify, by force", .plan.err[LU_PH_VERIFY] = -ENOMEM,
		.force = true, .err = -ENOMEM, WENT_BACK,
		.calls = "prepare quiesce detached verify detached replay resume unprepare",
	}, {
		.name = "shadow fails replay", .plan.err[LU_PH_REPLAY] = -EIO,
		.err = -EIO, WENT_BACK,
		.calls = "prepare quiesce detached verify replay detached replay resume unprepare",
	}, {
		.name = "shadow fails resume", .plan.err[LU_PH_RESUME] = -EIO,
		.err = -EIO, WENT_BACK,
		.calls =
			"prepare quiesce detached verify replay resume detached replay resume unprepare",
	},
};

/* The incoming driver is not what it should be. */
static const struct kt_case kt_unfit[] = {
	{
		.name = "a mismatch", .plan.mismatch = "kt0: KT_F_CSUM lost",
		.err = -EOPNOTSUPP, WENT_BACK,
		.calls = "prepare quiesce detached verify detached replay resume unprepare",
		.mismatches = "kt0: KT_F_CSUM lost\n",
	}, {
		.name = "init fails", .how1.init_err = -ENOMEM, .err = -ENOMEM, WENT_BACK,
		.calls = "prepare quiesce detached replay resume unprepare",
		.mismatches = "init failed (-12)\n",
	}, {
		.name = "init fails, by force", .how1.init_err = -ENOMEM, .force = true,
		.err = -ENOMEM, WENT_BACK,
		.calls = "prepare quiesce detached replay resume unprepare",
		.mismatches = "init failed (-12)\n",
	}, {
		.name = "probe fails", .how1.probe_err = -EIO, .err = -EIO, WENT_BACK,
		.calls = "prepare quiesce detached detached replay resume unprepare",
		.mismatches = "kt0: probe failed (-5)\nkt1: probe failed (-5)\n",
	}, {
		.name = "probe wants no device", .how1.probe_err = -ENODEV, .err = -ENODEV,
		WENT_BACK, .calls = "prepare quiesce detached detached replay resume unprepare",
		.mismatches = "kt0: probe failed (-19)\nkt1: probe failed (-19)\n",
	}, {
		.name = "other device ids", .how1.other_ids = true, .err = -ENODEV, WENT_BACK,
		.calls = "prepare quiesce detached detached replay resume unprepare",
		.mismatches = "kt0 not supported (device ids)\nkt1 not supported (device ids)\n",
	}, {
		.name = "no class object any more", .how1.not_adopted = true,
		.err = -ENODEV, WENT_BACK,
		.calls = "prepare quiesce detached detached replay resume unprepare",
		.mismatches = "kt0 not taken over\nkt1 not taken over\n",
	}, {
		.name = "init hangs until it is called back",
		.how1.init_hang = KT_HANG_KILLABLE, .timeout_ms = 400,
		.err = -EINTR, WENT_BACK,
		.calls = "prepare quiesce detached replay resume unprepare",
		.mismatches = "init failed (-4)\n",
	}, {
		.name = "probe hangs until it is called back",
		.how1.probe_hang = KT_HANG_KILLABLE, .timeout_ms = 400,
		.err = -ETIME, WENT_BACK,
		.calls = "prepare quiesce detached detached replay resume unprepare",
		.mismatches = "probe took longer than 400 ms\n",
	}, {
		.name = "no shadow", .how0.unclaimed = true, .how1.unclaimed = true,
		.err = -EOPNOTSUPP, WENT_BACK, .calls = "",
		.mismatches = "kt0: no shadow driver knows its class\n",
	},
};

/* Nor is there a way back. */
static const struct kt_case kt_hopeless[] = {
	{
		.name = "way back fails at detach", .how1.probe_err = -EIO,
		.inject = "rollback-detach", .err = -EIO, NOBODY,
		.calls = "prepare quiesce detached stuck",
		.mismatches = "kt0: probe failed (-5)\nkt1: probe failed (-5)\n",
	}, {
		.name = "way back fails at attach", .how1.probe_err = -EIO,
		.inject = "rollback-attach", .err = -EIO, NOBODY,
		.calls = "prepare quiesce detached detached stuck",
		.mismatches = "kt0: probe failed (-5)\nkt1: probe failed (-5)\n",
	}, {
		.name = "way back fails at replay", .how1.init_err = -ENOMEM,
		.inject = "rollback-replay", .err = -ENOMEM, NOBODY_BUT(0),
		.calls = "prepare quiesce detached stuck",
		.mismatches = "init failed (-12)\n",
	}, {
		.name = "way back fails at resume", .how1.init_err = -ENOMEM,
		.inject = "rollback-resume", .err = -ENOMEM, NOBODY_BUT(0),
		.calls = "prepare quiesce detached replay stuck",
		.mismatches = "init failed (-12)\n",
	}, {
		.name = "shadow fails replay both ways", .plan.err[LU_PH_REPLAY] = -EIO,
		.plan.err_back[LU_PH_REPLAY] = -ENOMEM, .err = -EIO, NOBODY_BUT(0),
		.calls = "prepare quiesce detached verify replay detached replay stuck",
	}, {
		.name = "shadow fails resume both ways", .plan.err[LU_PH_RESUME] = -EIO,
		.plan.err_back[LU_PH_RESUME] = -ENOMEM, .err = -EIO, NOBODY_BUT(0),
		.calls =
			"prepare quiesce detached verify replay resume detached replay resume stuck",
	}, {
		.name = "shadow fails unquiesce", .inject = "detach",
		.plan.err_unquiesce = -EIO, .err = -EIO, NOBODY_BUT(0),
		.calls = "prepare quiesce unquiesce stuck",
	},
};

static void kt_case_desc(const struct kt_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_successes, kt_successes, kt_case_desc);
KUNIT_ARRAY_PARAM(kt_forward, kt_forward, kt_case_desc);
KUNIT_ARRAY_PARAM(kt_unfit, kt_unfit, kt_case_desc);
KUNIT_ARRAY_PARAM(kt_hopeless, kt_hopeless, kt_case_desc);

/**
 * kt_stage_of() - version 0 runs and 1 waits
 * @test: the test
 * @c: how they and the shadow behave, and the settings of the set
 *
 * Return: the set.
 */
struct lu_set *kt_stage_of(struct kunit *test, const struct kt_case *c)
{
	struct lu_set *set;

	kt.behaviour[0] = c->how0;
	kt.behaviour[1] = c->how1;
	kt.plan = c->plan;
	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
	set = kt_set();
	KUNIT_ASSERT_NOT_NULL(test, set);
	KUNIT_ASSERT_EQ(test, set->state, LU_STAGED);
	set->policy = c->force ? LU_POLICY_FORCE : LU_POLICY_ROLLBACK;
	set->release = c->skip ? LU_RELEASE_FORCE : LU_RELEASE_GRACEFUL;
	if (c->timeout_ms)
		set->timeout_ms = c->timeout_ms;
	KUNIT_ASSERT_EQ(test, lu_inject_set(c->inject ?: "off"), 0);
	return set;
}

/**
 * kt_expect_calls() - the shadow was called as its interface says
 * @test: the test
 * @calls: the calls, in their order
 */
void kt_expect_calls(struct kunit *test, const char *calls)
{
	KUNIT_EXPECT_STREQ(test, kt.calls, calls);
	KUNIT_EXPECT_STREQ_MSG(test, kt.violation, "", "against the interface");
	KUNIT_EXPECT_EQ(test, kt.warned, 0);
}

static void kt_expect_mismatches(struct kunit *test, struct lu_set *set, const char *text)
{
	char *buf = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	lu_verdict_show(&set->record.verdict, buf, PAGE_SIZE);
	KUNIT_EXPECT_STREQ(test, buf, text ?: "");
}

/* A version whose init ran and whose exit did not, or the reverse. */
static void kt_expect_balance(struct kunit *test, int running)
{
	int i;

	for (i = 0; i < 2; i++) {
		const struct kt_counts *n = &kt.counts[i];
		bool failed = kt.behaviour[i].init_err || kt.behaviour[i].init_hang;

		if (!failed)
			KUNIT_EXPECT_EQ_MSG(test, n->inits - n->exits, i == running,
					    "version %d: %u inits, %u exits", i, n->inits,
					    n->exits);
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&n->probes) - atomic_read(&n->removes),
				    i == running ? KT_DEVICES : 0,
				    "version %d: %u probes, %u removes", i, atomic_read(&n->probes),
				    atomic_read(&n->removes));
		KUNIT_EXPECT_EQ_MSG(test, n->dirty, 0, "version %d: data not pristine", i);
		KUNIT_EXPECT_EQ_MSG(test, n->misattributed, 0, "version %d", i);
	}
}

static void kt_expect_outcome(struct kunit *test, struct lu_set *set,
			      const struct kt_case *c)
{
	unsigned int d;

	KUNIT_EXPECT_EQ_MSG(test, set->record.result, c->result, "%s",
			    lu_result_name(set->record.result));
	KUNIT_EXPECT_EQ(test, set->record.err, c->err);
	KUNIT_EXPECT_EQ_MSG(test, set->state, c->state, "%s", lu_state_name(set->state));
	KUNIT_EXPECT_EQ_MSG(test, !!set->record.reason[0], c->err != 0, "reason \"%s\"",
			    set->record.reason);
	kt_expect_mismatches(test, set, c->mismatches);
	for (d = 0; d < KT_DEVICES; d++)
		KUNIT_EXPECT_EQ_MSG(test, kt.drives[d], c->drives, "driver of device %u", d);
	KUNIT_EXPECT_EQ(test, set->record.devices, KT_DEVICES);
	KUNIT_EXPECT_FALSE(test, set->busy);
	KUNIT_EXPECT_PTR_EQ(test, lu_txn_of(set), NULL);
	/* Impersonated for as long as there is no driver, and no longer. */
	KUNIT_EXPECT_EQ(test, lu_set_active(set), c->result == LU_RESULT_FAILED);
}

static struct lu_set *kt_play(struct kunit *test)
{
	const struct kt_case *c = test->param_value;
	struct lu_set *set = kt_stage_of(test, c);

	KUNIT_EXPECT_EQ(test, lu_update(set), c->ret);
	kt_expect_outcome(test, set, c);
	kt_expect_calls(test, c->calls);
	return set;
}

static void kt_success_test(struct kunit *test)
{
	const struct kt_case *c = test->param_value;
	struct lu_set *set = kt_play(test);

	KUNIT_EXPECT_EQ(test, set->generation, 1);
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_RUNNING], kt_generation(1));
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_KEPT], kt_generation(0));
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_STAGED], NULL);
	KUNIT_EXPECT_EQ(test, module_refcount(kt_module(0)), 0);
	KUNIT_EXPECT_EQ(test, module_refcount(kt_module(1)), 0);
	KUNIT_EXPECT_EQ(test, set->record.replayed, c->calls[0] ? 3 : 0);
	KUNIT_EXPECT_GT(test, set->record.total_us, 0ULL);
	KUNIT_EXPECT_STREQ(test, set->record.from,
			   "1.0 b01d000000000000000000000000000000000000");
	KUNIT_EXPECT_STREQ(test, set->record.to,
			   "1.1 b11d000000000000000000000000000000000000");
	KUNIT_EXPECT_EQ_MSG(test, kt.counts[0].exits, c->skip ? 0 : 1, "exits of the old one");
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&kt.counts[0].removes), c->skip ? 0 : KT_DEVICES,
			    "removes");
	KUNIT_EXPECT_EQ_MSG(test, set->record.released, c->skip ? 1 : 0, "its bus driver");
	if (!c->skip)
		kt_expect_balance(test, 1);
}

/* As before: the same driver, the other still staged, nobody held. */
static void kt_expect_as_before(struct kunit *test, struct lu_set *set)
{
	KUNIT_EXPECT_EQ(test, set->generation, 0);
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_RUNNING], kt_generation(0));
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_STAGED], kt_generation(1));
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_KEPT], NULL);
	KUNIT_EXPECT_EQ(test, module_refcount(kt_module(0)), 0);
	KUNIT_EXPECT_EQ(test, module_refcount(kt_module(1)), 0);
	KUNIT_EXPECT_STREQ(test, kt_module(0)->name, KT_NAME);
	KUNIT_EXPECT_EQ(test, set->record.released, 0);
}

/* With the fault gone, the same staged driver can still be put in. */
static void kt_expect_retry(struct kunit *test, struct lu_set *set)
{
	memset(kt.behaviour, 0, sizeof(kt.behaviour));
	memset(&kt.plan, 0, sizeof(kt.plan));
	kt.calls[0] = '\0';
	set->timeout_ms = LU_DEFAULT_TIMEOUT_MS;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	kt_expect_calls(test, ALL_WELL);
	KUNIT_EXPECT_EQ(test, set->state, LU_RUNNING);
	KUNIT_EXPECT_EQ(test, kt.drives[0], 1);
	KUNIT_EXPECT_EQ(test, kt.drives[1], 1);
}

static void kt_back_test(struct kunit *test)
{
	const struct kt_case *c = test->param_value;
	struct lu_set *set = kt_play(test);

	kt_expect_as_before(test, set);
	kt_expect_balance(test, 0);
	if (!c->how0.unclaimed)
		kt_expect_retry(test, set);
}

/* From failed the old driver is tried again, and comes back. */
static void kt_hopeless_rollback_test(struct kunit *test)
{
	struct lu_set *set = kt_play(test);

	KUNIT_ASSERT_EQ(test, set->state, LU_FAILED);
	kt.calls[0] = '\0';
	memset(&kt.plan, 0, sizeof(kt.plan));
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	KUNIT_EXPECT_EQ_MSG(test, set->state, LU_STAGED, "%s", lu_state_name(set->state));
	kt_expect_as_before(test, set);
	KUNIT_EXPECT_EQ(test, kt.drives[0], 0);
	KUNIT_EXPECT_EQ(test, kt.drives[1], 0);
	KUNIT_EXPECT_FALSE(test, lu_set_active(set));
	KUNIT_EXPECT_STREQ_MSG(test, kt.violation, "", "against the interface");
	KUNIT_EXPECT_EQ_MSG(test, kt.warned, 0, "illegal edges");
	kt_expect_balance(test, 0);
}

/* From failed the new one, now well, may be tried too. */
static void kt_hopeless_update_test(struct kunit *test)
{
	struct lu_set *set = kt_play(test);

	KUNIT_ASSERT_EQ(test, set->state, LU_FAILED);
	memset(kt.behaviour, 0, sizeof(kt.behaviour));
	memset(&kt.plan, 0, sizeof(kt.plan));
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ_MSG(test, set->state, LU_RUNNING, "%s", lu_state_name(set->state));
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_RUNNING], kt_generation(1));
	KUNIT_EXPECT_EQ(test, kt.drives[0], 1);
	KUNIT_EXPECT_EQ(test, kt.drives[1], 1);
	KUNIT_EXPECT_FALSE(test, lu_set_active(set));
	KUNIT_EXPECT_EQ(test, module_refcount(kt_module(0)), 0);
	KUNIT_EXPECT_EQ(test, module_refcount(kt_module(1)), 0);
	KUNIT_EXPECT_STREQ_MSG(test, kt.violation, "", "against the interface");
	KUNIT_EXPECT_EQ_MSG(test, kt.warned, 0, "illegal edges");
}

/* To who uses such a device an update would be an ordinary reload. */
static void kt_unknown_bus_test(struct kunit *test)
{
	static const struct kt_case c = { };
	struct lu_set *set = kt_stage_of(test, &c);
	struct platform_driver *strange = &kt_version_get(0)->data->strange;
	struct platform_device *dev;

	strange->driver.name = "kt_strange";
	KUNIT_ASSERT_EQ(test, platform_driver_register(strange), 0);
	dev = platform_device_register_simple("kt_strange", 3, NULL, 0);
	KUNIT_EXPECT_FALSE(test, IS_ERR(dev));
	KUNIT_EXPECT_EQ(test, lu_update(set), -ECANCELED);
	KUNIT_EXPECT_EQ(test, set->record.err, -EOPNOTSUPP);
	kt_expect_mismatches(test, set,
			     "kt_strange.3: live update does not know the bus platform\n");
	kt_expect_calls(test, "");
	kt_expect_as_before(test, set);
	kt_expect_balance(test, 0);
	if (!IS_ERR(dev))
		platform_device_unregister(dev);
	platform_driver_unregister(strange);
	kt_expect_retry(test, set);
}

/* Nobody may unload what is held while there is no driver. */
static void kt_failed_holds_test(struct kunit *test)
{
	static const struct kt_case c = {
		.inject = "rollback-attach", .how1.init_err = -ENOMEM,
	};
	struct lu_set *set = kt_stage_of(test, &c);

	KUNIT_ASSERT_EQ(test, lu_update(set), -EIO);
	KUNIT_EXPECT_EQ(test, kt_unload(0), -EWOULDBLOCK);
	KUNIT_EXPECT_EQ(test, lu_inject_set("rollback-replay"), 0);
	KUNIT_EXPECT_EQ_MSG(test, lu_rollback(set), -EIO, "a second try that fails, too");
	KUNIT_EXPECT_EQ(test, set->state, LU_FAILED);
	KUNIT_EXPECT_EQ(test, kt_unload(0), -EWOULDBLOCK);
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	KUNIT_EXPECT_EQ(test, set->state, LU_STAGED);
	KUNIT_EXPECT_EQ(test, lu_discard(set), 0);
	KUNIT_EXPECT_EQ(test, kt_unload(0), 0);
}

/* Triggers that have nothing to work on, or come at the wrong time. */

static void kt_nothing_there_test(struct kunit *test)
{
	struct lu_set *set;

	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	set = kt_set();
	KUNIT_ASSERT_NOT_NULL(test, set);
	KUNIT_EXPECT_EQ(test, lu_update(set), -ENOENT);
	KUNIT_EXPECT_EQ(test, lu_rollback(set), -ENOENT);
	KUNIT_EXPECT_EQ(test, lu_commit(set), -ENOENT);
	KUNIT_EXPECT_EQ(test, lu_discard(set), -ENOENT);
	KUNIT_EXPECT_EQ(test, set->state, LU_RUNNING);
	KUNIT_EXPECT_FALSE(test, set->busy);
	kt_expect_calls(test, "");
}

static struct {
	int update, rollback, commit, discard, load;
	enum lu_state state;
} kt_meanwhile;

static void kt_try_everything(struct lu_set *set)
{
	kt_meanwhile.state = set->state;
	kt_meanwhile.update = lu_update(set);
	kt_meanwhile.rollback = lu_rollback(set);
	kt_meanwhile.commit = lu_commit(set);
	kt_meanwhile.discard = lu_discard(set);
	kt_meanwhile.load = kt_load(2, "");
}

static void kt_busy_test(struct kunit *test)
{
	static const struct kt_case all_well;
	struct lu_set *set = kt_stage_of(test, &all_well);

	kt.plan.during = kt_try_everything;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, kt_meanwhile.state, LU_UPDATING);
	KUNIT_EXPECT_EQ(test, kt_meanwhile.update, -EBUSY);
	KUNIT_EXPECT_EQ(test, kt_meanwhile.rollback, -EBUSY);
	KUNIT_EXPECT_EQ(test, kt_meanwhile.commit, -EBUSY);
	KUNIT_EXPECT_EQ(test, kt_meanwhile.discard, -EBUSY);
	KUNIT_EXPECT_EQ(test, kt_meanwhile.load, -EBUSY);
	kt_expect_calls(test, ALL_WELL);
	KUNIT_EXPECT_EQ(test, set->state, LU_RUNNING);
	KUNIT_EXPECT_EQ(test, kt.counts[2].inits, 0);
}

/* A module on its way out cannot be switched to, nor from. */
static void kt_going_test(struct kunit *test)
{
	static const struct kt_case all_well;
	struct lu_set *set = kt_stage_of(test, &all_well);
	unsigned int nr;

	for (nr = 0; nr < 2; nr++) {
		kt_module(nr)->state = MODULE_STATE_GOING;
		KUNIT_EXPECT_EQ(test, lu_update(set), -EBUSY);
		kt_module(nr)->state = MODULE_STATE_LIVE;
		KUNIT_EXPECT_EQ(test, set->state, LU_STAGED);
		KUNIT_EXPECT_FALSE(test, set->busy);
		KUNIT_EXPECT_EQ(test, module_refcount(kt_module(0)), 0);
		KUNIT_EXPECT_EQ(test, module_refcount(kt_module(1)), 0);
	}
	kt_expect_calls(test, "");
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
}

/* Back to the kept one, whatever it offers less, and back again. */
static void kt_rollback_test(struct kunit *test)
{
	static const struct kt_case all_well;
	struct lu_set *set = kt_stage_of(test, &all_well);

	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	kt.plan.mismatch = "kt0: KT_F_NEW lost";
	kt.calls[0] = '\0';
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	kt_expect_calls(test, ALL_WELL);
	kt_expect_mismatches(test, set, "kt0: KT_F_NEW lost\n");
	KUNIT_EXPECT_EQ(test, set->state, LU_RUNNING);
	KUNIT_EXPECT_EQ(test, set->generation, 2);
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_RUNNING], kt_generation(0));
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_KEPT], kt_generation(1));
	KUNIT_EXPECT_STREQ(test, kt_module(0)->name, KT_NAME);
	KUNIT_EXPECT_EQ(test, kt.drives[0], 0);
	kt_expect_balance(test, 0);
}

/* A way back on request that fails leaves the newer one in charge. */
static void kt_rollback_fails_test(struct kunit *test)
{
	static const struct kt_case all_well;
	struct lu_set *set = kt_stage_of(test, &all_well);

	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	kt.behaviour[0].probe_err = -EIO;
	KUNIT_EXPECT_EQ(test, lu_rollback(set), -ECANCELED);
	KUNIT_EXPECT_EQ(test, set->state, LU_RUNNING);
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_RUNNING], kt_generation(1));
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_KEPT], kt_generation(0));
	KUNIT_EXPECT_EQ(test, kt.drives[0], 1);
	KUNIT_EXPECT_EQ(test, module_refcount(kt_module(1)), 0);
	KUNIT_EXPECT_STREQ_MSG(test, kt.violation, "", "against the interface");
	kt_expect_balance(test, 1);
}

static struct kunit_case kt_transaction_cases[] = {
	KUNIT_CASE_PARAM(kt_success_test, kt_successes_gen_params),
	KUNIT_CASE_PARAM(kt_back_test, kt_forward_gen_params),
	KUNIT_CASE_PARAM(kt_back_test, kt_unfit_gen_params),
	KUNIT_CASE_PARAM(kt_hopeless_rollback_test, kt_hopeless_gen_params),
	KUNIT_CASE_PARAM(kt_hopeless_update_test, kt_hopeless_gen_params),
	KUNIT_CASE(kt_unknown_bus_test),
	KUNIT_CASE(kt_failed_holds_test),
	KUNIT_CASE(kt_nothing_there_test),
	KUNIT_CASE(kt_busy_test),
	KUNIT_CASE(kt_going_test),
	KUNIT_CASE(kt_rollback_test),
	KUNIT_CASE(kt_rollback_fails_test),
	{}
};

struct kunit_suite kt_transaction_suite = {
	.name = "lu_transaction",
	.init = kt_setup,
	.exit = kt_teardown,
	.test_cases = kt_transaction_cases,
};
