// SPDX-License-Identifier: GPL-2.0
/*
 * Generations: staging beside what runs, deferred init, pristine data,
 * parameters, names, references, and that everything goes in the end.
 */
#include <linux/slab.h>

#include "lu_kunit.h"

static const char *kt_mod_name(unsigned int nr)
{
	return kt_module(nr) ? kt_module(nr)->name : "(none)";
}

static int kt_debug(unsigned int nr)
{
	return kt_version_get(nr)->data->debug;
}

static struct lu_set *kt_running(struct kunit *test)
{
	struct lu_set *set;

	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	set = kt_set();
	KUNIT_ASSERT_NOT_NULL(test, set);
	KUNIT_ASSERT_EQ(test, set->state, LU_RUNNING);
	return set;
}

static struct lu_set *kt_staged(struct kunit *test)
{
	struct lu_set *set = kt_running(test);

	KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
	KUNIT_ASSERT_EQ(test, set->state, LU_STAGED);
	return set;
}

static void kt_first_load_test(struct kunit *test)
{
	struct lu_set *set = kt_running(test);
	struct lu_module *m = lu_module_of(kt_module(0));

	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_EXPECT_STREQ(test, kt_mod_name(0), KT_NAME);
	KUNIT_EXPECT_STREQ(test, lu_set_name(set), KT_NAME);
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_RUNNING], m->gen);
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_STAGED], NULL);
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_KEPT], NULL);
	KUNIT_EXPECT_PTR_EQ(test, set->shadow, &kt_shadow);
	KUNIT_EXPECT_EQ(test, kt.counts[0].inits, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt.counts[0].probes), KT_DEVICES);
	KUNIT_EXPECT_EQ(test, kt.counts[0].misattributed, 0);
	KUNIT_EXPECT_TRUE(test, lu_generation_inited(m->gen));
	KUNIT_EXPECT_EQ(test, m->build_id_len, LU_BUILD_ID_MAX);
	KUNIT_EXPECT_EQ(test, m->build_id[0], 0xb0);
	KUNIT_EXPECT_EQ(test, m->nr_sections, 1);
	KUNIT_EXPECT_PTR_EQ(test, m->sections[0].addr, (void *)kt_version_get(0)->data);
	KUNIT_EXPECT_PTR_EQ_MSG(test, (void *)kt_module(0)->init,
				(void *)kt_version_get(0)->init, "the stub is left in place");
}

/* The rest of .init survives the load only if the loader does not know it. */
static void kt_init_sections_test(struct kunit *test)
{
	kt_running(test);
	KUNIT_EXPECT_TRUE(test, kt_has_section(0, "_init.text"));
	KUNIT_EXPECT_FALSE(test, kt_has_section(0, ".init.text"));
	KUNIT_EXPECT_TRUE(test, kt_has_section(0, ".text"));
	KUNIT_ASSERT_EQ(test, kt_unload(0), 0);
	KUNIT_ASSERT_EQ(test, lu_unmanage(KT_NAME), 0);
	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	KUNIT_EXPECT_TRUE(test, kt_has_section(0, ".init.text"));
}

static void kt_stage_test(struct kunit *test)
{
	struct lu_set *set = kt_staged(test);

	KUNIT_EXPECT_STREQ(test, kt_mod_name(0), KT_NAME);
	KUNIT_EXPECT_STREQ(test, kt_mod_name(1), KT_NAME "__2");
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_STAGED], kt_generation(1));
	KUNIT_EXPECT_EQ_MSG(test, kt.counts[1].inits, 0, "init is to wait");
	KUNIT_EXPECT_FALSE(test, lu_generation_inited(kt_generation(1)));
	KUNIT_EXPECT_EQ(test, kt.drives[0], 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(kt_timeline(test, set), "staged " KT_NAME "__2\n"));
	/* A second one that waits is refused and leaves nothing behind. */
	KUNIT_EXPECT_EQ(test, kt_load(2, ""), -EBUSY);
	KUNIT_EXPECT_EQ(test, kt.counts[2].inits, 0);
	KUNIT_EXPECT_EQ(test, set->state, LU_STAGED);
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_STAGED], kt_generation(1));
}

static void kt_discard_test(struct kunit *test)
{
	struct lu_set *set = kt_staged(test);

	KUNIT_EXPECT_EQ(test, lu_discard(set), 0);
	KUNIT_EXPECT_EQ(test, kt.rmmods, 1);
	KUNIT_EXPECT_PTR_EQ(test, kt_module(1), NULL);
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_STAGED], NULL);
	KUNIT_EXPECT_EQ(test, set->state, LU_RUNNING);
	KUNIT_EXPECT_EQ_MSG(test, kt.counts[1].exits, 0, "exit without init");
	KUNIT_EXPECT_EQ(test, lu_discard(set), -ENOENT);
	KUNIT_EXPECT_FALSE(test, set->busy);
}

/* Somebody uses it: it stays, and says so. */
static void kt_discard_used_test(struct kunit *test)
{
	struct lu_set *set = kt_staged(test);

	__module_get(kt_module(1));
	KUNIT_EXPECT_EQ(test, lu_discard(set), -EBUSY);
	KUNIT_EXPECT_EQ(test, set->state, LU_STAGED);
	module_put(kt_module(1));
	KUNIT_EXPECT_EQ(test, lu_discard(set), 0);
}

static void kt_unload_all_test(struct kunit *test)
{
	kt_running(test);
	KUNIT_EXPECT_EQ(test, kt_unload(0), 0);
	KUNIT_EXPECT_EQ(test, kt.counts[0].exits, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt.counts[0].removes), KT_DEVICES);
	KUNIT_EXPECT_PTR_EQ_MSG(test, kt_set(), NULL, "a set without modules");
	/* The same name again, while the old directory may still be going. */
	KUNIT_EXPECT_EQ(test, kt_load(1, ""), 0);
	KUNIT_ASSERT_NOT_NULL(test, kt_set());
	KUNIT_EXPECT_STREQ(test, kt_mod_name(1), KT_NAME);
	KUNIT_EXPECT_EQ(test, kt_set()->state, LU_RUNNING);
}

static void kt_first_init_fails_test(struct kunit *test)
{
	kt.behaviour[0].init_err = -ENODEV;
	KUNIT_EXPECT_EQ(test, kt_load(0, ""), -ENODEV);
	KUNIT_EXPECT_EQ(test, kt.counts[0].exits, 0);
	KUNIT_EXPECT_PTR_EQ(test, kt_set(), NULL);
	kt.behaviour[0].init_err = 0;
	KUNIT_EXPECT_EQ(test, kt_load(0, ""), 0);
}

/* A module without exit runs as always, and cannot be updated. */
static void kt_no_exit_test(struct kunit *test)
{
	kt.behaviour[0].no_exit = true;
	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	KUNIT_EXPECT_EQ(test, kt.counts[0].inits, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt.counts[0].probes), KT_DEVICES);
	KUNIT_EXPECT_EQ(test, kt.drives[0], 0);
	KUNIT_EXPECT_PTR_EQ(test, kt_set(), NULL);
	KUNIT_EXPECT_PTR_EQ(test, kt_generation(0), NULL);
	driver_unregister(&kt_version_get(0)->data->drv.driver);
}

/* After a switch: names, roles, who may be unloaded and what exits ran. */
static void kt_switch_names_test(struct kunit *test)
{
	struct lu_set *set = kt_staged(test);

	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_STREQ(test, kt_mod_name(1), KT_NAME);
	KUNIT_EXPECT_STREQ(test, kt_mod_name(0), KT_NAME "__2");
	KUNIT_EXPECT_STREQ(test, kobject_name(&kt_module(1)->mkobj.kobj), KT_NAME);
	KUNIT_EXPECT_STREQ(test, kobject_name(&kt_module(0)->mkobj.kobj), KT_NAME "__2");
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_RUNNING], kt_generation(1));
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_KEPT], kt_generation(0));
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_STAGED], NULL);
	KUNIT_EXPECT_EQ(test, kt.counts[0].exits, 1);

	KUNIT_EXPECT_EQ(test, lu_commit(set), 0);
	KUNIT_EXPECT_PTR_EQ(test, kt_module(0), NULL);
	KUNIT_EXPECT_EQ_MSG(test, kt.counts[0].exits, 1, "exit ran twice");
	KUNIT_EXPECT_EQ(test, lu_commit(set), -ENOENT);
	KUNIT_EXPECT_EQ(test, kt_unload(1), 0);
	KUNIT_EXPECT_EQ(test, kt.counts[1].exits, 1);
	KUNIT_EXPECT_PTR_EQ(test, kt_set(), NULL);
}

/* A further update unloads what was kept before. */
static void kt_switch_twice_test(struct kunit *test)
{
	struct lu_set *set = kt_staged(test);

	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	KUNIT_ASSERT_EQ(test, kt_load(2, ""), 0);
	KUNIT_EXPECT_STREQ(test, kt_mod_name(2), KT_NAME "__3");
	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_PTR_EQ(test, kt_module(0), NULL);
	KUNIT_EXPECT_STREQ(test, kt_mod_name(2), KT_NAME);
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_RUNNING], kt_generation(2));
	KUNIT_EXPECT_PTR_EQ(test, set->gens[LU_ROLE_KEPT], kt_generation(1));
	KUNIT_EXPECT_EQ(test, set->generation, 2);
}

static void kt_pristine_test(struct kunit *test)
{
	struct lu_set *set = kt_staged(test);
	unsigned int i;

	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, lu_rollback(set), 0);
	KUNIT_EXPECT_EQ(test, kt.counts[0].inits, 3);
	KUNIT_EXPECT_EQ(test, kt.counts[1].inits, 2);
	KUNIT_EXPECT_EQ_MSG(test, kt.counts[0].dirty, 0, "init on used data");
	KUNIT_EXPECT_EQ_MSG(test, kt.counts[1].dirty, 0, "init on used data");
	KUNIT_EXPECT_EQ(test, kt.counts[0].exits, 2);
	KUNIT_EXPECT_EQ(test, kt.counts[1].exits, 2);
	KUNIT_EXPECT_EQ(test, set->generation, 4);
}

/* As when a module was loaded that uses the call: entered behind our back. */
static void kt_link_users(struct module *mod, struct kt_data *data, long users)
{
	data->site.key = (long)&data->call - (long)&data->site.key;
	mod->static_call_sites = &data->site;
	mod->num_static_call_sites = 1;
	data->call.func = data;
	data->call.type = users;
}

static void kt_linked_users_test(struct kunit *test)
{
	struct lu_set *set = kt_staged(test);
	struct kt_data *data = kt_version1.data;
	struct module *mod = kt_module(1);

	KUNIT_ASSERT_NOT_NULL(test, mod);
	kt_link_users(mod, data, 0x120);
	data->starts = 5;
	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, data->starts, 1);
	KUNIT_EXPECT_EQ(test, data->call.type, 0x120);
	KUNIT_EXPECT_PTR_EQ(test, data->call.func, (void *)data);
	/* Only where somebody is entered: without, it is data like any other. */
	mod->num_static_call_sites = 0;
	KUNIT_ASSERT_EQ(test, lu_rollback(set), 0);
	KUNIT_ASSERT_EQ(test, lu_rollback(set), 0);
	KUNIT_EXPECT_EQ(test, data->call.type, 0);
	KUNIT_EXPECT_EQ(test, kt.counts[1].dirty, 0);
}

/* Parameters: 7 is the driver's own default. */
static const struct kt_params {
	const char *name;
	const char *first;	/* given when the first was loaded */
	int by_hand;		/* set later, or 0 */
	const char *second;	/* given when the second was staged */
	int expected;		/* value with which the second runs */
} kt_params[] = {
	{ "defaults",				"",	   0,  "",	  7 },
	{ "taken over",				"debug=3", 0,  "",	  3 },
	{ "set by hand and taken over",		"debug=3", 12, "",	  12 },
	{ "told otherwise",			"debug=3", 12, "debug=9", 9 },
	{ "told the default",			"debug=3", 0,  "debug=7", 7 },
	{ "of another name",			"debug=3", 0,  "debu=7",  3 },
};

static void kt_params_desc(const struct kt_params *p, char *desc)
{
	strscpy(desc, p->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_params, kt_params, kt_params_desc);

static void kt_params_test(struct kunit *test)
{
	const struct kt_params *p = test->param_value;
	struct lu_set *set;
	int first;

	KUNIT_ASSERT_EQ(test, kt_load(0, p->first), 0);
	if (p->by_hand)
		kt_version_get(0)->data->debug = p->by_hand;
	first = kt_debug(0);
	KUNIT_ASSERT_EQ(test, kt_load(1, p->second), 0);
	set = kt_set();
	KUNIT_ASSERT_NOT_NULL(test, set);
	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, kt_debug(1), p->expected);
	/* The way back gives the old one its own last values. */
	kt_version_get(1)->data->debug = 99;
	KUNIT_ASSERT_EQ(test, lu_rollback(set), 0);
	KUNIT_EXPECT_EQ(test, kt_debug(0), first);
	KUNIT_ASSERT_EQ(test, lu_rollback(set), 0);
	KUNIT_EXPECT_EQ(test, kt_debug(1), 99);
}

/* References of users follow; those of modules that link against it stay. */
static const struct kt_refs {
	const char *name;
	bool moves;
	int from;
	int to;
} kt_refs[] = {
	{ "follow where users hold the module",	true,  0, 3 },
	{ "stay where they do not",		false, 3, 0 },
};

static void kt_refs_desc(const struct kt_refs *r, char *desc)
{
	strscpy(desc, r->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_refs, kt_refs, kt_refs_desc);

static void kt_references_test(struct kunit *test)
{
	const struct kt_refs *r = test->param_value;
	struct lu_set *set = kt_staged(test);
	unsigned int i;

	kt_shadow.moves_references = r->moves;
	for (i = 0; i < 3; i++)
		__module_get(kt_module(0));
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, module_refcount(kt_module(0)), r->from);
	KUNIT_EXPECT_EQ(test, module_refcount(kt_module(1)), r->to);
}

/* The running one is unloaded by hand while another is kept: a load then runs. */
static void kt_load_beside_kept_test(struct kunit *test)
{
	struct lu_set *set = kt_staged(test);

	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	KUNIT_ASSERT_EQ(test, kt_unload(1), 0);
	KUNIT_EXPECT_EQ(test, set->state, LU_EMPTY);
	KUNIT_ASSERT_EQ(test, kt_load(2, ""), 0);
	KUNIT_EXPECT_EQ(test, kt.counts[2].inits, 1);
	KUNIT_EXPECT_EQ_MSG(test, set->state, LU_RUNNING, "%s", lu_state_name(set->state));
	KUNIT_EXPECT_STREQ(test, kt_mod_name(2), KT_NAME);
	KUNIT_EXPECT_EQ(test, kt.drives[0], 2);
	/* and the kept one can still be gone back to, and given up */
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	KUNIT_EXPECT_EQ(test, kt.drives[0], 0);
	KUNIT_EXPECT_STREQ(test, kt_mod_name(0), KT_NAME);
	KUNIT_EXPECT_EQ(test, lu_commit(set), 0);
	KUNIT_EXPECT_PTR_EQ(test, kt_module(2), NULL);
}

/* The running one is unloaded by hand while another waits. */
static void kt_load_beside_staged_test(struct kunit *test)
{
	struct lu_set *set = kt_staged(test);

	KUNIT_ASSERT_EQ(test, kt_unload(0), 0);
	KUNIT_EXPECT_EQ(test, set->state, LU_EMPTY);
	KUNIT_EXPECT_EQ(test, lu_update(set), -ENOENT);
	KUNIT_ASSERT_EQ(test, kt_load(2, ""), 0);
	KUNIT_EXPECT_EQ(test, kt.counts[2].inits, 1);
	KUNIT_EXPECT_EQ(test, kt.drives[0], 2);
	KUNIT_EXPECT_EQ_MSG(test, set->state, LU_STAGED, "%s", lu_state_name(set->state));
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, kt.drives[0], 1);
}

/* sysfs shows each role while there is one. */
static void kt_directories_test(struct kunit *test)
{
	struct lu_set *set = kt_staged(test);

	KUNIT_ASSERT_NOT_NULL(test, kt_generation(0)->kobj);
	KUNIT_ASSERT_NOT_NULL(test, kt_generation(1)->kobj);
	KUNIT_EXPECT_STREQ(test, kobject_name(kt_generation(0)->kobj), "running");
	KUNIT_EXPECT_STREQ(test, kobject_name(kt_generation(1)->kobj), "staged");
	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	KUNIT_ASSERT_NOT_NULL(test, kt_generation(0)->kobj);
	KUNIT_ASSERT_NOT_NULL(test, kt_generation(1)->kobj);
	KUNIT_EXPECT_STREQ(test, kobject_name(kt_generation(0)->kobj), "kept");
	KUNIT_EXPECT_STREQ(test, kobject_name(kt_generation(1)->kobj), "running");
}

static struct kunit_case kt_generation_cases[] = {
	KUNIT_CASE(kt_first_load_test),
	KUNIT_CASE(kt_init_sections_test),
	KUNIT_CASE(kt_stage_test),
	KUNIT_CASE(kt_discard_test),
	KUNIT_CASE(kt_discard_used_test),
	KUNIT_CASE(kt_unload_all_test),
	KUNIT_CASE(kt_first_init_fails_test),
	KUNIT_CASE(kt_no_exit_test),
	KUNIT_CASE(kt_switch_names_test),
	KUNIT_CASE(kt_switch_twice_test),
	KUNIT_CASE(kt_pristine_test),
	KUNIT_CASE(kt_linked_users_test),
	KUNIT_CASE_PARAM(kt_params_test, kt_params_gen_params),
	KUNIT_CASE_PARAM(kt_references_test, kt_refs_gen_params),
	KUNIT_CASE(kt_load_beside_kept_test),
	KUNIT_CASE(kt_load_beside_staged_test),
	KUNIT_CASE(kt_directories_test),
	{}
};

struct kunit_suite kt_generation_suite = {
	.name = "lu_generation",
	.init = kt_setup,
	.exit = kt_teardown,
	.test_cases = kt_generation_cases,
};
