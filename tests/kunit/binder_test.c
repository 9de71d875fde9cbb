// SPDX-License-Identifier: GPL-2.0
/*
 * The binder: its table of taps, the symbol that the module loader is handed,
 * which modules are managed, and how an import ends up bound.
 */
#include <linux/slab.h>

#include "lu_kunit.h"

/* Taps of this suite; other than the shadow's, which the fixture adds. */

static int kt_tap_one(void)
{
	return 1;
}

static int kt_tap_two(void)
{
	return 2;
}

static struct lu_tap kt_more[] = {
	{ .name = "kt_one", .func = kt_tap_one, .kind = LU_TAP_CONFIG },
	{ .name = "kt_two", .func = kt_tap_two, .kind = LU_TAP_CONCEAL },
};

static struct lu_tap kt_clash[] = {
	{ .name = "kt_three", .func = kt_tap_one },
	{ .name = "kt_two", .func = kt_tap_one },
};

static struct lu_tap kt_twice[] = {
	{ .name = "kt_four", .func = kt_tap_one },
	{ .name = "kt_four", .func = kt_tap_two },
};

static void kt_taps_test(struct kunit *test)
{
	KUNIT_EXPECT_PTR_EQ(test, lu_tap_find("kt_one"), NULL);
	KUNIT_ASSERT_EQ(test, lu_taps_add(kt_more, ARRAY_SIZE(kt_more), THIS_MODULE), 0);
	KUNIT_EXPECT_PTR_EQ(test, lu_tap_find("kt_one"), &kt_more[0]);
	KUNIT_EXPECT_PTR_EQ(test, lu_tap_find("kt_two"), &kt_more[1]);
	KUNIT_EXPECT_PTR_EQ(test, lu_tap_find("kt_on"), NULL);
	KUNIT_EXPECT_PTR_EQ(test, lu_tap_find("kt_one_"), NULL);
	KUNIT_EXPECT_PTR_EQ(test, lu_tap_find(""), NULL);
	KUNIT_EXPECT_PTR_EQ(test, kt_more[0].owner, THIS_MODULE);
	lu_taps_del(kt_more, ARRAY_SIZE(kt_more));
	KUNIT_EXPECT_PTR_EQ(test, lu_tap_find("kt_one"), NULL);
	KUNIT_EXPECT_PTR_EQ(test, lu_tap_find("kt_two"), NULL);
	/* and again */
	KUNIT_ASSERT_EQ(test, lu_taps_add(kt_more, ARRAY_SIZE(kt_more), THIS_MODULE), 0);
	lu_taps_del(kt_more, ARRAY_SIZE(kt_more));
}

/* All or none: the one that is tapped already keeps the others out. */
static void kt_taps_clash_test(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, lu_taps_add(kt_more, ARRAY_SIZE(kt_more), THIS_MODULE), 0);
	KUNIT_EXPECT_EQ(test, lu_taps_add(kt_clash, ARRAY_SIZE(kt_clash), THIS_MODULE),
			-EEXIST);
	KUNIT_EXPECT_PTR_EQ(test, lu_tap_find("kt_three"), NULL);
	KUNIT_EXPECT_PTR_EQ(test, lu_tap_find("kt_two"), &kt_more[1]);
	lu_taps_del(kt_more, ARRAY_SIZE(kt_more));
	KUNIT_EXPECT_PTR_EQ(test, lu_tap_find("kt_two"), NULL);
}

/* A table that names a function twice is refused as well. */
static void kt_taps_twice_test(struct kunit *test)
{
	int err = lu_taps_add(kt_twice, ARRAY_SIZE(kt_twice), THIS_MODULE);

	KUNIT_EXPECT_EQ(test, err, -EEXIST);
	if (!err)
		lu_taps_del(kt_twice, ARRAY_SIZE(kt_twice));
	KUNIT_EXPECT_PTR_EQ(test, lu_tap_find("kt_four"), NULL);
}

/* Two classes cannot have one name, nor a shadow lack a callback. */
static void kt_shadow_register_test(struct kunit *test)
{
	struct lu_shadow *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	*s = kt_shadow;
	s->taps = kt_more;
	s->nr_taps = ARRAY_SIZE(kt_more);
	KUNIT_EXPECT_EQ(test, lu_shadow_register(s), -EEXIST);
	KUNIT_EXPECT_PTR_EQ(test, lu_tap_find("kt_one"), NULL);
	s->class = "kt_other";
	s->stuck = NULL;	/* the one that is optional */
	KUNIT_ASSERT_EQ(test, lu_shadow_register(s), 0);
	KUNIT_EXPECT_PTR_EQ(test, lu_tap_find("kt_one"), &kt_more[0]);
	lu_shadow_unregister(s);
	KUNIT_EXPECT_PTR_EQ(test, lu_tap_find("kt_one"), NULL);
}

#define KT_REQUIRED(_cb) { #_cb, offsetof(struct lu_shadow, _cb) }

static const struct kt_required {
	const char *name;
	size_t offset;
} kt_required[] = {
	KT_REQUIRED(class), KT_REQUIRED(prepare), KT_REQUIRED(unprepare),
	KT_REQUIRED(quiesce), KT_REQUIRED(unquiesce), KT_REQUIRED(detached),
	KT_REQUIRED(verify), KT_REQUIRED(replay), KT_REQUIRED(resume),
};

static void kt_required_desc(const struct kt_required *r, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "without %s", r->name);
}

KUNIT_ARRAY_PARAM(kt_required, kt_required, kt_required_desc);

static void kt_shadow_incomplete_test(struct kunit *test)
{
	const struct kt_required *r = test->param_value;
	struct lu_shadow *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, s);
	*s = kt_shadow;
	s->class = "kt_other";
	s->taps = kt_more;
	s->nr_taps = ARRAY_SIZE(kt_more);
	*(void **)((char *)s + r->offset) = NULL;
	err = lu_shadow_register(s);
	KUNIT_EXPECT_EQ(test, err, -EINVAL);
	if (!err)
		lu_shadow_unregister(s);
}

/* The symbol resolves, as the loader reads it, to the tap and its name. */
static void kt_symbol_test(struct kunit *test)
{
	unsigned int i;

	KUNIT_ASSERT_EQ(test, lu_taps_add(kt_more, ARRAY_SIZE(kt_more), THIS_MODULE), 0);
	for (i = 0; i < ARRAY_SIZE(kt_more); i++) {
		const struct lu_kernel_symbol *s = &kt_more[i].ksym;

		KUNIT_EXPECT_PTR_EQ(test, offset_to_ptr(&s->value_offset), kt_more[i].func);
		KUNIT_EXPECT_STREQ(test, (char *)offset_to_ptr(&s->name_offset),
				   kt_more[i].name);
		KUNIT_EXPECT_EQ(test, s->namespace_offset, 0);
	}
	lu_taps_del(kt_more, ARRAY_SIZE(kt_more));
}

/* Names and patterns. */

static const struct kt_manage {
	const char *name;
	const char *pattern;
	int ret;
	const char *shown;
} kt_manage[] = {
	{ "a name",			"kt_x",			0, "kt_x" },
	{ "'-' stands for '_'",		"kt-x-y",		0, "kt_x_y" },
	{ "a glob",			"kt_[ab]*",		0, "kt_[ab]*" },
	{ "a negated glob",		"kt_[!ab]?",		0, "kt_[!ab]?" },
	{ "figures and capitals",	"Kt9",			0, "Kt9" },
	{ "nothing",			"",			-EINVAL },
	{ "a blank",			"kt x",			-EINVAL },
	{ "a path",			"../kt",		-EINVAL },
	{ "a file",			"kt.ko",		-EINVAL },
	{ "a newline",			"kt\n",			-EINVAL },
	{ "not ASCII",			"kt\xc3\xa4",		-EINVAL },
	{ "a format",			"%s%n",			-EINVAL },
	{ "too long for a module",
	  "kt_0123456789012345678901234567890123456789012345678901234567890", -EINVAL },
	{ "loaded, without taps",	KBUILD_MODNAME,		-EBUSY },
	{ "loaded, with '-'",		"lu-kunit",		-EBUSY },
	{ "built in",			"printk",		-EOPNOTSUPP },
	{ "managed already",		KT_NAME,		-EEXIST },
	{ "managed already, with '-'",	"kt-fake",		-EEXIST },
};

static void kt_manage_desc(const struct kt_manage *m, char *desc)
{
	strscpy(desc, m->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_manage, kt_manage, kt_manage_desc);

static void kt_expect_managed(struct kunit *test, const char *more)
{
	char *page = (char *)get_zeroed_page(GFP_KERNEL);
	char expected[2 * MODULE_NAME_LEN];

	KUNIT_ASSERT_NOT_NULL(test, page);
	lu_manage_show(page);
	snprintf(expected, sizeof(expected), "%s\n%s%s", KT_NAME, more ?: "",
		 more ? "\n" : "");
	KUNIT_EXPECT_STREQ(test, page, expected);
	free_page((unsigned long)page);
}

static void kt_manage_test(struct kunit *test)
{
	const struct kt_manage *m = test->param_value;
	int err = lu_manage(m->pattern);

	KUNIT_EXPECT_EQ(test, err, m->ret);
	kt_expect_managed(test, m->ret ? NULL : m->shown);
	if (!m->ret)
		KUNIT_EXPECT_EQ(test, lu_manage(m->pattern), -EEXIST);
	if (!err)
		KUNIT_EXPECT_EQ(test, lu_unmanage(m->pattern), 0);
	kt_expect_managed(test, NULL);
}

/* A glob that covers loaded modules is taken; they get taps when loaded again. */
static void kt_manage_glob_loaded_test(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, lu_manage("lu_kuni*"), 0);
	KUNIT_EXPECT_TRUE(test, lu_is_managed("lu_kunit"));
	KUNIT_EXPECT_EQ(test, lu_unmanage("lu_kuni*"), 0);
	KUNIT_EXPECT_FALSE(test, lu_is_managed("lu_kunit"));
}

static const struct kt_match_case {
	const char *pattern;
	const char *module;
	bool managed;
} kt_matches[] = {
	{ "kt_a",	"kt_a",		true },
	{ "kt_a",	"kt_ab",	false },
	{ "kt_a",	"kt",		false },
	{ "kt-a",	"kt_a",		true },
	{ "kt_*",	"kt_a",		true },
	{ "kt_*",	"kt",		false },
	{ "kt_?",	"kt_a",		true },
	{ "kt_?",	"kt_ab",	false },
	{ "kt_[a-c]",	"kt_b",		true },		/* but not in brackets */
	{ "kt_[a-c]",	"kt__",		false },
	{ "kt_[abc]",	"kt_b",		true },
	{ "kt_[!abc]",	"kt_b",		false },
	{ "kt_[!abc]",	"kt_d",		true },
	{ "*",		"e1000",	true },
	{ "*",		"liveupdate",	false },
	{ "liveupdat?",	"liveupdate",	false },
	{ "*",		"shadow_net",	false },
	{ "shadow_*",	"shadow_sound",	false },
};

static void kt_match_desc(const struct kt_match_case *m, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s %s %s", m->pattern,
		 m->managed ? "matches" : "leaves alone", m->module);
}

KUNIT_ARRAY_PARAM(kt_match, kt_matches, kt_match_desc);

static void kt_match_test(struct kunit *test)
{
	const struct kt_match_case *m = test->param_value;

	KUNIT_ASSERT_FALSE(test, lu_is_managed(m->module));
	KUNIT_ASSERT_EQ(test, lu_manage(m->pattern), 0);
	KUNIT_EXPECT_EQ(test, lu_is_managed(m->module), m->managed);
	KUNIT_ASSERT_EQ(test, lu_unmanage(m->pattern), 0);
	KUNIT_EXPECT_FALSE(test, lu_is_managed(m->module));
}

static const struct kt_unmanage {
	const char *name;
	const char *pattern;
	int ret;
} kt_unmanage[] = {
	{ "never managed",		"kt_never",	-ENOENT },
	{ "a glob that was not given",	"kt_*",		-ENOENT },
	{ "no name",			"kt fake",	-EINVAL },
	{ "nothing",			"",		-EINVAL },
	{ "while it is loaded",		KT_NAME,	-EBUSY },
};

static void kt_unmanage_desc(const struct kt_unmanage *u, char *desc)
{
	strscpy(desc, u->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_unmanage, kt_unmanage, kt_unmanage_desc);

static void kt_unmanage_test(struct kunit *test)
{
	const struct kt_unmanage *u = test->param_value;

	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	KUNIT_EXPECT_EQ(test, lu_unmanage(u->pattern), u->ret);
	KUNIT_EXPECT_TRUE_MSG(test, lu_is_managed(KT_NAME), "gone all the same");
}

/* A loaded driver that another pattern still covers is no hindrance. */
static void kt_unmanage_covered_test(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	KUNIT_ASSERT_EQ(test, lu_manage("kt_f*"), 0);
	KUNIT_EXPECT_EQ(test, lu_unmanage(KT_NAME), 0);
	KUNIT_EXPECT_TRUE(test, lu_is_managed(KT_NAME));
	KUNIT_EXPECT_EQ(test, lu_unmanage("kt_f*"), -EBUSY);
	KUNIT_ASSERT_EQ(test, kt_unload(0), 0);
	KUNIT_EXPECT_EQ(test, lu_unmanage("kt_f*"), 0);
	KUNIT_EXPECT_FALSE(test, lu_is_managed(KT_NAME));
}

/* A load that failed unannounced does not block unmanage for ever. */
static void kt_unmanage_stale_test(struct kunit *test)
{
	kt_load_break_off(0);
	KUNIT_EXPECT_EQ_MSG(test, lu_unmanage(KT_NAME), -EBUSY, "a load may be under way");
	kt_load_break_off(0);	/* the same task again: so the first one failed */
	KUNIT_EXPECT_TRUE(test, lu_module_reap_stale(false));
	KUNIT_EXPECT_FALSE_MSG(test, lu_module_reap_stale(false), "reaped twice");
	KUNIT_EXPECT_TRUE(test, lu_module_reap_stale(true));
	KUNIT_EXPECT_EQ(test, lu_unmanage(KT_NAME), 0);
}

/* Binding: what the loader does with an import of a managed module. */

static void kt_bind_test(struct kunit *test)
{
	struct lu_tap *tap = &kt_taps[0];
	int refs = module_refcount(THIS_MODULE);
	const struct lu_import *imp;
	struct lu_module *m;

	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	KUNIT_EXPECT_PTR_EQ_MSG(test, kt_import(0), &tap->ksym, "bound past the tap");
	KUNIT_EXPECT_PTR_EQ_MSG(test, tap->orig, (void *)kt_tap_original,
				"the kernel's own is lost");
	KUNIT_EXPECT_EQ(test, lu_orig(kt_tap_original, tap)(1), 2);
	m = lu_module_of(kt_module(0));
	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_ASSERT_FALSE(test, list_empty(&m->imports));
	imp = list_first_entry(&m->imports, struct lu_import, node);
	KUNIT_EXPECT_STREQ(test, imp->name, "kt_tap_original");
	KUNIT_EXPECT_PTR_EQ(test, imp->tap, tap);
	KUNIT_EXPECT_EQ_MSG(test, module_refcount(THIS_MODULE), refs + 1,
			    "the taps' module is not held");
	KUNIT_ASSERT_EQ(test, kt_unload(0), 0);
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), refs);
}

/* Nothing is bound for a module that is not managed. */
static void kt_bind_unmanaged_test(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, lu_unmanage(KT_NAME), 0);
	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	KUNIT_EXPECT_PTR_NE(test, kt_import(0), &kt_taps[0].ksym);
	KUNIT_EXPECT_PTR_EQ(test, lu_module_of(kt_module(0)), NULL);
	KUNIT_EXPECT_PTR_EQ(test, kt_set(), NULL);
	KUNIT_EXPECT_EQ(test, kt.counts[0].inits, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt.counts[0].probes), KT_DEVICES);
	/* Managed from now on, but not what is loaded already. */
	KUNIT_EXPECT_EQ(test, lu_manage(KT_NAME), -EBUSY);
	KUNIT_ASSERT_EQ(test, kt_unload(0), 0);
	KUNIT_EXPECT_EQ(test, kt.counts[0].exits, 1);
}

static struct kunit_case kt_binder_cases[] = {
	KUNIT_CASE(kt_taps_test),
	KUNIT_CASE(kt_taps_clash_test),
	KUNIT_CASE(kt_taps_twice_test),
	KUNIT_CASE(kt_shadow_register_test),
	KUNIT_CASE_PARAM(kt_shadow_incomplete_test, kt_required_gen_params),
	KUNIT_CASE(kt_symbol_test),
	KUNIT_CASE_PARAM(kt_manage_test, kt_manage_gen_params),
	KUNIT_CASE(kt_manage_glob_loaded_test),
	KUNIT_CASE_PARAM(kt_match_test, kt_match_gen_params),
	KUNIT_CASE_PARAM(kt_unmanage_test, kt_unmanage_gen_params),
	KUNIT_CASE(kt_unmanage_covered_test),
	KUNIT_CASE(kt_unmanage_stale_test),
	KUNIT_CASE(kt_bind_test),
	KUNIT_CASE(kt_bind_unmanaged_test),
	{}
};

struct kunit_suite kt_binder_suite = {
	.name = "lu_binder",
	.init = kt_setup,
	.exit = kt_teardown,
	.test_cases = kt_binder_cases,
};
