// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: a stream without a driver
 *
 * The sound core sees a table of operations that lets the position advance by
 * the clock, and a timer in the place of the interrupt reports each period, so
 * that clients go on. A thread would wait for the CPU while a driver's probe
 * keeps it. What clients write meanwhile is not heard; what they read is silence.
 *
 * A position that steps back would be taken for a whole buffer. Hardware
 * begins at the start of the buffer, so the stream is handed to a driver when
 * the position gets there, and until that has happened it is not let beyond.
 *
 * Everything is told at once, for the sound core's locks are held: only who
 * wants to open a stream is sent back to wait.
 */
#include "sound_shadow.h"

#include <linux/hrtimer.h>
#include <linux/math64.h>

static struct ss_sub *sub_of(const struct snd_pcm_substream *ss)
{
	struct ss_stream *st = container_of(ss->ops, struct ss_stream, away);

	return &st->subs[ss->number];
}

/**
 * ss_sub_open() - open a substream through its driver
 * @sub: shadow of the substream
 *
 * Return: what the driver returned.
 */
int ss_sub_open(struct ss_sub *sub)
{
	struct snd_pcm_hw_constraints *c = &sub->ss->runtime->hw_constraints;
	int err;

	sub->head = c->rules_num;
	err = sub->st->drv->open(sub->ss);
	sub->tail = c->rules_num;
	return err;
}

/* In the place of a driver's own, between updates. */
int ss_drv_open(struct snd_pcm_substream *ss)
{
	struct ss_stream *st = container_of(ss->ops, struct ss_stream, ops);

	return ss_sub_open(&st->subs[ss->number]);
}

static int away_open(struct snd_pcm_substream *ss)
{
	struct ss_sub *sub = sub_of(ss);
	struct ss_card *sc = sub->st->sp->sc;

	if (sub->st->trial)
		return ss_sub_open(sub);
	/* The caller waits for pcm->open_wait, or it did not want to wait. */
	return ss_in_update(sc) && !sc->stuck ? -EAGAIN : -ENODEV;
}

static int away_close(struct snd_pcm_substream *ss)
{
	struct ss_sub *sub = sub_of(ss);
	struct ss_stream *st = sub->st;

	if (st->trial)
		return st->drv->close(ss);
	ss_pretend_end(sub);
	wake_up(&st->sp->sc->wq);
	ss_sub_close(sub);
	if (!ss_in_update(st->sp->sc) && st->drv) {
		ss->ops = &st->ops;
		sub->away = false;
	}
	return 0;
}

static int away_hw_params(struct snd_pcm_substream *ss, struct snd_pcm_hw_params *params)
{
	struct ss_sub *sub = sub_of(ss);
	int err = 0;

	if (sub->below) {
		if (sub->st->drv->hw_params)
			err = sub->st->drv->hw_params(ss, params);
		sub->params = !err;
		return err;
	}
	if (!ss->managed_buffer_alloc && ss->dma_buffer.dev.type)
		err = snd_pcm_lib_malloc_pages(ss, params_buffer_bytes(params));
	return min(err, 0);
}

static int away_hw_free(struct snd_pcm_substream *ss)
{
	struct ss_sub *sub = sub_of(ss);

	if (sub->below && sub->params && sub->st->drv->hw_free)
		sub->st->drv->hw_free(ss);
	sub->params = false;
	sub->ready = false;
	if (!ss->managed_buffer_alloc && ss->runtime->dma_buffer_p)
		snd_pcm_lib_free_pages(ss);
	return 0;
}

static int away_prepare(struct snd_pcm_substream *ss)
{
	struct ss_sub *sub = sub_of(ss);
	int err = 0;

	snd_pcm_stream_lock_irq(ss);
	sub->from = 0;
	sub->silent = 0;
	sub->landing = false;
	snd_pcm_stream_unlock_irq(ss);
	if (sub->below) {
		err = sub->st->drv->prepare(ss);
		sub->ready = !err;
	}
	return err;
}

static int away_sync_stop(struct snd_pcm_substream *ss)
{
	return 0;
}

static u64 buffer_begin(const struct ss_sub *sub, u64 pos)
{
	u64 rest;

	div64_u64_rem(pos, sub->ss->runtime->buffer_size, &rest);
	return rest ? pos + sub->ss->runtime->buffer_size - rest : pos;
}

/* The position begins to advance. Stream lock. */
static void set_going(struct ss_sub *sub)
{
	sub->since = ktime_get();
	sub->told = div64_u64(sub->from, sub->ss->runtime->period_size);
	sub->running = true;
	if (sub->below && sub->ready) {
		sub->limit = buffer_begin(sub, sub->from);
		sub->landing = true;
	}
	ss_pretend_go(sub);
}

static int away_trigger(struct snd_pcm_substream *ss, int cmd)
{
	struct ss_sub *sub = sub_of(ss);

	switch (cmd) {
	case SNDRV_PCM_TRIGGER_START:
	case SNDRV_PCM_TRIGGER_PAUSE_RELEASE:
	case SNDRV_PCM_TRIGGER_RESUME:
		set_going(sub);
		break;
	case SNDRV_PCM_TRIGGER_STOP:
	case SNDRV_PCM_TRIGGER_SUSPEND:
	case SNDRV_PCM_TRIGGER_PAUSE_PUSH:
		sub->from = ss_position(sub);
		sub->running = false;
		sub->landing = false;
		wake_up(&sub->st->sp->sc->wq);
		break;
	default:
		break;
	}
	return 0;
}

/**
 * ss_position() - position of a stream without a driver
 * @sub: shadow of the substream; its stream lock is held
 *
 * Return: frames, counted on beyond the end of the buffer.
 */
u64 ss_position(struct ss_sub *sub)
{
	u64 pos = sub->from;

	if (sub->running)
		pos += mul_u64_u32_div(ktime_to_ns(ktime_sub(ktime_get(), sub->since)),
				       sub->ss->runtime->rate, NSEC_PER_SEC);
	if (sub->landing && pos > sub->limit)
		pos = sub->limit;
	return pos;
}

static void silence_part(struct snd_pcm_runtime *rt, u64 from, u64 frames)
{
	unsigned char *area = rt->dma_area;
	unsigned int c;

	if (rt->access == SNDRV_PCM_ACCESS_RW_INTERLEAVED ||
	    rt->access == SNDRV_PCM_ACCESS_MMAP_INTERLEAVED) {
		snd_pcm_format_set_silence(rt->format, area + frames_to_bytes(rt, from),
					   frames * rt->channels);
		return;
	}
	for (c = 0; c < rt->channels; c++)
		snd_pcm_format_set_silence(rt->format,
					   area + c * (rt->dma_bytes / rt->channels) +
					   samples_to_bytes(rt, from), frames);
}

/* What was not recorded must not be what was recorded a buffer ago. */
static void silence_upto(struct ss_sub *sub, u64 pos)
{
	struct snd_pcm_runtime *rt = sub->ss->runtime;
	u64 n, from, rest;

	if (sub->ss->stream != SNDRV_PCM_STREAM_CAPTURE || !rt->dma_area || pos <= sub->silent)
		return;
	rest = min_t(u64, pos - sub->silent, rt->buffer_size);
	sub->silent = pos;
	div64_u64_rem(pos - rest, rt->buffer_size, &from);
	for (; rest; rest -= n, from = 0) {
		n = min_t(u64, rest, rt->buffer_size - from);
		silence_part(rt, from, n);
	}
}

static snd_pcm_uframes_t away_pointer(struct snd_pcm_substream *ss)
{
	struct ss_sub *sub = sub_of(ss);
	u64 pos = ss_position(sub), rest;

	silence_upto(sub, pos);
	div64_u64_rem(pos, ss->runtime->buffer_size, &rest);
	return rest;
}

const struct snd_pcm_ops ss_away_ops = {
	.open = away_open,
	.close = away_close,
	.hw_params = away_hw_params,
	.hw_free = away_hw_free,
	.prepare = away_prepare,
	.trigger = away_trigger,
	.sync_stop = away_sync_stop,
	.pointer = away_pointer,
};

/* The driver takes over, at the beginning of the buffer. Stream lock. */
static void land(struct ss_sub *sub)
{
	struct snd_pcm_substream *ss = sub->ss;
	struct snd_pcm_substream *master;
	int err;

	snd_pcm_period_elapsed_under_stream_lock(ss);
	if (!sub->running)
		return;		/* the client did not keep up, or was done */
	sub->running = false;
	sub->landing = false;
	sub->away = false;
	ss->ops = &sub->st->ops;
	master = ss->runtime->trigger_master;
	err = ss->ops->trigger(ss, SNDRV_PCM_TRIGGER_START);
	ss->runtime->trigger_master = master;
	if (err)
		snd_pcm_stop(ss, SNDRV_PCM_STATE_XRUN);
	wake_up(&sub->st->sp->sc->wq);
}

static ktime_t time_of(const struct ss_sub *sub, u64 pos)
{
	/* Rounded up, or it would be a moment early. */
	return ktime_add_ns(sub->since, mul_u64_u32_div(pos - sub->from, NSEC_PER_SEC,
							sub->ss->runtime->rate) + 1000);
}

/* Stream lock. Returns the time at which there is something to do again. */
static ktime_t advance(struct ss_sub *sub)
{
	struct snd_pcm_substream *ss = sub->ss;
	u64 pos, period, next;

	pos = ss_position(sub);
	if (sub->landing && pos >= sub->limit) {
		land(sub);
		return KTIME_MAX;
	}
	period = div64_u64(pos, ss->runtime->period_size);
	if (period != sub->told) {
		sub->told = period;
		snd_pcm_period_elapsed_under_stream_lock(ss);
		if (!sub->running)
			return KTIME_MAX;
	}
	next = (period + 1) * ss->runtime->period_size;
	return time_of(sub, sub->landing ? min(next, sub->limit) : next);
}

static enum hrtimer_restart pretend(struct hrtimer *timer)
{
	struct ss_sub *sub = container_of(timer, struct ss_sub, timer);
	bool again = false;
	unsigned long flags;
	ktime_t next;

	snd_pcm_stream_lock_irqsave(sub->ss, flags);
	if (sub->away && sub->running) {
		next = advance(sub);
		/* It may have been started anew while it waited for the lock. */
		again = next != KTIME_MAX && !hrtimer_is_queued(timer);
		if (again)
			hrtimer_set_expires(timer, next);
	}
	snd_pcm_stream_unlock_irqrestore(sub->ss, flags);
	return again ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

/**
 * ss_pretend_init() - a substream can pretend
 * @sub: its new shadow
 */
void ss_pretend_init(struct ss_sub *sub)
{
	hrtimer_init(&sub->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	sub->timer.function = pretend;
}

/**
 * ss_pretend_go() - there is something to do for the timer
 * @sub: shadow of a substream without a driver; its stream lock is held
 */
void ss_pretend_go(struct ss_sub *sub)
{
	hrtimer_start(&sub->timer, ktime_get(), HRTIMER_MODE_ABS);
}

/**
 * ss_pretend_end() - the substream goes
 * @sub: its shadow; no lock is held that the timer takes
 */
void ss_pretend_end(struct ss_sub *sub)
{
	snd_pcm_stream_lock_irq(sub->ss);
	sub->running = false;
	sub->landing = false;
	snd_pcm_stream_unlock_irq(sub->ss);
	hrtimer_cancel(&sub->timer);
}
