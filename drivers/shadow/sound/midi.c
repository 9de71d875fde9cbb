// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: raw MIDI devices change hands
 *
 * The devices stay; they can be updated while nobody has them open. Who opens
 * one meanwhile is sent back to wait.
 */
#include "sound_shadow.h"

#include <linux/slab.h>
#include <linux/string.h>

static int away_open(struct snd_rawmidi_substream *ss)
{
	struct ss_card *sc = ss_find(ss->rmidi->card);

	/* The caller waits for open_wait, or it did not want to wait. */
	return sc && ss_in_update(sc) && !sc->stuck ? -EAGAIN : -ENODEV;
}

static int away_close(struct snd_rawmidi_substream *ss)
{
	return 0;
}

static void away_trigger(struct snd_rawmidi_substream *ss, int up)
{
}

static const struct snd_rawmidi_ops away_ops = {
	.open = away_open,
	.close = away_close,
	.trigger = away_trigger,
};

static int orig_new(struct snd_card *card, char *id, int device, int output, int input,
		    struct snd_rawmidi **ret)
{
	return lu_orig(snd_rawmidi_new, &sound_taps[SS_TAP_RAWMIDI_NEW])(card, id, device, output,
									 input, ret);
}

static void install(struct snd_rawmidi *rmidi, int stream, const struct snd_rawmidi_ops *ops)
{
	struct snd_rawmidi_substream *ss;

	list_for_each_entry(ss, &rmidi->streams[stream].substreams, list)
		WRITE_ONCE(ss->ops, ops);
}

static struct ss_midi *midi_find(struct ss_card *sc, const struct snd_rawmidi *rmidi)
{
	struct ss_midi *sm;

	list_for_each_entry(sm, &sc->midis, list)
		if (sm->rmidi == rmidi)
			return sm;
	return NULL;
}

/**
 * ss_midi_new() - a driver makes a raw MIDI device
 * @sc: shadow of the card
 * @id: as for snd_rawmidi_new()
 * @device: likewise
 * @output: likewise
 * @input: likewise
 * @ret: likewise
 *
 * Return: 0 or an error.
 */
int ss_midi_new(struct ss_card *sc, char *id, int device, int output, int input,
		struct snd_rawmidi **ret)
{
	struct snd_rawmidi *rmidi;
	struct ss_midi *sm;
	int err;

	list_for_each_entry(sm, &sc->midis, list) {
		if (sm->rmidi->device != device || sm->handed || !ss_in_update(sc))
			continue;
		sm->handed = true;
		sm->rmidi->private_data = NULL;
		sm->rmidi->private_free = NULL;
		sm->rmidi->info_flags = 0;
		if (ret)
			*ret = sm->rmidi;
		return 0;
	}
	sm = kzalloc(sizeof(*sm), GFP_KERNEL);
	if (!sm)
		return -ENOMEM;
	err = orig_new(sc->card, id, device, output, input, &rmidi);
	if (err) {
		kfree(sm);
		return err;
	}
	sm->rmidi = rmidi;
	sm->handed = true;
	sm->extra = ss_in_update(sc);
	mutex_lock(&sc->lock);
	list_add_tail(&sm->list, &sc->midis);
	mutex_unlock(&sc->lock);
	if (ret)
		*ret = rmidi;
	return 0;
}

/**
 * ss_midi_set_ops() - a driver gives its table of operations
 * @rmidi: a raw MIDI device
 * @stream: direction
 * @ops: the table
 *
 * Return: true if it is to be in force now.
 */
bool ss_midi_set_ops(struct snd_rawmidi *rmidi, int stream, const struct snd_rawmidi_ops *ops)
{
	struct ss_card *sc = ss_find(rmidi->card);
	struct ss_midi *sm = sc ? midi_find(sc, rmidi) : NULL;

	if (!sm)
		return true;
	sm->drv[stream] = ops;
	return !ss_in_update(sc) || sm->extra;
}

static bool is_open(const struct snd_rawmidi *rmidi)
{
	return rmidi->streams[0].substream_opened || rmidi->streams[1].substream_opened;
}

/**
 * ss_midi_refusal() - can a raw MIDI device be carried over now?
 * @sm: its shadow
 * @txn: the transaction
 *
 * Return: 0, or an error and a mismatch tells why not.
 */
int ss_midi_refusal(struct ss_midi *sm, struct lu_txn *txn)
{
	if (!is_open(sm->rmidi))
		return 0;
	lu_mismatch(txn, "midiC%dD%d is open", sm->rmidi->card->number, sm->rmidi->device);
	return -EBUSY;
}

/**
 * ss_midis_away() - raw MIDI devices of a card go on without a driver
 * @sc: shadow of the card
 *
 * Return: 0, or -EBUSY if somebody has opened one.
 */
int ss_midis_away(struct ss_card *sc)
{
	struct ss_midi *sm;
	int err = 0;

	list_for_each_entry(sm, &sc->midis, list) {
		mutex_lock(&sm->rmidi->open_mutex);
		if (is_open(sm->rmidi)) {
			err = -EBUSY;
		} else {
			install(sm->rmidi, 0, &away_ops);
			install(sm->rmidi, 1, &away_ops);
		}
		mutex_unlock(&sm->rmidi->open_mutex);
	}
	return err;
}

/**
 * ss_midis_part() - a driver goes, its raw MIDI devices stay
 * @sc: shadow of their card
 */
void ss_midis_part(struct ss_card *sc)
{
	struct ss_midi *sm, *next;

	list_for_each_entry_safe_reverse(sm, next, &sc->midis, list) {
		if (sm->extra) {
			mutex_lock(&sc->lock);
			list_del(&sm->list);
			mutex_unlock(&sc->lock);
			snd_device_free(sc->card, sm->rmidi);
			kfree(sm);
			continue;
		}
		if (sm->rmidi->private_free)
			sm->rmidi->private_free(sm->rmidi);
		sm->rmidi->private_free = NULL;
		sm->rmidi->private_data = NULL;
		sm->drv[0] = NULL;
		sm->drv[1] = NULL;
		sm->handed = false;
	}
}

/**
 * ss_midis_verify() - does the incoming driver have the same devices?
 * @sc: shadow of the card
 * @txn: the transaction
 */
void ss_midis_verify(struct ss_card *sc, struct lu_txn *txn)
{
	struct ss_midi *sm;
	int i;

	list_for_each_entry(sm, &sc->midis, list)
		for (i = 0; i < 2; i++)
			if (!sm->handed ||
			    (sm->rmidi->streams[i].substream_count && !sm->drv[i]))
				lu_mismatch(txn, "midiC%dD%d: %s missing", sc->card->number,
					    sm->rmidi->device, i ? "input" : "output");
}

/**
 * ss_midis_resume() - raw MIDI devices go to the driver
 * @sc: shadow of the card
 */
void ss_midis_resume(struct ss_card *sc)
{
	struct ss_midi *sm;
	int i;

	list_for_each_entry(sm, &sc->midis, list) {
		sm->extra = false;
		mutex_lock(&sm->rmidi->open_mutex);
		for (i = 0; i < 2; i++)
			if (sm->drv[i])
				install(sm->rmidi, i, sm->drv[i]);
		mutex_unlock(&sm->rmidi->open_mutex);
		wake_up(&sm->rmidi->open_wait);
	}
}
