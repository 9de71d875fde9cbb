// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: references of users on the driver's module
 *
 * Who opens a device or a file of a card takes a reference on the module that
 * is the card's, and drops it on the one that is the card's then. The core moves
 * references at the end of a transaction. The card changes its module as the
 * last thing before, when nothing can fail any more; from then on the incoming
 * module may be told to drop what was taken on the outgoing one, and is given a
 * stock of references first, which goes when the move is complete.
 */
#include "sound_shadow.h"

#include <linux/rcupdate.h>
#include <sound/timer.h>

/* Beyond what the outgoing module has: for opens in this very moment. */
#define SS_REFS_MARGIN 256

/* The sound core's own files of a card name the driver's module, too. */
static void switch_files(struct snd_info_entry *entry, const struct module *from,
			 struct module *to, unsigned int depth)
{
	struct snd_info_entry *child;

	if (entry->module == from)
		WRITE_ONCE(entry->module, to);
	mutex_lock_nested(&entry->access, depth);
	list_for_each_entry(child, &entry->children, list)
		switch_files(child, from, to, min(depth + 1, MAX_LOCKDEP_SUBCLASSES - 1u));
	mutex_unlock(&entry->access);
}

static void switch_timers(struct ss_card *sc, const struct module *from, struct module *to)
{
	struct snd_timer *timer;
	struct ss_stream *st;
	struct ss_sub *sub;

	ss_for_each_stream(st, sc)
		ss_for_each_sub(sub, st) {
			timer = sub->ss->timer;
			if (timer && timer->module == from)
				WRITE_ONCE(timer->module, to);
		}
}

/**
 * ss_refs_switch() - a card is the incoming module's
 * @sc: shadow of a card that the incoming driver has
 */
void ss_refs_switch(struct ss_card *sc)
{
	struct module *from = sc->card->module, *to = sc->owner;
	unsigned int i, n;

	if (!sc->handed || !to || from == to)
		return;
	n = module_refcount(from) + SS_REFS_MARGIN;
	for (i = 0; i < n; i++)
		__module_get(to);
	sc->stock = n;
	sc->stock_of = to;
	sc->stock_from = from;
	WRITE_ONCE(sc->card->module, to);
	if (sc->card->proc_root)
		switch_files(sc->card->proc_root, from, to, 0);
	switch_timers(sc, from, to);
}

/**
 * ss_refs_moved() - did a card change its module?
 * @txn: the transaction
 * @from: from this one
 */
bool ss_refs_moved(struct lu_txn *txn, const struct module *from)
{
	struct ss_card *sc;
	bool any = false;

	ss_for_each(sc, txn)
		any |= sc->stock && sc->stock_from == from;
	return any;
}

/**
 * ss_refs_wait() - nobody is about to drop a reference on an earlier module
 * @txn: the transaction
 *
 * Between fetching the module and dropping the reference no task sleeps.
 */
void ss_refs_wait(struct lu_txn *txn)
{
	struct ss_card *sc;
	bool any = false;

	ss_for_each(sc, txn)
		any |= sc->stock;
	if (any)
		synchronize_rcu_tasks();
}

/**
 * ss_refs_settle() - the references have been moved, give back the stock
 * @sc: shadow of the card
 */
void ss_refs_settle(struct ss_card *sc)
{
	for (; sc->stock; sc->stock--)
		module_put(sc->stock_of);
}
