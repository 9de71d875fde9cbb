// SPDX-License-Identifier: GPL-2.0
/*
 * Records of the managed modules that are loaded or being loaded.
 *
 * A record is made when the loader checks a newcomer's struct module, which is
 * before it looks for duplicates, and goes when the module goes. A load that
 * fails before MODULE_STATE_COMING tells nobody; its record is reaped later.
 */
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "internal.h"

LIST_HEAD(lu_modules);		/* under lu_lock */

/* A load that takes longer than this has failed without a word. */
#define LU_LOAD_STALE	(120 * HZ)

static struct lu_module *__lu_module_of(const struct module *mod)
{
	struct lu_module *m;

	lockdep_assert_held(&lu_lock);
	list_for_each_entry(m, &lu_modules, node)
		if (m->phase != LU_MOD_LOADING && m->mod == mod)
			return m;
	return NULL;
}

/**
 * lu_module_of() - our record of a module
 * @mod: the module
 *
 * Context: Any.
 * Return: the record, or NULL if it has no taps.
 */
struct lu_module *lu_module_of(const struct module *mod)
{
	struct lu_module *m;
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	m = __lu_module_of(mod);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return m;
}

/**
 * lu_module_of_address() - managed module that an address lies in
 * @addr: address of a function or of data
 *
 * Context: Any.
 * Return: the record, or NULL.
 */
struct lu_module *lu_module_of_address(unsigned long addr)
{
	struct lu_module *m, *found = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry(m, &lu_modules, node)
		if (m->mod && m->phase != LU_MOD_LOADING && within_module(addr, m->mod)) {
			found = m;
			break;
		}
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return found;
}

/**
 * lu_set_of_address() - set whose code or static data an address lies in
 * @addr: the address
 *
 * Context: Any.
 * Return: the set, or NULL.
 */
struct lu_set *lu_set_of_address(const void *addr)
{
	struct lu_module *m = lu_module_of_address((unsigned long)addr);

	return m && m->gen ? m->gen->set : NULL;
}
EXPORT_SYMBOL_GPL(lu_set_of_address);

/**
 * lu_module_running() - a managed module of this plain name is loaded
 * @name: plain name
 *
 * Return: its record, or NULL while none has finished loading.
 */
struct lu_module *lu_module_running(const char *name)
{
	struct lu_module *m, *found = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry(m, &lu_modules, node)
		if (m->phase == LU_MOD_LIVE && !strcmp(m->name, name)) {
			found = m;
			break;
		}
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return found;
}

/**
 * lu_module_free() - drop a record that is in no list any more
 * @m: the record
 */
void lu_module_free(struct lu_module *m)
{
	struct lu_import *imp, *next;
	unsigned int i;

	list_for_each_entry_safe(imp, next, &m->imports, node)
		kfree(imp);
	for (i = 0; i < m->nr_pins; i++)
		module_put(m->pins[i]);
	lu_snapshot_free(m);
	lu_params_free(m);
	kfree(m->args);
	kfree(m);
}

/**
 * lu_module_reap_stale() - drop records of loads that failed early
 * @all: also those whose time is not up, when nothing can be loading
 *
 * Return: true if there were any.
 */
bool lu_module_reap_stale(bool all)
{
	struct lu_module *m, *next;
	unsigned long flags;
	LIST_HEAD(stale);
	bool any;

	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry_safe(m, next, &lu_modules, node)
		if (m->phase == LU_MOD_FAILED ||
		    (m->phase == LU_MOD_LOADING &&
		     (all || time_after(jiffies, m->since + LU_LOAD_STALE))))
			list_move(&m->node, &stale);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	any = !list_empty(&stale);
	list_for_each_entry_safe(m, next, &stale, node)
		lu_module_free(m);
	return any;
}
