// SPDX-License-Identifier: GPL-2.0
/*
 * Modules that link against each other: who goes with whom, in which order, and
 * which of two exports of a name is found. Records of modules stand for modules
 * here; the loader is not involved.
 */
#include <linux/slab.h>

#include "lu_kunit.h"

#define KM_MAX	8

/* One loaded module: its record, the kernel's object, its set. */
struct km_module {
	struct lu_module m;
	struct module mod;
	struct lu_set *set;
	bool loaded;
};

static struct km_module *km_modules;
static unsigned int km_seq;

static int km_setup(struct kunit *test)
{
	km_seq = 0;
	km_modules = kunit_kcalloc(test, KM_MAX, sizeof(*km_modules), GFP_KERNEL);
	return km_modules ? 0 : -ENOMEM;
}

static void km_unload(struct km_module *k)
{
	struct lu_generation *gen = k->m.gen;
	unsigned long flags;

	lu_links_drop(&k->mod);
	lu_links_drop_lib(&k->m);
	mutex_lock(&k->set->lock);
	raw_spin_lock_irqsave(&lu_lock, flags);
	list_del(&k->m.node);
	list_del(&k->m.gen_node);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	lu_generation_remove(gen);
	if (!k->set->gens[LU_ROLE_RUNNING] && !k->set->gens[LU_ROLE_STAGED] &&
	    !k->set->gens[LU_ROLE_KEPT])
		lu_set_retire(k->set);
	mutex_unlock(&k->set->lock);
	lu_set_put(k->set);
	k->loaded = false;
}

static void km_teardown(struct kunit *test)
{
	unsigned int i;

	for (i = 0; km_modules && i < KM_MAX; i++)
		if (km_modules[i].loaded)
			km_unload(&km_modules[i]);
	lu_sets_exit();
}

/* A module of a name, loaded in a role, after all that were loaded before. */
static struct km_module *km_load(struct kunit *test, const char *name, enum lu_role role)
{
	struct km_module *k = &km_modules[km_seq];
	unsigned long flags;

	KUNIT_ASSERT_LT(test, km_seq, KM_MAX);
	k->set = lu_set_get_or_create(name);
	KUNIT_ASSERT_NOT_NULL(test, k->set);
	k->mod.state = MODULE_STATE_LIVE;
	atomic_set(&k->mod.refcnt, 1);
	snprintf(k->mod.name, sizeof(k->mod.name), "%s__%u", name, km_seq);
	strscpy(k->m.name, name, sizeof(k->m.name));
	strscpy(k->m.load_name, k->mod.name, sizeof(k->m.load_name));
	INIT_LIST_HEAD(&k->m.imports);
	k->m.mod = &k->mod;
	k->m.phase = LU_MOD_LIVE;
	k->m.seq = ++km_seq;
	mutex_lock(&k->set->lock);
	k->m.gen = lu_generation_add(k->set, role);
	raw_spin_lock_irqsave(&lu_lock, flags);
	list_add(&k->m.node, &lu_modules);
	if (k->m.gen)
		list_add_tail(&k->m.gen_node, &k->m.gen->modules);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	mutex_unlock(&k->set->lock);
	k->loaded = true;
	KUNIT_ASSERT_NOT_NULL(test, k->m.gen);
	return k;
}

static void km_link(struct kunit *test, struct km_module *user, struct km_module *lib)
{
	KUNIT_ASSERT_EQ(test, lu_link_add(&user->mod, &lib->m), 0);
}

/* A library and a driver that uses it, in a role. */
static void km_pair(struct kunit *test, enum lu_role role, struct km_module **lib,
		    struct km_module **driver)
{
	*lib = km_load(test, "km_lib", role);
	*driver = km_load(test, "km_driver", role);
	km_link(test, *driver, *lib);
}

static int km_begin(struct kunit *test, struct km_module *k, enum lu_role role, bool exchange)
{
	struct lu_members *ms = kunit_kzalloc(test, sizeof(*ms), GFP_KERNEL);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, ms);
	err = lu_members_begin(ms, k->set, role, exchange);
	if (err)
		return err;
	if (exchange) {
		struct lu_member *mb;

		lu_for_each_member(mb, ms) {
			lu_generation_put(mb->from);
			lu_generation_put(mb->to);
		}
	}
	lu_members_end(ms, false);
	return ms->nr;
}

static void km_together_test(struct kunit *test)
{
	struct km_module *lib, *driver, *new_lib, *new_driver;
	struct lu_members ms, second;
	char name[MODULE_NAME_LEN];

	km_pair(test, LU_ROLE_RUNNING, &lib, &driver);
	km_pair(test, LU_ROLE_STAGED, &new_lib, &new_driver);
	lu_set_lead_name(driver->set, name);
	KUNIT_EXPECT_STREQ(test, name, "km_lib");
	KUNIT_EXPECT_EQ(test, lu_members_begin(&ms, driver->set, LU_ROLE_STAGED, true), -EBUSY);
	KUNIT_ASSERT_EQ(test, lu_members_begin(&ms, lib->set, LU_ROLE_STAGED, true), 0);
	KUNIT_EXPECT_EQ(test, ms.nr, 2u);
	KUNIT_EXPECT_PTR_EQ(test, ms.member[0].set, lib->set);
	KUNIT_EXPECT_PTR_EQ(test, ms.member[1].set, driver->set);
	KUNIT_EXPECT_PTR_EQ(test, ms.member[1].from, driver->m.gen);
	KUNIT_EXPECT_PTR_EQ(test, ms.member[1].to, new_driver->m.gen);
	KUNIT_EXPECT_TRUE(test, driver->set->busy);
	KUNIT_EXPECT_PTR_EQ(test, driver->set->lead, lib->set);
	/* all are held, and nobody else gets in */
	KUNIT_EXPECT_EQ(test, module_refcount(&new_driver->mod), 1);
	KUNIT_EXPECT_EQ(test, module_refcount(&lib->mod), 1);
	KUNIT_EXPECT_EQ(test, lu_members_begin(&second, lib->set, LU_ROLE_STAGED, false), -EBUSY);
	lu_generation_put(lib->m.gen);
	lu_generation_put(driver->m.gen);
	lu_generation_put(new_lib->m.gen);
	lu_generation_put(new_driver->m.gen);
	lu_members_end(&ms, false);
	KUNIT_EXPECT_FALSE(test, driver->set->busy);
	KUNIT_EXPECT_PTR_EQ(test, driver->set->lead, NULL);
}

static void km_alone_test(struct kunit *test)
{
	struct km_module *lib, *driver, *new_driver;

	km_pair(test, LU_ROLE_RUNNING, &lib, &driver);
	new_driver = km_load(test, "km_driver", LU_ROLE_STAGED);
	km_link(test, new_driver, lib);
	KUNIT_EXPECT_EQ(test, km_begin(test, driver, LU_ROLE_STAGED, true), 1);
	KUNIT_EXPECT_EQ(test, km_begin(test, lib, LU_ROLE_STAGED, true), -ENOENT);
}

static void km_dependant_missing_test(struct kunit *test)
{
	struct km_module *lib, *driver;

	km_pair(test, LU_ROLE_RUNNING, &lib, &driver);
	km_load(test, "km_lib", LU_ROLE_STAGED);
	KUNIT_EXPECT_EQ(test, km_begin(test, lib, LU_ROLE_STAGED, true), -ENOENT);
	KUNIT_EXPECT_FALSE(test, lib->set->busy);
	/* to unload it needs nobody */
	KUNIT_EXPECT_EQ(test, km_begin(test, lib, LU_ROLE_STAGED, false), 1);
}

static void km_unmanaged_dependant_test(struct kunit *test)
{
	struct km_module *lib = km_load(test, "km_lib", LU_ROLE_RUNNING);
	struct module *other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, other);
	km_load(test, "km_lib", LU_ROLE_STAGED);
	KUNIT_EXPECT_EQ(test, km_begin(test, lib, LU_ROLE_STAGED, true), 1);
	KUNIT_ASSERT_EQ(test, lu_link_add(other, &lib->m), 0);
	KUNIT_EXPECT_EQ(test, km_begin(test, lib, LU_ROLE_STAGED, true), -EBUSY);
	lu_links_drop(other);
	KUNIT_EXPECT_EQ(test, km_begin(test, lib, LU_ROLE_STAGED, true), 1);
}

/* Staged before the library was: bound to the one that would go. */
static void km_wrong_order_test(struct kunit *test)
{
	struct km_module *lib, *driver, *new_driver;

	km_pair(test, LU_ROLE_RUNNING, &lib, &driver);
	new_driver = km_load(test, "km_driver", LU_ROLE_STAGED);
	km_link(test, new_driver, lib);
	km_load(test, "km_lib", LU_ROLE_STAGED);
	KUNIT_EXPECT_EQ(test, km_begin(test, lib, LU_ROLE_STAGED, true), -EBUSY);
	km_unload(new_driver);
	KUNIT_EXPECT_EQ(test, km_begin(test, lib, LU_ROLE_STAGED, true), -ENOENT);
}

/* The way back of all would be gone with the kept version of one. */
static void km_kept_together_test(struct kunit *test)
{
	struct km_module *lib, *driver, *old_lib, *old_driver, *new_driver;

	km_pair(test, LU_ROLE_KEPT, &old_lib, &old_driver);
	km_pair(test, LU_ROLE_RUNNING, &lib, &driver);
	KUNIT_EXPECT_EQ(test, km_begin(test, lib, LU_ROLE_KEPT, true), 2);
	KUNIT_EXPECT_EQ(test, km_begin(test, lib, LU_ROLE_KEPT, false), 2);
	KUNIT_EXPECT_EQ(test, km_begin(test, driver, LU_ROLE_KEPT, false), -EBUSY);
	new_driver = km_load(test, "km_driver", LU_ROLE_STAGED);
	km_link(test, new_driver, lib);
	KUNIT_EXPECT_EQ(test, km_begin(test, driver, LU_ROLE_STAGED, true), -EBUSY);
	km_unload(old_driver);
	km_unload(old_lib);
	KUNIT_EXPECT_EQ(test, km_begin(test, driver, LU_ROLE_STAGED, true), 1);
}

static void km_order_test(struct kunit *test)
{
	struct km_module *a = km_load(test, "km_a", LU_ROLE_RUNNING);
	struct km_module *b = km_load(test, "km_b", LU_ROLE_RUNNING);
	struct km_module *new_b = km_load(test, "km_b", LU_ROLE_STAGED);
	struct km_module *new_a = km_load(test, "km_a", LU_ROLE_STAGED);
	struct lu_members ms = {
		.nr = 2,
		.member = {
			{ .set = a->set, .from = a->m.gen, .to = new_a->m.gen },
			{ .set = b->set, .from = b->m.gen, .to = new_b->m.gen },
		},
	};

	lu_members_sort(&ms, true);
	KUNIT_EXPECT_PTR_EQ(test, ms.member[0].set, b->set);
	KUNIT_EXPECT_PTR_EQ(test, ms.member[1].set, a->set);
	lu_members_sort(&ms, false);
	KUNIT_EXPECT_PTR_EQ(test, ms.member[0].set, a->set);
	KUNIT_EXPECT_PTR_EQ(test, ms.member[1].set, b->set);
}

/* Loads of modules that use a library while it is exchanged, and just after. */
static void km_load_meanwhile_test(struct kunit *test)
{
	struct km_module *lib = km_load(test, "km_lib", LU_ROLE_RUNNING);
	struct module *user = kunit_kzalloc(test, sizeof(*user), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, user);
	KUNIT_ASSERT_EQ(test, lu_link_add(user, &lib->m), 0);
	KUNIT_ASSERT_EQ(test, lu_link_add(user, &lib->m), 0);	/* each import does */
	KUNIT_EXPECT_EQ(test, lu_links_count(&lib->m), 1u);
	KUNIT_EXPECT_EQ(test, lu_links_settle(user, false), 0);
	lib->set->lead = lib->set;
	KUNIT_EXPECT_EQ(test, lu_links_settle(user, false), -EBUSY);
	KUNIT_EXPECT_EQ(test, lu_links_settle(user, true), 0);
	lib->set->lead = NULL;
	mutex_lock(&lib->set->lock);
	lib->m.gen->role = LU_ROLE_KEPT;
	KUNIT_EXPECT_EQ(test, lu_links_settle(user, false), -EAGAIN);
	lib->m.gen->role = LU_ROLE_RUNNING;
	mutex_unlock(&lib->set->lock);
	/* settled: a load that failed earlier is another one */
	lu_links_drop_failed();
	KUNIT_EXPECT_EQ(test, lu_links_count(&lib->m), 1u);
	lu_links_drop(user);
	KUNIT_EXPECT_EQ(test, lu_links_count(&lib->m), 0u);
	KUNIT_ASSERT_EQ(test, lu_link_add(user, &lib->m), 0);
	lu_links_drop_failed();
	KUNIT_EXPECT_EQ(test, lu_links_count(&lib->m), 0u);
}

/* Exports: tables as the module loader has them, sorted by name. */

static const char km_names[][8] = { "alpha", "beta", "gamma" };
static struct lu_kernel_symbol km_syms[ARRAY_SIZE(km_names)];
static const s32 km_crcs[] = { 1, 2, 3 };

static void km_export(struct km_module *k)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(km_names); i++)
		km_syms[i].name_offset = (long)km_names[i] - (long)&km_syms[i].name_offset;
	k->mod.syms = (void *)km_syms;
	k->mod.crcs = km_crcs;
	k->mod.num_syms = 2;
	k->mod.gpl_syms = (void *)&km_syms[2];
	k->mod.gpl_crcs = &km_crcs[2];
	k->mod.num_gpl_syms = 1;
}

static void km_hide_test(struct kunit *test)
{
	struct km_module *k = km_load(test, "km_lib", LU_ROLE_STAGED);
	struct lu_find_symbol fsa = { .name = "beta" };

	km_export(k);
	KUNIT_EXPECT_FALSE(test, lu_export_find(&k->m, &fsa));
	lu_exports_hide(&k->m, &k->mod);
	lu_exports_hide(&k->m, &k->mod);
	KUNIT_EXPECT_EQ(test, k->mod.num_syms, 0u);
	KUNIT_EXPECT_EQ(test, k->mod.num_gpl_syms, 0u);
	KUNIT_ASSERT_TRUE(test, lu_export_find(&k->m, &fsa));
	KUNIT_EXPECT_PTR_EQ(test, fsa.owner, &k->mod);
	KUNIT_EXPECT_PTR_EQ(test, fsa.sym, (const struct lu_kernel_symbol *)&km_syms[1]);
	KUNIT_EXPECT_PTR_EQ(test, fsa.crc, &km_crcs[1]);
	KUNIT_EXPECT_EQ(test, fsa.license, 0u);
	fsa.name = "gamma";
	KUNIT_EXPECT_FALSE_MSG(test, lu_export_find(&k->m, &fsa), "for GPL modules only");
	fsa.gplok = true;
	KUNIT_ASSERT_TRUE(test, lu_export_find(&k->m, &fsa));
	KUNIT_EXPECT_PTR_EQ(test, fsa.crc, &km_crcs[2]);
	KUNIT_EXPECT_EQ(test, fsa.license, 1u);
	fsa.name = "delta";
	KUNIT_EXPECT_FALSE(test, lu_export_find(&k->m, &fsa));
	lu_exports_show(&k->m);
	KUNIT_EXPECT_EQ(test, k->mod.num_syms, 2u);
	KUNIT_EXPECT_EQ(test, k->mod.num_gpl_syms, 1u);
}

/* Who finds what: only a task that loads a staged module, only what is staged. */
static void km_redirect_test(struct kunit *test)
{
	struct km_module *lib = km_load(test, "km_lib", LU_ROLE_STAGED);
	struct km_module *user = km_load(test, "km_driver", LU_ROLE_STAGED);
	struct lu_find_symbol fsa = { .name = "alpha" };

	km_export(lib);
	lu_exports_hide(&lib->m, &lib->mod);
	KUNIT_EXPECT_FALSE_MSG(test, lu_export_redirect(&fsa), "nobody loads anything");
	user->m.phase = LU_MOD_LOADING;
	KUNIT_EXPECT_FALSE_MSG(test, lu_export_redirect(&fsa), "another task does");
	user->m.loader = current;
	KUNIT_EXPECT_TRUE(test, lu_export_redirect(&fsa));
	KUNIT_EXPECT_PTR_EQ(test, fsa.owner, &lib->mod);
	strscpy(user->m.load_name, user->m.name, sizeof(user->m.load_name));
	KUNIT_EXPECT_FALSE_MSG(test, lu_export_redirect(&fsa), "it will run");
	strscpy(user->m.load_name, user->mod.name, sizeof(user->m.load_name));
	lib->m.gen->role = LU_ROLE_KEPT;
	KUNIT_EXPECT_FALSE_MSG(test, lu_export_redirect(&fsa), "the library is a kept one");
	lib->m.gen->role = LU_ROLE_STAGED;
	user->m.phase = LU_MOD_LIVE;
}

static struct kunit_case km_cases[] = {
	KUNIT_CASE(km_together_test),
	KUNIT_CASE(km_alone_test),
	KUNIT_CASE(km_dependant_missing_test),
	KUNIT_CASE(km_unmanaged_dependant_test),
	KUNIT_CASE(km_wrong_order_test),
	KUNIT_CASE(km_kept_together_test),
	KUNIT_CASE(km_order_test),
	KUNIT_CASE(km_load_meanwhile_test),
	KUNIT_CASE(km_hide_test),
	KUNIT_CASE(km_redirect_test),
	{}
};

struct kunit_suite kt_members_suite = {
	.name = "lu_members",
	.init = km_setup,
	.exit = km_teardown,
	.test_cases = km_cases,
};
