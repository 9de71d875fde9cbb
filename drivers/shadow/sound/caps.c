// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: what a driver offers on a stream
 *
 * A driver describes a stream when it is opened, and may add rules then: so a
 * stream that nobody has open is opened for a moment, and asked what a client
 * would get. A rate that passes no rule is not offered, whatever the description
 * says.
 */
#include "sound_shadow.h"

#include <linux/fs.h>
#include <linux/slab.h>

static const unsigned int ss_rates[] = {
	5512, 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200,
	96000, 128000, 176400, 192000, 352800, 384000, 705600, 768000,
};

static bool rate_passes(struct snd_pcm_substream *ss, struct snd_pcm_hw_params *p,
			unsigned int rate)
{
	struct snd_interval *i;

	_snd_pcm_hw_params_any(p);
	i = hw_param_interval(p, SNDRV_PCM_HW_PARAM_RATE);
	i->min = rate;
	i->max = rate;
	i->openmin = 0;
	i->openmax = 0;
	i->integer = 1;
	return snd_pcm_hw_refine(ss, p) >= 0;
}

static void caps_take(struct snd_pcm_substream *ss, struct ss_caps *caps)
{
	struct snd_pcm_hw_params *p = kmalloc(sizeof(*p), GFP_KERNEL);
	const struct snd_mask *m;
	size_t i;

	memset(caps, 0, sizeof(*caps));
	if (!p)
		return;
	_snd_pcm_hw_params_any(p);
	if (snd_pcm_hw_refine(ss, p) >= 0) {
		m = hw_param_mask_c(p, SNDRV_PCM_HW_PARAM_FORMAT);
		caps->known = true;
		caps->hw = ss->runtime->hw;
		caps->formats = m->bits[0] | (u64)m->bits[1] << 32;
		caps->rate = *hw_param_interval_c(p, SNDRV_PCM_HW_PARAM_RATE);
		caps->channels = *hw_param_interval_c(p, SNDRV_PCM_HW_PARAM_CHANNELS);
		caps->period_bytes = *hw_param_interval_c(p, SNDRV_PCM_HW_PARAM_PERIOD_BYTES);
		caps->periods = *hw_param_interval_c(p, SNDRV_PCM_HW_PARAM_PERIODS);
		caps->buffer_bytes = *hw_param_interval_c(p, SNDRV_PCM_HW_PARAM_BUFFER_BYTES);
		for (i = 0; i < ARRAY_SIZE(ss_rates); i++)
			if (rate_passes(ss, p, ss_rates[i]))
				caps->rates |= 1U << i;
	}
	kfree(p);
}

/* Open for a moment, as a client would. pcm->open_mutex. */
static int trial(struct ss_stream *st, struct ss_caps *caps)
{
	int direction = st == &st->sp->st[SNDRV_PCM_STREAM_PLAYBACK] ?
			SNDRV_PCM_STREAM_PLAYBACK : SNDRV_PCM_STREAM_CAPTURE;
	struct snd_pcm_substream *ss;
	struct file *file;
	int err;

	/* All that the sound core wants of it is its flags. */
	file = kzalloc(sizeof(*file), GFP_KERNEL);
	if (!file)
		return -ENOMEM;
	file->f_flags = O_RDWR | O_NONBLOCK;
	st->trial = true;
	err = snd_pcm_open_substream(st->sp->pcm, direction, file, &ss);
	if (!err) {
		caps_take(ss, caps);
		snd_pcm_release_substream(ss);
	}
	st->trial = false;
	kfree(file);
	return err;
}

static struct ss_sub *open_sub(struct ss_stream *st)
{
	struct ss_sub *sub;

	ss_for_each_sub(sub, st)
		if (sub->ss->runtime && sub->ss->hw_opened)
			return sub;
	return NULL;
}

static int ask_open(struct ss_sub *sub, struct ss_caps *caps)
{
	struct snd_pcm_runtime *rt = sub->ss->runtime;
	int err = 0;

	mutex_lock(&rt->buffer_mutex);
	if (sub->away && !sub->below)
		err = ss_reopen(sub);
	if (!err)
		caps_take(sub->ss, caps);
	mutex_unlock(&rt->buffer_mutex);
	return err;
}

/**
 * ss_caps_ask() - what does the driver that is bound now offer on a stream?
 * @st: shadow of the stream
 * @caps: the answer
 *
 * Return: 0, or the error with which it does not open.
 */
int ss_caps_ask(struct ss_stream *st, struct ss_caps *caps)
{
	struct mutex *lock = &st->sp->pcm->open_mutex;
	struct ss_sub *sub;
	int err;

	memset(caps, 0, sizeof(*caps));
	mutex_lock(lock);
	sub = open_sub(st);
	err = sub ? ask_open(sub, caps) : trial(st, caps);
	mutex_unlock(lock);
	return err;
}

#define INFO(_bit) { SNDRV_PCM_INFO_##_bit, #_bit }
static const struct {
	u32 bit;
	const char *name;
} info_names[] = {
	INFO(MMAP), INFO(MMAP_VALID), INFO(INTERLEAVED), INFO(NONINTERLEAVED), INFO(COMPLEX),
	INFO(PAUSE), INFO(RESUME), INFO(NO_PERIOD_WAKEUP), INFO(JOINT_DUPLEX),
};

static void verify_range(struct lu_txn *txn, const char *name, const char *what,
			 const struct snd_interval *was, const struct snd_interval *now)
{
	if (now->min > was->min || now->max < was->max)
		lu_mismatch(txn, "%s: %s %u..%u, was %u..%u", name, what, now->min, now->max,
			    was->min, was->max);
}

static void verify_lists(struct lu_txn *txn, const char *name, const struct ss_caps *was,
			 const struct ss_caps *now)
{
	u64 formats = was->formats & ~now->formats;
	u32 rates = was->rates & ~now->rates;
	u32 info = was->hw.info & ~now->hw.info;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(info_names); i++)
		if (info & info_names[i].bit)
			lu_mismatch(txn, "%s: %s missing", name, info_names[i].name);
	for (i = 0; i < 64; i++)
		if (formats & (1ULL << i))
			lu_mismatch(txn, "%s: format %s missing", name,
				    snd_pcm_format_name((__force snd_pcm_format_t)i));
	for (i = 0; i < ARRAY_SIZE(ss_rates); i++)
		if (rates & (1U << i))
			lu_mismatch(txn, "%s: rate %u missing", name, ss_rates[i]);
}

static bool had_chmap(const struct ss_stream *st)
{
	const struct snd_kcontrol *k = st->sp->pcm->streams[st - st->sp->st].chmap_kctl;
	const struct snd_pcm_chmap *info = k ? k->private_data : NULL;

	return info && info->chmap;
}

/**
 * ss_caps_verify() - does the incoming driver offer what the old one did?
 * @st: shadow of a stream that it has
 * @txn: the transaction
 */
void ss_caps_verify(struct ss_stream *st, struct lu_txn *txn)
{
	const struct ss_caps *was = &st->was, *now = &st->now;
	char name[16];
	int err;

	if (!was->known)
		return;
	ss_pcm_name(name, sizeof(name), st);
	if (st->asked < st->nr)
		lu_mismatch(txn, "%s: substreams %u < %u", name, st->asked, st->nr);
	if (!st->mapped && had_chmap(st))
		lu_mismatch(txn, "%s: channel map missing", name);
	err = ss_caps_ask(st, &st->now);
	if (err || !now->known) {
		lu_mismatch(txn, "%s: does not open (%d)", name, err);
		return;
	}
	verify_lists(txn, name, was, now);
	verify_range(txn, name, "rate", &was->rate, &now->rate);
	verify_range(txn, name, "channels", &was->channels, &now->channels);
	verify_range(txn, name, "period bytes", &was->period_bytes, &now->period_bytes);
	verify_range(txn, name, "periods", &was->periods, &now->periods);
	verify_range(txn, name, "buffer bytes", &was->buffer_bytes, &now->buffer_bytes);
}
