// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: life of a ss_card
 *
 * Born when a managed driver makes a card in the probe of a device of its set,
 * dropped when the card is freed. If there is no memory for one there is no card
 * either.
 */
#include "sound_shadow.h"

#include <linux/slab.h>

static DEFINE_MUTEX(ss_mutex);
static LIST_HEAD(ss_cards);
static u64 ss_last_id;

/**
 * ss_find() - the shadow of a card
 * @card: a card, tracked or not
 *
 * Context: Process context. The shadow lives as long as the card, so a tap
 * that the card's driver called needs no reference.
 * Return: the shadow or NULL.
 */
struct ss_card *ss_find(const struct snd_card *card)
{
	struct ss_card *sc, *found = NULL;

	mutex_lock(&ss_mutex);
	list_for_each_entry(sc, &ss_cards, list)
		if (sc->card == card) {
			found = sc;
			break;
		}
	mutex_unlock(&ss_mutex);
	return found;
}

static struct ss_card *find_of(const struct lu_device *ldev, bool handed)
{
	struct ss_card *sc, *found = NULL;

	mutex_lock(&ss_mutex);
	list_for_each_entry(sc, &ss_cards, list)
		if (sc->ldev == ldev && sc->handed == handed &&
		    (handed || ss_in_update(sc))) {
			found = sc;
			break;
		}
	mutex_unlock(&ss_mutex);
	return found;
}

/**
 * ss_find_kept() - the kept card that a probing driver gets
 * @ldev: device that is being probed
 *
 * A driver with several cards for one device gets them back in the order in
 * which the first generation made them.
 *
 * Return: the shadow or NULL.
 */
struct ss_card *ss_find_kept(const struct lu_device *ldev)
{
	return find_of(ldev, false);
}

/**
 * ss_find_handed() - the card that a driver has for a device
 * @ldev: the device
 *
 * Return: the shadow or NULL.
 */
struct ss_card *ss_find_handed(const struct lu_device *ldev)
{
	return find_of(ldev, true);
}

static void parts_free(struct list_head *list)
{
	struct ss_part *part, *next;

	list_for_each_entry_safe(part, next, list, list)
		kfree(part);
}

static void ss_release(struct kref *ref)
{
	struct ss_card *sc = container_of(ref, struct ss_card, ref);
	struct ss_ctl *sk, *next_sk;
	struct ss_hwdep *sh, *next_sh;
	struct ss_jack *sj, *next_sj;
	struct ss_midi *sm, *next_sm;
	struct ss_pcm *sp, *next_sp;

	list_for_each_entry_safe(sp, next_sp, &sc->pcms, list)
		ss_pcm_free(sp);
	list_for_each_entry_safe(sm, next_sm, &sc->midis, list)
		kfree(sm);
	list_for_each_entry_safe(sj, next_sj, &sc->jacks, list)
		kfree(sj);
	list_for_each_entry_safe(sh, next_sh, &sc->hwdeps, list)
		kfree(sh);
	list_for_each_entry_safe(sk, next_sk, &sc->ctls, list)
		ss_ctl_free(sk);
	parts_free(&sc->parts);
	parts_free(&sc->procs);
	parts_free(&sc->added);
	lu_device_put(sc->ldev);
	kfree(sc);
	module_put(THIS_MODULE);
}

void ss_get(struct ss_card *sc)
{
	kref_get(&sc->ref);
}

void ss_put(struct ss_card *sc)
{
	kref_put(&sc->ref, ss_release);
}

/**
 * ss_next() - walk the cards of a transaction, oldest first
 * @txn: the transaction
 * @prev: where the walk stands; its reference is dropped. NULL begins.
 *
 * Return: the next one, referenced, or NULL.
 */
struct ss_card *ss_next(struct lu_txn *txn, struct ss_card *prev)
{
	struct ss_card *sc, *found = NULL;

	mutex_lock(&ss_mutex);
	list_for_each_entry(sc, &ss_cards, list) {
		if (prev && sc->id <= prev->id)
			continue;
		if (lu_txn_has(txn, sc->ldev) && sc->mode != SS_NEW) {
			kref_get(&sc->ref);
			found = sc;
			break;
		}
	}
	mutex_unlock(&ss_mutex);
	if (prev)
		ss_put(prev);
	return found;
}

/**
 * ss_track() - begin to shadow a card
 * @card: just made by a managed driver
 * @ldev: device whose probe makes it
 * @managed: devres frees it
 * @area: the driver's private area, ours to free, or NULL
 *
 * Return: the shadow, or NULL without memory.
 */
struct ss_card *ss_track(struct snd_card *card, struct lu_device *ldev, bool managed, void *area)
{
	struct ss_card *sc = kzalloc(sizeof(*sc), GFP_KERNEL);

	if (!sc)
		return NULL;
	__module_get(THIS_MODULE);
	kref_init(&sc->ref);
	mutex_init(&sc->lock);
	init_waitqueue_head(&sc->wq);
	INIT_LIST_HEAD(&sc->pcms);
	INIT_LIST_HEAD(&sc->midis);
	INIT_LIST_HEAD(&sc->jacks);
	INIT_LIST_HEAD(&sc->hwdeps);
	INIT_LIST_HEAD(&sc->ctls);
	INIT_LIST_HEAD(&sc->parts);
	INIT_LIST_HEAD(&sc->procs);
	INIT_LIST_HEAD(&sc->added);
	sc->card = card;
	sc->ldev = lu_device_hold(ldev);
	sc->managed = managed;
	sc->area = area;
	sc->handed = true;
	sc->made = ktime_get();
	mutex_lock(&ss_mutex);
	sc->id = ++ss_last_id;
	list_add_tail(&sc->list, &ss_cards);
	mutex_unlock(&ss_mutex);
	return sc;
}

/**
 * ss_untrack() - end of shadowing; nobody can use the card any more
 * @sc: its shadow
 */
void ss_untrack(struct ss_card *sc)
{
	mutex_lock(&ss_mutex);
	list_del(&sc->list);
	mutex_unlock(&ss_mutex);
	ss_put(sc);
}

/**
 * ss_part_add() - note something that goes with the driver
 * @sc: shadow of the card that it is on
 * @list: one of the card's lists
 * @thing: data of a device, or a file
 *
 * Return: 0 or -ENOMEM.
 */
int ss_part_add(struct ss_card *sc, struct list_head *list, void *thing)
{
	struct ss_part *part = kmalloc(sizeof(*part), GFP_KERNEL);

	if (!part)
		return -ENOMEM;
	part->thing = thing;
	mutex_lock(&sc->lock);
	list_add_tail(&part->list, list);
	mutex_unlock(&sc->lock);
	return 0;
}

/**
 * ss_part_drop() - it went, or is about to
 * @sc: shadow of the card that it was on
 * @list: one of the card's lists
 * @thing: data of a device, or a file
 *
 * Return: true if it was the driver's own.
 */
bool ss_part_drop(struct ss_card *sc, struct list_head *list, const void *thing)
{
	struct ss_part *part, *found = NULL;

	mutex_lock(&sc->lock);
	list_for_each_entry(part, list, list)
		if (part->thing == thing) {
			list_del(&part->list);
			found = part;
			break;
		}
	mutex_unlock(&sc->lock);
	kfree(found);
	return found;
}
