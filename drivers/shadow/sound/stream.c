// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: open streams
 *
 * At quiesce the driver is stopped and closed below the sound core, which does
 * not notice: state, buffer and positions are its own. Where it was, the stream
 * goes on pretending. The incoming driver is opened, told the parameters and to
 * prepare likewise, and started when the position is at the beginning of the
 * buffer. A stream whose buffer is long, or that is paused, may still pretend
 * when the update is over.
 */
#include "sound_shadow.h"

#include <linux/interrupt.h>
#include <linux/slab.h>

static bool is_open(const struct ss_sub *sub)
{
	return sub->ss->runtime && sub->ss->hw_opened;
}

static bool has_params(const struct snd_pcm_runtime *rt)
{
	return rt->state != SNDRV_PCM_STATE_OPEN && rt->state != SNDRV_PCM_STATE_DISCONNECTED;
}

/* Must a driver that takes it over be told to prepare? */
static bool is_prepared(const struct snd_pcm_substream *ss)
{
	switch (ss->runtime->state) {
	case SNDRV_PCM_STATE_PREPARED:
	case SNDRV_PCM_STATE_RUNNING:
	case SNDRV_PCM_STATE_PAUSED:
		return true;
	case SNDRV_PCM_STATE_DRAINING:
		return ss->stream == SNDRV_PCM_STREAM_PLAYBACK;
	default:
		return false;
	}
}

/* Why an open substream cannot be carried over, or NULL. pcm->open_mutex. */
static const char *sub_refusal(const struct ss_sub *sub)
{
	const struct snd_pcm_ops *drv = sub->st->drv;

	if (!is_open(sub) || sub->away)
		return NULL;
	if (drv->page || drv->mmap || drv->ack || drv->fill_silence || ss_ops_copy(drv))
		return "its driver moves the samples itself";
	if (sub->ss->pcm->nonatomic)
		return "its driver sleeps where a timer cannot";
	if (snd_pcm_stream_linked(sub->ss))
		return "it is linked to another stream";
	if (sub->ss->runtime->state == SNDRV_PCM_STATE_SUSPENDED)
		return "it is suspended";
	return NULL;
}

static int stream_refusal(struct ss_stream *st, struct lu_txn *txn)
{
	const char *why;
	struct ss_sub *sub;
	char name[16];

	ss_for_each_sub(sub, st) {
		why = sub_refusal(sub);
		if (!why)
			continue;
		ss_pcm_name(name, sizeof(name), st);
		lu_mismatch(txn, "%s: open stream cannot be carried over: %s", name, why);
		return -EBUSY;
	}
	return 0;
}

/**
 * ss_stream_refusal() - can a stream be carried over now?
 * @st: shadow of the stream
 * @txn: the transaction
 *
 * Notes what its driver offers.
 *
 * Return: 0, or an error and a mismatch tells why not.
 */
int ss_stream_refusal(struct ss_stream *st, struct lu_txn *txn)
{
	char name[16];
	int err;

	if (!st->nr || st->lost)
		return 0;
	if (!st->drv) {
		ss_pcm_name(name, sizeof(name), st);
		lu_mismatch(txn, "%s: its operations are not known", name);
		return -EOPNOTSUPP;
	}
	mutex_lock(&st->sp->pcm->open_mutex);
	err = stream_refusal(st, txn);
	mutex_unlock(&st->sp->pcm->open_mutex);
	if (err)
		return err;
	/* If it does not open now, nothing is known, and nothing can be lost. */
	ss_caps_ask(st, &st->was);
	return 0;
}

/* Where is it, and is it going on? The driver stops. Stream lock. */
static void note_position(struct ss_sub *sub)
{
	const struct snd_pcm_ops *drv = sub->st->drv;
	struct snd_pcm_substream *ss = sub->ss;
	struct snd_pcm_runtime *rt = ss->runtime;
	snd_pcm_uframes_t pos;

	sub->running = snd_pcm_running(ss);
	sub->from = rt->status->hw_ptr - rt->hw_ptr_base;
	if (sub->running) {
		pos = drv->pointer(ss);
		if (pos < rt->buffer_size)
			sub->from = pos;
	}
	if (sub->running || rt->state == SNDRV_PCM_STATE_PAUSED)
		drv->trigger(ss, SNDRV_PCM_TRIGGER_STOP);
	sub->since = ktime_get();
	sub->told = div64_u64(sub->from, rt->period_size);
	sub->silent = sub->from;
	sub->landing = false;
}

/**
 * ss_sub_close() - the driver lets go of a substream
 * @sub: shadow; the sound core sees the table that pretends
 */
void ss_sub_close(struct ss_sub *sub)
{
	const struct snd_pcm_ops *drv = sub->st->drv;
	struct snd_pcm_substream *ss = sub->ss;
	struct snd_pcm_runtime *rt = ss->runtime;

	if (!sub->below)
		return;
	if (drv->sync_stop)
		drv->sync_stop(ss);
	else if (ss->pcm->card->sync_irq > 0)
		synchronize_irq(ss->pcm->card->sync_irq);
	if (sub->params && drv->hw_free)
		drv->hw_free(ss);
	drv->close(ss);
	if (rt->private_free)
		rt->private_free(rt);
	rt->private_free = NULL;
	rt->private_data = NULL;
	sub->below = false;
	sub->params = false;
	sub->ready = false;
}

/* The sound core sees the table that pretends. pcm->open_mutex. */
static void take_off(struct ss_sub *sub)
{
	struct snd_pcm_substream *ss = sub->ss;
	bool open = is_open(sub);

	if (open)
		mutex_lock(&ss->runtime->buffer_mutex);
	snd_pcm_stream_lock_irq(ss);
	if (!sub->away) {
		sub->below = open;
		sub->params = open && has_params(ss->runtime);
		if (sub->params)
			note_position(sub);
		ss->ops = &sub->st->away;
		sub->away = true;
	}
	sub->landing = false;
	if (sub->running)
		ss_pretend_go(sub);
	snd_pcm_stream_unlock_irq(ss);
	ss_sub_close(sub);
	if (open)
		mutex_unlock(&ss->runtime->buffer_mutex);
}

static bool any_running(struct ss_stream *st)
{
	struct ss_sub *sub;

	ss_for_each_sub(sub, st)
		if (is_open(sub) && snd_pcm_running(sub->ss))
			return true;
	return false;
}

/**
 * ss_streams_away() - streams of a card go on without a driver
 * @sc: shadow of the card
 * @txn: the transaction
 *
 * Return: 0 or an error; then some streams may be away.
 */
int ss_streams_away(struct ss_card *sc, struct lu_txn *txn)
{
	struct ss_stream *st;
	struct ss_sub *sub;
	int err = 0;

	ss_for_each_stream(st, sc) {
		mutex_lock(&st->sp->pcm->open_mutex);
		err = err ?: stream_refusal(st, txn);
		if (!err && any_running(st)) {
			lu_txn_blackout_start(txn);
			ss_moment_stopped(sc);
		}
		if (!err)
			ss_for_each_sub(sub, st)
				take_off(sub);
		mutex_unlock(&st->sp->pcm->open_mutex);
	}
	return err;
}

/**
 * ss_streams_part() - a driver goes; it may have been told to open some
 * @sc: shadow of the card
 */
void ss_streams_part(struct ss_card *sc)
{
	struct ss_stream *st;
	struct ss_sub *sub;

	ss_for_each_stream(st, sc) {
		mutex_lock(&st->sp->pcm->open_mutex);
		if (!st->sp->extra)
			ss_for_each_sub(sub, st)
				take_off(sub);
		mutex_unlock(&st->sp->pcm->open_mutex);
	}
}

static int replay_params(struct ss_sub *sub, struct lu_txn *txn)
{
	const struct snd_pcm_ops *drv = sub->st->drv;
	struct snd_pcm_substream *ss = sub->ss;
	struct snd_pcm_runtime *rt = ss->runtime;
	struct snd_pcm_hw_params *params;
	char name[16];
	int err;

	params = kzalloc(sizeof(*params), GFP_KERNEL);
	if (!params)
		return -ENOMEM;
	err = ss_open_params(sub, params);
	if (!err && drv->hw_params)
		err = drv->hw_params(ss, params);
	kfree(params);
	sub->params = err >= 0;
	if (err >= 0 && is_prepared(ss)) {
		err = drv->prepare(ss);
		sub->ready = err >= 0;
	}
	if (err >= 0)
		return 0;
	ss_pcm_name(name, sizeof(name), sub->st);
	lu_mismatch(txn, "%s: open stream refused (%d): %s, %u channels, %u Hz, %lu by %lu",
		    name, err, snd_pcm_format_name(rt->format), rt->channels, rt->rate,
		    rt->buffer_size, rt->period_size);
	return err;
}

/* pcm->open_mutex */
static int replay_sub(struct ss_sub *sub, struct lu_txn *txn)
{
	struct snd_pcm_runtime *rt = sub->ss->runtime;
	int err = 0;

	if (!is_open(sub) || !sub->away || !sub->st->drv)
		return 0;
	mutex_lock(&rt->buffer_mutex);
	if (!sub->below)
		err = ss_reopen(sub);
	if (!err && !sub->params && has_params(rt))
		err = replay_params(sub, txn);
	mutex_unlock(&rt->buffer_mutex);
	return err;
}

/**
 * ss_streams_replay() - the driver that is bound now is told of open streams
 * @sc: shadow of the card
 * @txn: the transaction
 *
 * Return: 0 or an error.
 */
int ss_streams_replay(struct ss_card *sc, struct lu_txn *txn)
{
	struct ss_stream *st;
	struct ss_sub *sub;
	int err = 0;

	ss_for_each_stream(st, sc) {
		mutex_lock(&st->sp->pcm->open_mutex);
		ss_for_each_sub(sub, st)
			if (!err)
				err = replay_sub(sub, txn);
		mutex_unlock(&st->sp->pcm->open_mutex);
	}
	return err;
}

/* The driver has it, or will have it at the beginning of the buffer. */
static void approach(struct ss_sub *sub)
{
	struct snd_pcm_substream *ss = sub->ss;
	u64 pos, rest;

	snd_pcm_stream_lock_irq(ss);
	if (!sub->away || !sub->st->drv) {
		snd_pcm_stream_unlock_irq(ss);
		return;
	}
	if (is_open(sub) && sub->running) {
		pos = ss_position(sub);
		div64_u64_rem(pos, ss->runtime->buffer_size, &rest);
		sub->limit = rest ? pos - rest + ss->runtime->buffer_size : pos;
		sub->landing = true;
		ss_pretend_go(sub);
	} else if (!is_open(sub) || ss->runtime->state != SNDRV_PCM_STATE_PAUSED) {
		ss->ops = &sub->st->ops;
		sub->away = false;
	}
	snd_pcm_stream_unlock_irq(ss);
	if (!sub->away)
		hrtimer_cancel(&sub->timer);
}

/**
 * ss_streams_land() - streams go to the driver
 * @sc: shadow of the card
 *
 * Those that run do so one after the other, see ss_streams_landed().
 */
void ss_streams_land(struct ss_card *sc)
{
	struct ss_stream *st;
	struct ss_sub *sub;

	ss_for_each_stream(st, sc) {
		mutex_lock(&st->sp->pcm->open_mutex);
		ss_for_each_sub(sub, st)
			approach(sub);
		mutex_unlock(&st->sp->pcm->open_mutex);
	}
	ss_streams_wake(sc);
}

/**
 * ss_streams_wake() - who wants to open a stream tries again
 * @sc: shadow of the card
 */
void ss_streams_wake(struct ss_card *sc)
{
	struct ss_pcm *sp;

	list_for_each_entry(sp, &sc->pcms, list)
		wake_up(&sp->pcm->open_wait);
}

bool ss_streams_landed(struct ss_card *sc)
{
	struct ss_stream *st;
	struct ss_sub *sub;

	ss_for_each_stream(st, sc)
		ss_for_each_sub(sub, st)
			if (READ_ONCE(sub->landing))
				return false;
	return true;
}
