// SPDX-License-Identifier: GPL-2.0
/* Failures on request: what is understood, what is refused, and one shot. */
#include "lu_kunit.h"

static const struct kt_spec {
	const char *spec;
	int ret;
	enum lu_phase phase;
	bool back;
	int err;
} kt_specs[] = {
	{ "prepare",			0, LU_PH_PREPARE, false, -EIO },
	{ "quiesce\n",			0, LU_PH_QUIESCE, false, -EIO },
	{ "detach:12",			0, LU_PH_DETACH,  false, -ENOMEM },
	{ "attach:0x10\n",		0, LU_PH_ATTACH,  false, -EBUSY },
	{ "verify",			0, LU_PH_VERIFY,  false, -EIO },
	{ "replay",			0, LU_PH_REPLAY,  false, -EIO },
	{ "resume",			0, LU_PH_RESUME,  false, -EIO },
	{ "rollback-detach",		0, LU_PH_DETACH,  true,  -EIO },
	{ "rollback-attach:5",		0, LU_PH_ATTACH,  true,  -EIO },
	{ "rollback-resume:110",	0, LU_PH_RESUME,  true,  -ETIMEDOUT },
	{ "",				-EINVAL },
	{ "nonsense",			-EINVAL },
	{ "rollback-",			-EINVAL },
	{ "rollback-nonsense",		-EINVAL },
	{ "replay:",			-EINVAL },
	{ "replay:x",			-EINVAL },
	{ "replay:0",			-EINVAL },
	{ "replay:-5",			-EINVAL },
	{ "replay:4096",		-EINVAL },
	{ "replay:99999999999",		-EINVAL },
	{ "a-word-that-is-longer-than-any-phase-of-all", -EINVAL },
};

static void kt_spec_desc(const struct kt_spec *s, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "\"%.*s\" is %s", (int)strcspn(s->spec, "\n"),
		 s->spec, s->ret ? "refused" : "understood");
}

KUNIT_ARRAY_PARAM(kt_spec, kt_specs, kt_spec_desc);

/* A transaction that only asks; its set is there for the timeline. */
static struct lu_txn *kt_txn(struct kunit *test)
{
	struct lu_txn *txn = kunit_kzalloc(test, sizeof(*txn), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, txn);
	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	txn->set = kt_set();
	KUNIT_ASSERT_NOT_NULL(test, txn->set);
	return txn;
}

static void kt_inject_spec_test(struct kunit *test)
{
	const struct kt_spec *s = test->param_value;
	struct lu_txn *txn = kt_txn(test);
	unsigned int phase, pass, back;

	KUNIT_ASSERT_EQ(test, lu_inject_set("off"), 0);
	KUNIT_EXPECT_EQ(test, lu_inject_set(s->spec), s->ret);
	/* It fires at its phase and direction and nowhere else, once. */
	for (pass = 0; pass < 2; pass++)
		for (back = 0; back < 2; back++)
			for (phase = 0; phase < LU_PH_COUNT; phase++) {
				bool hit = !s->ret && !pass && phase == s->phase &&
					   back == s->back;

				txn->rolling_back = back;
				KUNIT_EXPECT_EQ_MSG(test, lu_inject(txn, phase),
						    hit ? s->err : 0, "pass %u %s%s", pass,
						    back ? "rollback-" : "",
						    lu_phase_name(phase));
			}
}

static void kt_inject_off_test(struct kunit *test)
{
	struct lu_txn *txn = kt_txn(test);

	KUNIT_ASSERT_EQ(test, lu_inject_set("replay"), 0);
	KUNIT_ASSERT_EQ(test, lu_inject_set("off\n"), 0);
	KUNIT_EXPECT_EQ(test, lu_inject(txn, LU_PH_REPLAY), 0);
}

/* A word that is refused leaves in place what was asked for before. */
static void kt_inject_refused_test(struct kunit *test)
{
	struct lu_txn *txn = kt_txn(test);

	KUNIT_ASSERT_EQ(test, lu_inject_set("replay"), 0);
	KUNIT_ASSERT_EQ(test, lu_inject_set("rollback-nonsense"), -EINVAL);
	KUNIT_EXPECT_EQ(test, lu_inject(txn, LU_PH_REPLAY), -EIO);
}

static struct kunit_case kt_inject_cases[] = {
	KUNIT_CASE_PARAM(kt_inject_spec_test, kt_spec_gen_params),
	KUNIT_CASE(kt_inject_off_test),
	KUNIT_CASE(kt_inject_refused_test),
	{}
};

struct kunit_suite kt_inject_suite = {
	.name = "lu_inject",
	.init = kt_setup,
	.exit = kt_teardown,
	.test_cases = kt_inject_cases,
};
