// SPDX-License-Identifier: GPL-2.0
/*
 * Which module links against which managed one.
 *
 * The module loader keeps such lists itself, under a lock that is its own. We
 * see the same when it resolves a module's imports, of managed modules and of
 * all others: who links against a library has to be replaced along with it, or
 * keeps it from being replaced.
 */
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "internal.h"

static LIST_HEAD(lu_links);	/* under lu_lock */

static struct lu_link *__lu_link_find(const struct module *user, const struct lu_module *lib)
{
	struct lu_link *l;

	lockdep_assert_held(&lu_lock);
	list_for_each_entry(l, &lu_links, node)
		if (l->user == user && l->lib == lib)
			return l;
	return NULL;
}

/**
 * lu_link_add() - an import of a module was resolved
 * @user: the module, being loaded
 * @lib: managed module that exports it
 *
 * Context: Any.
 * Return: 0, or -ENOMEM.
 */
int lu_link_add(struct module *user, struct lu_module *lib)
{
	struct lu_link *l, *new;
	unsigned long flags;

	new = kzalloc(sizeof(*new), GFP_ATOMIC);
	if (!new)
		return -ENOMEM;
	new->user = user;
	new->lib = lib;
	new->loader = current;
	strscpy(new->name, user->name, sizeof(new->name));
	raw_spin_lock_irqsave(&lu_lock, flags);
	l = __lu_link_find(user, lib);
	if (!l)
		list_add_tail(&new->node, &lu_links);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	if (l)
		kfree(new);
	return 0;
}

/* Is a library in such a state that nobody may begin to use it? */
static int __lu_link_refusal(const struct lu_link *l, bool staged)
{
	const struct lu_generation *gen = l->lib->gen;

	lockdep_assert_held(&lu_lock);
	if (!gen || staged)
		return 0;
	if (gen->set->lead)
		return -EBUSY;
	/* It was exchanged while the newcomer was on its way. */
	return gen->role == LU_ROLE_RUNNING ? 0 : -EAGAIN;
}

/**
 * lu_links_settle() - a module is loaded, but for its init
 * @user: the module
 * @staged: it is a staged one, which no transaction under way knows
 *
 * Return: 0; -EBUSY if it links against a module that is being replaced;
 *	-EAGAIN if that was replaced a moment ago.
 */
int lu_links_settle(const struct module *user, bool staged)
{
	unsigned long flags;
	struct lu_link *l;
	int err = 0;

	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry(l, &lu_links, node) {
		if (l->user != user)
			continue;
		l->settled = true;
		err = err ?: __lu_link_refusal(l, staged);
	}
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return err;
}

static void lu_links_drop_if(bool (*gone)(const struct lu_link *l, const void *what),
			     const void *what)
{
	struct lu_link *l, *next;
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry_safe(l, next, &lu_links, node)
		if (gone(l, what)) {
			list_del(&l->node);
			kfree(l);
		}
	raw_spin_unlock_irqrestore(&lu_lock, flags);
}

static bool lu_link_is_of(const struct lu_link *l, const void *user)
{
	return l->user == user;
}

/**
 * lu_links_drop() - a module is gone, or its load was refused
 * @user: the module
 */
void lu_links_drop(const struct module *user)
{
	lu_links_drop_if(lu_link_is_of, user);
}

static bool lu_link_came_to_nothing(const struct lu_link *l, const void *loader)
{
	return !l->settled && l->loader == loader;
}

/**
 * lu_links_drop_failed() - the current task's load failed before its notifiers
 */
void lu_links_drop_failed(void)
{
	lu_links_drop_if(lu_link_came_to_nothing, current);
}

static bool lu_link_is_to(const struct lu_link *l, const void *lib)
{
	return l->lib == lib;
}

/**
 * lu_links_drop_lib() - a library is gone, and nobody can be left
 * @lib: its record
 */
void lu_links_drop_lib(const struct lu_module *lib)
{
	lu_links_drop_if(lu_link_is_to, lib);
}

/**
 * lu_links_count() - modules that link against a managed one
 * @lib: its record
 *
 * Return: their number, which is that of the references they hold.
 */
unsigned int lu_links_count(const struct lu_module *lib)
{
	unsigned long flags;
	struct lu_link *l;
	unsigned int n = 0;

	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry(l, &lu_links, node)
		n += l->lib == lib;
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return n;
}

/**
 * lu_links_user() - a module that links against a managed one
 * @lib: its record
 * @nr: which of them, from 0
 *
 * Context: Any. The module may go unless a transaction keeps it.
 * Return: the module, or NULL if there are fewer.
 */
struct module *lu_links_user(const struct lu_module *lib, unsigned int nr)
{
	struct module *user = NULL;
	unsigned long flags;
	struct lu_link *l;

	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry(l, &lu_links, node)
		if (l->lib == lib && l->settled && !nr--) {
			user = l->user;
			break;
		}
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return user;
}

/**
 * __lu_links_each() - look at all links
 * @fn: called for each, with the record of the user or NULL; false ends
 * @data: for @fn
 *
 * Context: Caller holds lu_lock.
 */
void __lu_links_each(bool (*fn)(const struct lu_link *l, struct lu_module *user, void *data),
		     void *data)
{
	struct lu_module *m, *user;
	struct lu_link *l;

	lockdep_assert_held(&lu_lock);
	list_for_each_entry(l, &lu_links, node) {
		user = NULL;
		list_for_each_entry(m, &lu_modules, node)
			if (m->mod == l->user && m->phase != LU_MOD_FAILED)
				user = m;
		if (!fn(l, user, data))
			return;
	}
}

void lu_links_exit(void)
{
	struct lu_link *l, *next;

	list_for_each_entry_safe(l, next, &lu_links, node) {
		list_del(&l->node);
		kfree(l);
	}
}
