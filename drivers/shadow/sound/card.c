// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: a card changes hands
 *
 * A card always belongs to us, whichever way its driver made it: one that
 * devres frees would die with the outgoing driver. For a driver that left it to
 * devres two actions do what devres would have done: one at registration, which
 * is the first to run when the driver goes, and one at allocation, the last.
 *
 * When a driver parts with a card in an update, what is the driver's own on it
 * goes, in the order in which the sound core frees a card; then the driver's
 * own words of farewell are called. The rest stays without a driver.
 */
#include "sound_shadow.h"

#include <linux/slab.h>
#include <sound/timer.h>

static const int part_order[] = {
	SNDRV_DEV_CONTROL, SNDRV_DEV_JACK, SNDRV_DEV_HWDEP, SNDRV_DEV_SEQUENCER,
	SNDRV_DEV_TIMER, SNDRV_DEV_RAWMIDI, SNDRV_DEV_COMPRESS, SNDRV_DEV_PCM,
	SNDRV_DEV_CODEC, SNDRV_DEV_BUS, SNDRV_DEV_INFO, SNDRV_DEV_LOWLEVEL,
};

/**
 * ss_card_hand_out() - a probing driver gets the kept card
 * @sc: shadow
 * @owner: the driver's module
 * @extra: size of its private area
 *
 * What users see of the card stays; the driver's part is as of a fresh one.
 *
 * Return: the card or an error.
 */
struct snd_card *ss_card_hand_out(struct ss_card *sc, struct module *owner, size_t extra)
{
	struct snd_card *card = sc->card;

	if (sc->managed) {
		card->private_data = devm_kzalloc(sc->ldev->dev, extra, GFP_KERNEL);
	} else {
		sc->area = kzalloc(extra, GFP_KERNEL);
		card->private_data = sc->area;
	}
	if (extra && !card->private_data)
		return ERR_PTR(-ENOMEM);
	card->private_free = NULL;
	card->sync_irq = -1;
	/* Drivers add to these. */
	card->mixername[0] = 0;
	card->components[0] = 0;
	sc->owner = owner;
	sc->handed = true;
	sc->adopted = false;
	return card;
}

/* The last that is heard of a card. */
static void card_final(struct snd_card *card)
{
	struct ss_card *sc = ss_find(card);

	if (sc->drv_free)
		sc->drv_free(card);
	kfree(sc->area);
	sc->area = NULL;
	ss_untrack(sc);
}

/**
 * ss_card_leave() - a card is about to be freed for good
 * @sc: shadow of a card that is not in an update
 */
void ss_card_leave(struct ss_card *sc)
{
	if (sc->card->private_free == card_final)
		return;
	sc->mode = SS_NEW;
	sc->drv_free = sc->card->private_free;
	sc->card->private_free = card_final;
}

/**
 * ss_card_gone() - a driver gives its card up
 * @sc: shadow
 */
void ss_card_gone(struct ss_card *sc)
{
	if (!sc->handed)
		return;
	if (ss_in_update(sc)) {
		ss_card_part(sc);
		return;
	}
	sc->handed = false;
	ss_card_leave(sc);
	snd_card_free(sc->card);
}

static void devres_gone(void *data)
{
	struct ss_card *sc = data;

	ss_card_gone(sc);
	ss_put(sc);
}

/**
 * ss_card_managed() - devres tells when a driver goes
 * @sc: shadow
 * @parent: the driver's device
 *
 * Return: 0 or -ENOMEM; then the driver does not have the card.
 */
int ss_card_managed(struct ss_card *sc, struct device *parent)
{
	ss_get(sc);
	return devm_add_action_or_reset(parent, devres_gone, sc);
}

/**
 * ss_card_registered() - a driver's card is in service for the first time
 * @sc: shadow
 *
 * Return: 0 or -ENOMEM.
 */
int ss_card_registered(struct ss_card *sc)
{
	int err = 0;

	if (sc->managed)
		err = ss_card_managed(sc, sc->card->dev);
	if (err)
		return err;
	sc->mode = SS_PASSIVE;
	sc->adopted = true;
	lu_device_claim(sc->ldev, &sound_lu_shadow);
	return 0;
}

static bool is_part(struct ss_card *sc, const void *thing)
{
	struct ss_part *part;
	bool found = false;

	mutex_lock(&sc->lock);
	list_for_each_entry(part, &sc->parts, list)
		found |= part->thing == thing;
	mutex_unlock(&sc->lock);
	return found;
}

/* The driver's own parts of the card. */
static int register_parts(struct ss_card *sc)
{
	struct snd_device *dev;
	int err = 0;

	list_for_each_entry(dev, &sc->card->devices, list) {
		if (dev->state != SNDRV_DEV_BUILD || !is_part(sc, dev->device_data))
			continue;
		err = snd_device_register(sc->card, dev->device_data);
		if (err)
			return err;
	}
	/* Also files that it did not make through us. */
	return sc->card->proc_root ? snd_info_register(sc->card->proc_root) : 0;
}

/**
 * ss_card_adopt() - the incoming driver registers the kept card
 * @sc: shadow
 *
 * Return: 0 or an error.
 */
int ss_card_adopt(struct ss_card *sc)
{
	int err = ss_ctls_place(sc) ?: register_parts(sc);

	if (!err && sc->managed)
		err = ss_card_managed(sc, sc->card->dev);
	if (err)
		return err;
	sc->adopted = true;
	lu_device_adopted(sc->ldev);
	wake_up(&sc->wq);
	return 0;
}

/**
 * ss_card_settle() - the driver that has a card stays
 * @sc: shadow
 *
 * Only now do users get to see devices that the earlier one did not have.
 */
void ss_card_settle(struct ss_card *sc)
{
	struct snd_device *dev;

	list_for_each_entry(dev, &sc->card->devices, list)
		if (dev->state == SNDRV_DEV_BUILD &&
		    snd_device_register(sc->card, dev->device_data))
			pr_warn("card%d: a new device was not registered\n", sc->card->number);
	ss_ctls_settle(sc);
	ss_pcms_settle(sc);
	ss_jacks_settle(sc);
}

static struct snd_device *last_part(struct ss_card *sc, int type)
{
	struct snd_device *dev;

	list_for_each_entry_reverse(dev, &sc->card->devices, list)
		if (dev->type == type && is_part(sc, dev->device_data))
			return dev;
	return NULL;
}

static void parts_free_of(struct ss_card *sc, int type)
{
	struct snd_device *dev;
	void *data;

	while ((dev = last_part(sc, type))) {
		data = dev->device_data;
		ss_part_drop(sc, &sc->parts, data);
		snd_device_free(sc->card, data);
	}
}

static void procs_free(struct ss_card *sc)
{
	struct ss_part *part;

	for (;;) {
		mutex_lock(&sc->lock);
		part = list_first_entry_or_null(&sc->procs, struct ss_part, list);
		if (part)
			list_del(&part->list);
		mutex_unlock(&sc->lock);
		if (!part)
			return;
		snd_info_free_entry(part->thing);
		kfree(part);
	}
}

/**
 * ss_card_part() - a driver goes, the card stays
 * @sc: shadow of a card in an update
 */
void ss_card_part(struct ss_card *sc)
{
	struct snd_card *card = sc->card;
	size_t i;

	/* Controls are read for the last time while everything behind them is there. */
	ss_ctls_away(sc);
	ss_streams_part(sc);
	procs_free(sc);
	for (i = 0; i < ARRAY_SIZE(part_order); i++) {
		if (part_order[i] == SNDRV_DEV_JACK)
			ss_jacks_part(sc);
		if (part_order[i] == SNDRV_DEV_HWDEP)
			ss_hwdeps_part(sc);
		if (part_order[i] == SNDRV_DEV_RAWMIDI)
			ss_midis_part(sc);
		if (part_order[i] == SNDRV_DEV_PCM)
			ss_pcms_part(sc);
		if (part_order[i] == SNDRV_DEV_LOWLEVEL) {
			ss_ctls_forget(sc);
			ss_ctls_part(sc);
		}
		parts_free_of(sc, part_order[i]);
	}
	if (card->private_free)
		card->private_free(card);
	card->private_free = NULL;
	card->private_data = NULL;
	card->sync_irq = -1;
	kfree(sc->area);
	sc->area = NULL;
	sc->handed = false;
	sc->adopted = false;
	/* Who waits for it to be registered. */
	wake_up(&sc->wq);
}

static bool is_pcm_timer(struct ss_card *sc, const struct snd_timer *timer)
{
	struct ss_stream *st;
	struct ss_sub *sub;

	ss_for_each_stream(st, sc)
		ss_for_each_sub(sub, st)
			if (sub->ss->timer == timer)
				return true;
	return false;
}

static bool is_midi_port(struct ss_card *sc, const void *data)
{
#if IS_ENABLED(CONFIG_SND_SEQUENCER)
	struct ss_midi *sm;

	list_for_each_entry(sm, &sc->midis, list)
		if (sm->rmidi->seq_dev == data)
			return true;
#endif
	return false;
}

static bool is_known_midi(struct ss_card *sc, const void *data)
{
	struct ss_midi *sm;

	list_for_each_entry(sm, &sc->midis, list)
		if (sm->rmidi == data)
			return true;
	return false;
}

/* Do we know how to carry a device of the card over? */
static bool is_known(struct ss_card *sc, const struct snd_device *dev)
{
	const void *data = dev->device_data;

	if (is_part(sc, data))
		return true;
	switch (dev->type) {
	case SNDRV_DEV_CONTROL:
		return true;
	case SNDRV_DEV_PCM:
		return ss_pcm_find(data);
	case SNDRV_DEV_TIMER:
		return is_pcm_timer(sc, data);
	case SNDRV_DEV_RAWMIDI:
		return is_known_midi(sc, data);
	case SNDRV_DEV_SEQUENCER:
		return is_midi_port(sc, data);
	case SNDRV_DEV_JACK:
		return ss_jack_find(sc, data);
	case SNDRV_DEV_HWDEP:
		return ss_hwdep_find(sc, data);
	default:
		return false;
	}
}

static const char *type_name(int type)
{
	switch (type) {
	case SNDRV_DEV_HWDEP:
		return "hwdep";
	case SNDRV_DEV_JACK:
		return "jack";
	case SNDRV_DEV_TIMER:
		return "timer";
	case SNDRV_DEV_COMPRESS:
		return "compressed stream";
	case SNDRV_DEV_SEQUENCER:
		return "sequencer";
	case SNDRV_DEV_CODEC:
		return "codec";
	default:
		return "sound";
	}
}

/* Such a part is always somebody's own: known, if it came by a tap. */
static const char *why_unknown(int type)
{
	switch (type) {
	case SNDRV_DEV_LOWLEVEL:
	case SNDRV_DEV_BUS:
	case SNDRV_DEV_CODEC:
		return ": the module that made it is not managed";
	default:
		return "";
	}
}

/**
 * ss_card_refusal() - can the card be updated now?
 * @sc: shadow
 * @txn: the transaction
 *
 * Return: 0, or an error and a mismatch tells why not.
 */
int ss_card_refusal(struct ss_card *sc, struct lu_txn *txn)
{
	struct snd_device *dev;
	struct ss_stream *st;
	struct ss_hwdep *sh;
	int err = 0;

	list_for_each_entry(dev, &sc->card->devices, list)
		if (!is_known(sc, dev)) {
			lu_mismatch(txn, "card%d: a %s device cannot be carried over%s",
				    sc->card->number, type_name(dev->type),
				    why_unknown(dev->type));
			err = -EOPNOTSUPP;
		}
	ss_for_each_stream(st, sc)
		err = ss_stream_refusal(st, txn) ?: err;
	list_for_each_entry(sh, &sc->hwdeps, list)
		err = ss_hwdep_refusal(sh, txn) ?: err;
	return err;
}

/**
 * ss_card_verify() - does the incoming driver offer what the old one did?
 * @sc: shadow
 * @txn: the transaction
 */
void ss_card_verify(struct ss_card *sc, struct lu_txn *txn)
{
	struct ss_stream *st;
	char name[16];

	if (!sc->adopted)
		return;
	ss_for_each_stream(st, sc) {
		if (!st->nr)
			continue;
		ss_pcm_name(name, sizeof(name), st);
		if (st->sp->handed && st->drv)
			ss_caps_verify(st, txn);
		else if (!st->lost)
			lu_mismatch(txn, "%s missing", name);
	}
	ss_midis_verify(sc, txn);
	ss_jacks_verify(sc, txn);
	ss_hwdeps_verify(sc, txn);
	ss_ctls_verify(sc, txn);
}
