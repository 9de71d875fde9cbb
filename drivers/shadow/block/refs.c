// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: references of users on the driver's module
 *
 * Who opens a disk takes a reference on the module that owns its table, and
 * drops it on the one that owns the table when the disk is closed. So the
 * core moves references at the end of a transaction. From the moment at which
 * the table changes its owner until then, the incoming module may be told to
 * drop what was taken on the outgoing one: it is given a stock of references
 * first, which goes when the move is complete.
 *
 * One transaction changes a disk's owner at a time here: bs_refs_mutex.
 */
#include "block_shadow.h"

#include <linux/slab.h>

/* Beyond what the outgoing module has: for opens in this very moment. */
#define BS_REFS_MARGIN 256

struct stock {
	struct list_head list;
	struct module *from;
	struct module *to;
	unsigned int refs;
	bool waited;
};

static DEFINE_MUTEX(bs_refs_mutex);
static LIST_HEAD(bs_stocks);

static bool stock_exists(struct module *from, struct module *to)
{
	struct stock *s;

	list_for_each_entry(s, &bs_stocks, list)
		if (s->from == from && s->to == to)
			return true;
	return false;
}

static void stock_make(struct module *from, struct module *to)
{
	struct stock *s;
	unsigned int i;

	s = kmalloc(sizeof(*s), GFP_NOIO | __GFP_NOFAIL);
	s->from = from;
	s->to = to;
	s->refs = module_refcount(from) + BS_REFS_MARGIN;
	s->waited = false;
	for (i = 0; i < s->refs; i++)
		__module_get(to);
	list_add(&s->list, &bs_stocks);
}

/**
 * bs_refs_begin() - an object is about to change the module that owns it
 * @from: outgoing module
 * @to: incoming module
 */
void bs_refs_begin(struct module *from, struct module *to)
{
	if (from == to)
		return;
	mutex_lock(&bs_refs_mutex);
	if (!stock_exists(from, to))
		stock_make(from, to);
	mutex_unlock(&bs_refs_mutex);
}

/**
 * bs_refs_wait() - nobody is about to drop a reference on an earlier owner
 *
 * Between fetching the owner and dropping the reference no task sleeps. A
 * thread of the kernel that never does can make this last.
 */
void bs_refs_wait(void)
{
	struct stock *s;
	bool any = false;

	mutex_lock(&bs_refs_mutex);
	list_for_each_entry(s, &bs_stocks, list) {
		any |= !s->waited;
		s->waited = true;
	}
	mutex_unlock(&bs_refs_mutex);
	if (any)
		synchronize_rcu_tasks();
}

/**
 * bs_refs_settle() - the references have been moved, give back the stocks
 */
void bs_refs_settle(void)
{
	struct stock *s, *next;
	unsigned int i;

	/* After a roll-back nobody has waited yet. */
	bs_refs_wait();
	mutex_lock(&bs_refs_mutex);
	list_for_each_entry_safe(s, next, &bs_stocks, list) {
		for (i = 0; i < s->refs; i++)
			module_put(s->to);
		list_del(&s->list);
		kfree(s);
	}
	mutex_unlock(&bs_refs_mutex);
}
