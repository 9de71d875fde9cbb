// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: the moment to stop
 *
 * Hardware begins at the start of the buffer, so a stream that was stopped
 * anywhere has to wait for the rest of its buffer when the incoming driver is
 * ready. How long a hand-over of this card takes is known from those before;
 * at first it is guessed from how long the driver took to make the card. So the
 * driver goes on until what is left of the buffer is as long as that. Nothing is
 * heard of this wait, and a wrong guess costs what no guess would.
 *
 * A hand-over that is late costs a whole buffer, one that is early some
 * milliseconds. So what is expected is the average and three times the mean
 * deviation, which are learned as TCP learns them of its round trips (V. Jacobson,
 * Congestion Avoidance and Control, 1988).
 */
#include "sound_shadow.h"

#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/slab.h>

/**
 * ss_moment_expected() - how long the next hand-over of a card will take, in ns
 * @sc: shadow of the card
 */
u64 ss_moment_expected(const struct ss_card *sc)
{
	return ktime_to_ns(sc->takes) + 3 * ktime_to_ns(sc->varies) + 2 * NSEC_PER_MSEC;
}

static u64 frames_to_ns(const struct snd_pcm_runtime *rt, u64 frames)
{
	return mul_u64_u32_div(frames, NSEC_PER_SEC, rt->rate);
}

/* How long until stopping @sub lets it be at the beginning when a driver is ready? */
static u64 time_left(const struct ss_sub *sub)
{
	struct snd_pcm_runtime *rt = sub->ss->runtime;
	u64 pos, rest;

	pos = sub->st->drv->pointer(sub->ss);
	if (pos >= rt->buffer_size)
		return 0;
	pos += mul_u64_u32_div(ss_moment_expected(sub->st->sp->sc), rt->rate, NSEC_PER_SEC);
	div64_u64_rem(pos, rt->buffer_size, &rest);
	return rest ? frames_to_ns(rt, rt->buffer_size - rest) : 0;
}

/* Asks a stream that runs; false for another. pcm->open_mutex. */
static bool ask_locked(struct ss_sub *sub, u64 *left, u64 *whole)
{
	struct snd_pcm_substream *ss = sub->ss;
	bool runs;

	if (!ss->runtime || !sub->st->drv)
		return false;
	snd_pcm_stream_lock_irq(ss);
	runs = ss->hw_opened && !sub->away && snd_pcm_running(ss);
	if (runs) {
		*left = time_left(sub);
		*whole = frames_to_ns(ss->runtime, ss->runtime->buffer_size);
	}
	snd_pcm_stream_unlock_irq(ss);
	return runs;
}

static bool ask(struct ss_sub *sub, u64 *left, u64 *whole)
{
	struct mutex *lock = &sub->st->sp->pcm->open_mutex;
	bool runs;

	mutex_lock(lock);
	runs = ask_locked(sub, left, whole);
	mutex_unlock(lock);
	return runs;
}

#define SS_ASKED 16

struct ss_asked {
	unsigned int nr;
	struct ss_sub *sub[SS_ASKED];
	u64 left[SS_ASKED];
	u64 whole[SS_ASKED];
};

static void ask_card(struct ss_card *sc, struct ss_asked *a)
{
	struct ss_stream *st;
	struct ss_sub *sub;

	ss_for_each_stream(st, sc)
		ss_for_each_sub(sub, st)
			if (a->nr < SS_ASKED && ask(sub, &a->left[a->nr], &a->whole[a->nr]))
				a->sub[a->nr++] = sub;
}

/* When all are stopped at @when, how long does the last one wait? */
static u64 longest_wait(const struct ss_asked *a, u64 when)
{
	u64 wait, rest, longest = 0;
	unsigned int i;

	for (i = 0; i < a->nr; i++) {
		if (when <= a->left[i]) {
			wait = a->left[i] - when;
		} else {
			div64_u64_rem(when - a->left[i], a->whole[i], &rest);
			wait = rest ? a->whole[i] - rest : 0;
		}
		longest = max(longest, wait);
	}
	return longest;
}

static void sleep_ns(u64 ns)
{
	ktime_t t = ns_to_ktime(ns);

	set_current_state(TASK_IDLE);
	schedule_hrtimeout(&t, HRTIMER_MODE_REL);
}

/* From here on it is watched. */
#define SS_WATCHED	(30 * NSEC_PER_MSEC)
#define SS_LOOK		(NSEC_PER_MSEC / 2)

/*
 * A position may advance in steps. The last moment is when one more of them,
 * and we would have missed it; then there is another one a buffer later.
 */
static void watch(struct ss_sub *sub, unsigned long until)
{
	u64 left, whole, before = 0, step = 0;
	ktime_t last = ktime_get(), now;
	s64 ahead;

	while (ask(sub, &left, &whole) && left > step + 2 * SS_LOOK &&
	       time_before(jiffies, until)) {
		now = ktime_get();
		/* How far ahead of the clock is it since we looked last? */
		ahead = (s64)(before - left) - ktime_to_ns(ktime_sub(now, last));
		if (before > left && ahead > (s64)step)
			step = min_t(u64, ahead, whole / 2);
		before = left;
		last = now;
		sleep_ns(left > step + SS_WATCHED ? left - step - SS_WATCHED : SS_LOOK);
	}
}

/**
 * ss_moment_wait() - wait for the moment to stop the streams of a transaction
 * @txn: the transaction; its streams run
 * @deadline: jiffies, of the whole step
 */
void ss_moment_wait(struct lu_txn *txn, unsigned long deadline)
{
	long limit = max(0L, (long)(deadline - jiffies)) / 2;
	struct ss_sub *sub = NULL;
	struct ss_asked *a;
	u64 laps = 0;
	struct ss_card *sc;
	u64 wait, best;
	unsigned int i;

	a = kzalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return;
	ss_for_each(sc, txn)
		ask_card(sc, a);
	best = longest_wait(a, 0);
	for (i = 0; i < a->nr; i++) {
		wait = longest_wait(a, a->left[i]);
		if (wait >= best || nsecs_to_jiffies64(a->left[i]) >= limit)
			continue;
		best = wait;
		sub = a->sub[i];
		/* Who misses it twice will miss it again. */
		laps = a->left[i] + 2 * a->whole[i];
	}
	kfree(a);
	if (sub)
		watch(sub, jiffies + min_t(u64, limit, nsecs_to_jiffies64(laps) + 1));
}

/**
 * ss_moment_made() - a driver has made a card, and is about to register it
 * @sc: shadow of the card
 *
 * A first guess: most of a hand-over is that a driver comes, and what the sound
 * core does to register a card is not done again. That the old one goes, and that
 * streams are opened, comes on top.
 */
void ss_moment_made(struct ss_card *sc)
{
	sc->takes = ktime_sub(ktime_get(), sc->made);
	sc->varies = sc->takes / 8 + 8 * NSEC_PER_MSEC;
}

/* One more hand-over. The first one counts for what was only a guess. */
static void learn(struct ss_card *sc, ktime_t took)
{
	s64 off = took - sc->takes;

	if (!sc->learned) {
		sc->takes = took;
		sc->varies = took / 8;
		sc->learned = true;
		return;
	}
	sc->takes += off / 8;
	sc->varies += (abs(off) - sc->varies) / 4;
}

/**
 * ss_moment_stopped() - a stream of a card was stopped
 * @sc: shadow of the card
 */
void ss_moment_stopped(struct ss_card *sc)
{
	if (!sc->stopped)
		sc->stopped = ktime_get();
}

/**
 * ss_moment_ready() - its streams can be handed to a driver
 * @sc: shadow of the card
 * @there: an incoming driver's, and nothing went wrong
 */
void ss_moment_ready(struct ss_card *sc, bool there)
{
	if (sc->stopped && there)
		learn(sc, ktime_sub(ktime_get(), sc->stopped));
	sc->stopped = 0;
}
