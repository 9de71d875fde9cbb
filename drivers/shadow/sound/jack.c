// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: jacks change hands
 *
 * A jack, with the input device and the controls that show what is plugged in,
 * is the sound core's; the driver reports to it. It stays as it was until the
 * incoming driver reports something else.
 */
#include "sound_shadow.h"

#include <linux/slab.h>
#include <linux/string.h>
#include <sound/jack.h>

/**
 * ss_jack_find() - the shadow of a jack
 * @sc: shadow of the card
 * @jack: perhaps a jack
 *
 * Return: the shadow or NULL.
 */
struct ss_jack *ss_jack_find(struct ss_card *sc, const void *jack)
{
	struct ss_jack *sj;

	list_for_each_entry(sj, &sc->jacks, list)
		if (sj->jack == jack)
			return sj;
	return NULL;
}

static struct ss_jack *jack_kept(struct ss_card *sc, const char *id)
{
	struct ss_jack *sj;

	list_for_each_entry(sj, &sc->jacks, list)
		if (!sj->handed && ss_in_update(sc) && !strcmp(sj->jack->id, id))
			return sj;
	return NULL;
}

/**
 * ss_jack_new() - a driver makes a jack
 * @sc: shadow of the card
 * @id: as for snd_jack_new()
 * @type: likewise
 * @ret: likewise
 * @kctl: likewise
 * @phantom: likewise
 *
 * Return: 0 or an error.
 */
int ss_jack_new(struct ss_card *sc, const char *id, int type, struct snd_jack **ret, bool kctl,
		bool phantom)
{
	struct ss_jack *sj = jack_kept(sc, id);
	int err;

	if (sj) {
		sj->handed = true;
		sj->type = type;
		*ret = sj->jack;
		return 0;
	}
	sj = kzalloc(sizeof(*sj), GFP_KERNEL);
	if (!sj)
		return -ENOMEM;
	err = snd_jack_new(sc->card, id, type, ret, kctl, phantom);
	if (err) {
		kfree(sj);
		return err;
	}
	sj->jack = *ret;
	sj->type = type;
	sj->was = type;
	sj->handed = true;
	sj->extra = ss_in_update(sc);
	mutex_lock(&sc->lock);
	list_add_tail(&sj->list, &sc->jacks);
	mutex_unlock(&sc->lock);
	return 0;
}

/**
 * ss_jack_kctl() - a driver wants one more control to show a jack
 * @sc: shadow of the card
 * @jack: the jack
 * @name: name of the control
 * @mask: what it shows
 *
 * A jack that was kept has it already.
 *
 * Return: 0 or an error.
 */
int ss_jack_kctl(struct ss_card *sc, struct snd_jack *jack, const char *name, int mask)
{
	struct ss_jack *sj = ss_jack_find(sc, jack);

	if (sj && ss_in_update(sc) && !sj->extra)
		return 0;
	return snd_jack_add_new_kctl(jack, name, mask);
}

static void jack_leave(struct ss_jack *sj)
{
	struct snd_jack *jack = sj->jack;

	if (jack->private_free)
		jack->private_free(jack);
	jack->private_free = NULL;
	jack->private_data = NULL;
	sj->handed = false;
}

/**
 * ss_jack_part() - a driver gives a jack up
 * @sc: shadow of the card
 * @sj: shadow of the jack
 */
void ss_jack_part(struct ss_card *sc, struct ss_jack *sj)
{
	if (ss_in_update(sc) && !sj->extra) {
		if (sj->handed)
			jack_leave(sj);
		return;
	}
	mutex_lock(&sc->lock);
	list_del(&sj->list);
	mutex_unlock(&sc->lock);
	snd_device_free(sc->card, sj->jack);
	kfree(sj);
}

/**
 * ss_jacks_part() - a driver goes, its jacks stay
 * @sc: shadow of their card
 */
void ss_jacks_part(struct ss_card *sc)
{
	struct ss_jack *sj, *next;

	list_for_each_entry_safe_reverse(sj, next, &sc->jacks, list)
		ss_jack_part(sc, sj);
}

/**
 * ss_jacks_verify() - does the incoming driver have the same jacks?
 * @sc: shadow of the card
 * @txn: the transaction
 */
void ss_jacks_verify(struct ss_card *sc, struct lu_txn *txn)
{
	struct ss_jack *sj;

	list_for_each_entry(sj, &sc->jacks, list) {
		if (!sj->handed && !sj->lost)
			lu_mismatch(txn, "card%d: jack '%s' missing", sc->card->number,
				    sj->jack->id);
		else if (sj->handed && (sj->was & ~sj->type))
			lu_mismatch(txn, "card%d: jack '%s': type %#x, was %#x", sc->card->number,
				    sj->jack->id, sj->type, sj->was);
	}
}

/**
 * ss_jacks_settle() - what the driver that stays made is the card's
 * @sc: shadow of the card
 */
void ss_jacks_settle(struct ss_card *sc)
{
	struct ss_jack *sj;

	list_for_each_entry(sj, &sc->jacks, list) {
		sj->extra = false;
		sj->lost = !sj->handed;
	}
}
