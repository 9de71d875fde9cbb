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
 * Several sets may be updated at once; each transaction waits for its own stocks
 * and gives back no others.
 */
#include "block_shadow.h"

#include <linux/slab.h>

/* Beyond what the outgoing module has: for opens in this very moment. */
#define BS_REFS_MARGIN 256

/**
 * struct stock - references that an incoming module may be told to drop
 * @list: in bs_stocks
 * @set: set whose transaction made it
 * @from: outgoing module
 * @to: incoming module
 * @refs: their number
 * @waited: nobody is about to drop one on @from any more
 */
struct stock {
	struct list_head list;
	const struct lu_set *set;
	struct module *from;
	struct module *to;
	unsigned int refs;
	bool waited;
};

static DEFINE_MUTEX(bs_refs_mutex);
static LIST_HEAD(bs_stocks);	/* under bs_refs_mutex */

/**
 * bs_owner_next() - the module that will own a disk's table
 * @txn: the transaction
 * @bd: shadow of a disk that the incoming driver has not registered
 *
 * Return: the incoming module; the one there is where a library that stays owns
 * the table.
 */
struct module *bs_owner_next(struct lu_txn *txn, const struct bs_disk *bd)
{
	struct module *owner = bd->fops->ops.owner;

	return lu_txn_successor(txn, owner) ?: owner;
}

static bool stock_exists(struct module *from, struct module *to)
{
	struct stock *s;

	list_for_each_entry(s, &bs_stocks, list)
		if (s->from == from && s->to == to)
			return true;
	return false;
}

static void stock_make(const struct lu_set *set, struct module *from, struct module *to)
{
	struct stock *s;
	unsigned int i;

	s = kmalloc(sizeof(*s), GFP_NOIO | __GFP_NOFAIL);
	s->set = set;
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
 * @txn: the transaction
 * @from: outgoing module
 * @to: incoming module
 */
void bs_refs_begin(struct lu_txn *txn, struct module *from, struct module *to)
{
	if (from == to)
		return;
	mutex_lock(&bs_refs_mutex);
	if (!stock_exists(from, to))
		stock_make(lu_txn_set(txn), from, to);
	mutex_unlock(&bs_refs_mutex);
}

/**
 * bs_refs_moved() - has an object changed the module that owns it
 * @txn: the transaction
 * @from: the outgoing module
 */
bool bs_refs_moved(struct lu_txn *txn, const struct module *from)
{
	bool any = false;
	struct stock *s;

	mutex_lock(&bs_refs_mutex);
	list_for_each_entry(s, &bs_stocks, list)
		any |= s->set == lu_txn_set(txn) && s->from == from;
	mutex_unlock(&bs_refs_mutex);
	return any;
}

/* Before and after a wait: are there stocks of @set to wait for, now there are none. */
static bool stocks_wait(const struct lu_set *set, bool waited)
{
	bool any = false;
	struct stock *s;

	mutex_lock(&bs_refs_mutex);
	list_for_each_entry(s, &bs_stocks, list)
		if (s->set == set) {
			any |= !s->waited;
			s->waited |= waited;
		}
	mutex_unlock(&bs_refs_mutex);
	return any;
}

/**
 * bs_refs_wait() - nobody is about to drop a reference on an earlier owner
 * @txn: the transaction
 *
 * Between fetching the owner and dropping the reference no task sleeps. A
 * thread of the kernel that never does can make this last.
 */
void bs_refs_wait(struct lu_txn *txn)
{
	if (!stocks_wait(lu_txn_set(txn), false))
		return;
	synchronize_rcu_tasks();
	stocks_wait(lu_txn_set(txn), true);
}

/**
 * bs_refs_settle() - the references have been moved, give back the stocks
 * @txn: the transaction
 */
void bs_refs_settle(struct lu_txn *txn)
{
	struct stock *s, *next;
	unsigned int i;

	/* After a roll-back nobody has waited yet. */
	bs_refs_wait(txn);
	mutex_lock(&bs_refs_mutex);
	list_for_each_entry_safe(s, next, &bs_stocks, list) {
		if (s->set != lu_txn_set(txn))
			continue;
		for (i = 0; i < s->refs; i++)
			module_put(s->to);
		list_del(&s->list);
		kfree(s);
	}
	mutex_unlock(&bs_refs_mutex);
}
