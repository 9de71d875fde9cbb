// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: raw MIDI devices change hands
 *
 * Devices stay, and whoever has one open. What was written and not yet sent
 * stays in the buffer, which is the sound core's, and is sent by the incoming
 * driver. Which driver knows of an open substream is told by the table that is
 * in force: away_ops, no driver does; told_ops, one does but is not to be
 * called; the driver's own, it is in charge. Tables change under
 * rmidi->open_mutex, as open and close are called.
 */
#include "sound_shadow.h"

#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

static struct ss_midi *midi_find(struct ss_card *sc, const struct snd_rawmidi *rmidi)
{
	struct ss_midi *sm;

	list_for_each_entry(sm, &sc->midis, list)
		if (sm->rmidi == rmidi)
			return sm;
	return NULL;
}

static int away_open(struct snd_rawmidi_substream *ss)
{
	struct ss_card *sc = ss_find(ss->rmidi->card);
	struct ss_midi *sm = sc ? midi_find(sc, ss->rmidi) : NULL;

	if (!sm || sc->stuck || (!ss_in_update(sc) && !sm->drv[ss->stream]))
		return -ENODEV;
	/* The caller waits for open_wait, or it did not want to wait. */
	return -EAGAIN;
}

/* Of one that its driver refused: the next one may have more luck. */
static int away_close(struct snd_rawmidi_substream *ss)
{
	struct ss_card *sc = ss_find(ss->rmidi->card);
	struct ss_midi *sm = sc ? midi_find(sc, ss->rmidi) : NULL;

	if (sm && !ss_in_update(sc) && sm->drv[ss->stream])
		WRITE_ONCE(ss->ops, sm->drv[ss->stream]);
	return 0;
}

/* What is to be sent waits. */
static void away_trigger(struct snd_rawmidi_substream *ss, int up)
{
}

static const struct snd_rawmidi_ops away_ops = {
	.open = away_open,
	.close = away_close,
	.trigger = away_trigger,
};

/* A driver learns that a substream that it was told of is closed. */
static void leave(struct snd_rawmidi_substream *ss, const struct snd_rawmidi_ops *drv)
{
	struct snd_rawmidi_runtime *rt = ss->runtime;

	drv->trigger(ss, 0);
	drv->close(ss);
	if (rt->private_free)
		rt->private_free(ss);
	rt->private_free = NULL;
	rt->private_data = NULL;
	WRITE_ONCE(ss->ops, &away_ops);
}

static int told_close(struct snd_rawmidi_substream *ss)
{
	struct ss_card *sc = ss_find(ss->rmidi->card);
	struct ss_midi *sm = sc ? midi_find(sc, ss->rmidi) : NULL;

	if (sm)
		leave(ss, sm->drv[ss->stream]);
	return 0;
}

static const struct snd_rawmidi_ops told_ops = {
	.open = away_open,
	.close = told_close,
	.trigger = away_trigger,
};

#define ss_for_each_midi_sub(_ss, _sm, _i)				\
	for (_i = 0; _i < 2; _i++)					\
		list_for_each_entry(_ss, &(_sm)->rmidi->streams[_i].substreams, list)

static int orig_new(struct snd_card *card, char *id, int device, int output, int input,
		    struct snd_rawmidi **ret)
{
	return lu_orig(snd_rawmidi_new, &sound_taps[SS_TAP_RAWMIDI_NEW])(card, id, device, output,
									 input, ret);
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

/* From now on nobody calls the driver; true if it knows of somebody. */
static bool keep_off(struct ss_midi *sm)
{
	struct snd_rawmidi_substream *ss;
	bool open = false;
	int i;

	mutex_lock(&sm->rmidi->open_mutex);
	ss_for_each_midi_sub(ss, sm, i) {
		WRITE_ONCE(ss->ops, ss->opened ? &told_ops : &away_ops);
		open |= ss->opened;
	}
	mutex_unlock(&sm->rmidi->open_mutex);
	return open;
}

static void leave_all(struct ss_midi *sm)
{
	struct snd_rawmidi_substream *ss;
	int i;

	mutex_lock(&sm->rmidi->open_mutex);
	ss_for_each_midi_sub(ss, sm, i)
		if (ss->ops == &told_ops)
			leave(ss, sm->drv[i]);
	mutex_unlock(&sm->rmidi->open_mutex);
}

/**
 * ss_midis_away() - raw MIDI devices of a card go on without a driver
 * @sc: shadow of the card
 *
 * Context: Process context; sleeps if one is open, since a task may be in the
 * driver that it found a moment ago.
 */
void ss_midis_away(struct ss_card *sc)
{
	struct ss_midi *sm;
	bool open = false;

	list_for_each_entry(sm, &sc->midis, list)
		open |= keep_off(sm);
	if (!open)
		return;
	synchronize_rcu_tasks();
	synchronize_rcu();
	list_for_each_entry(sm, &sc->midis, list)
		leave_all(sm);
}

static int reopen(struct ss_midi *sm, struct snd_rawmidi_substream *ss)
{
	const struct snd_rawmidi_ops *drv = sm->drv[ss->stream];
	int err;

	if (!ss->opened || ss->ops != &away_ops)
		return 0;
	err = drv ? drv->open(ss) : -ENODEV;
	if (!err)
		WRITE_ONCE(ss->ops, &told_ops);
	return err;
}

/* rmidi->open_mutex */
static int reopen_all(struct ss_midi *sm)
{
	struct snd_rawmidi_substream *ss;
	int i, err = 0;

	ss_for_each_midi_sub(ss, sm, i)
		err = err ?: reopen(sm, ss);
	return err;
}

/**
 * ss_midis_reopen() - the incoming driver learns who has a raw MIDI device open
 * @sc: shadow of the card
 * @txn: the transaction
 *
 * Who closes a device with something unsent keeps its mutex for seconds, and
 * PCMs do not wait for that: ss_midis_resume() does. Nor does a driver that is
 * back lose them for a MIDI stream.
 *
 * Return: 0, or an error and a mismatch if an incoming driver refuses one.
 */
int ss_midis_reopen(struct ss_card *sc, struct lu_txn *txn)
{
	struct ss_midi *sm;
	int err;

	list_for_each_entry(sm, &sc->midis, list) {
		if (!mutex_trylock(&sm->rmidi->open_mutex))
			continue;
		err = reopen_all(sm);
		mutex_unlock(&sm->rmidi->open_mutex);
		if (err && !lu_txn_rolling_back(txn)) {
			lu_mismatch(txn, "midiC%dD%d: open stream refused (%d)", sc->card->number,
				    sm->rmidi->device, err);
			return err;
		}
	}
	return 0;
}

/**
 * ss_midis_part() - a driver goes, its raw MIDI devices stay
 * @sc: shadow of their card
 */
void ss_midis_part(struct ss_card *sc)
{
	struct ss_midi *sm, *next;

	list_for_each_entry_safe_reverse(sm, next, &sc->midis, list) {
		leave_all(sm);
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

/* The driver is in charge. What one cannot know: does somebody wait for input? */
static void take(struct snd_rawmidi_substream *ss, const struct snd_rawmidi_ops *drv)
{
	bool told = ss->ops == &told_ops;

	if (ss->opened && ss->ops == &away_ops)
		return;
	WRITE_ONCE(ss->ops, drv);
	if (told && (ss->stream == SNDRV_RAWMIDI_STREAM_INPUT ||
		     ss->runtime->avail < ss->runtime->buffer_size))
		drv->trigger(ss, 1);
}

/**
 * ss_midis_resume() - raw MIDI devices go to the driver
 * @sc: shadow of the card
 */
void ss_midis_resume(struct ss_card *sc)
{
	struct snd_rawmidi_substream *ss;
	struct ss_midi *sm;
	int i;

	list_for_each_entry(sm, &sc->midis, list) {
		sm->extra = false;
		mutex_lock(&sm->rmidi->open_mutex);
		if (reopen_all(sm))
			pr_warn("midiC%dD%d: the driver refuses an open stream; nothing is sent\n",
				sc->card->number, sm->rmidi->device);
		ss_for_each_midi_sub(ss, sm, i)
			if (sm->drv[i])
				take(ss, sm->drv[i]);
		mutex_unlock(&sm->rmidi->open_mutex);
		wake_up(&sm->rmidi->open_wait);
	}
}
