// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: another driver below an open substream
 *
 * What a client may ask for is in the runtime as masks, intervals and rules: the
 * sound core's first ones, those that the driver adds in open(), and the sound
 * core's last ones, which depend on the driver's description. The first and the
 * last are made anew here, with the incoming driver's open() in between. Rules
 * of the outgoing driver point into its module.
 *
 * The sound core applies rules without a lock, so an array of them is freed when
 * nobody can be about to look at it.
 */
#include "sound_shadow.h"

#include <linux/dma-mapping.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

/* Rules that a driver may add before the array is allocated again. */
#define SS_SPARE_RULES 32

static const unsigned int usual_rates[] = {
	5512, 8000, 11025, 16000, 22050, 32000, 44100, 48000, 64000, 88200, 96000, 176400,
	192000, 352800, 384000,
};

/* In the place of the sound core's own, which nobody else can name. */
static int rule_rate(struct snd_pcm_hw_params *params, struct snd_pcm_hw_rule *rule)
{
	const struct snd_pcm_hardware *hw = rule->private;

	return snd_interval_list(hw_param_interval(params, rule->var), ARRAY_SIZE(usual_rates),
				 usual_rates, hw->rates);
}

static void anything_goes(struct snd_pcm_hw_constraints *c)
{
	int k;

	for (k = SNDRV_PCM_HW_PARAM_FIRST_MASK; k <= SNDRV_PCM_HW_PARAM_LAST_MASK; k++)
		snd_mask_any(constrs_mask(c, k));
	for (k = SNDRV_PCM_HW_PARAM_FIRST_INTERVAL; k <= SNDRV_PCM_HW_PARAM_LAST_INTERVAL; k++)
		snd_interval_any(constrs_interval(c, k));
	snd_interval_setinteger(constrs_interval(c, SNDRV_PCM_HW_PARAM_CHANNELS));
	snd_interval_setinteger(constrs_interval(c, SNDRV_PCM_HW_PARAM_BUFFER_SIZE));
	snd_interval_setinteger(constrs_interval(c, SNDRV_PCM_HW_PARAM_BUFFER_BYTES));
	snd_interval_setinteger(constrs_interval(c, SNDRV_PCM_HW_PARAM_SAMPLE_BITS));
	snd_interval_setinteger(constrs_interval(c, SNDRV_PCM_HW_PARAM_FRAME_BITS));
}

static bool can_mmap(const struct snd_pcm_substream *ss)
{
	const struct snd_dma_buffer *buf = ss->runtime->dma_buffer_p ?: &ss->dma_buffer;

	if (!(ss->runtime->hw.info & SNDRV_PCM_INFO_MMAP))
		return false;
	switch (buf->dev.type) {
	case SNDRV_DMA_TYPE_UNKNOWN:
	case SNDRV_DMA_TYPE_CONTINUOUS:
	case SNDRV_DMA_TYPE_VMALLOC:
		return true;
	default:
		return dma_can_mmap(buf->dev.dev);
	}
}

static u32 access_bit(snd_pcm_access_t access)
{
	return 1U << (__force int)access;
}

static u32 access_mask(const struct snd_pcm_substream *ss)
{
	u32 info = ss->runtime->hw.info, mask = 0;
	bool mmap = can_mmap(ss);

	if (info & SNDRV_PCM_INFO_INTERLEAVED)
		mask |= access_bit(SNDRV_PCM_ACCESS_RW_INTERLEAVED) |
			(mmap ? access_bit(SNDRV_PCM_ACCESS_MMAP_INTERLEAVED) : 0);
	if (info & SNDRV_PCM_INFO_NONINTERLEAVED)
		mask |= access_bit(SNDRV_PCM_ACCESS_RW_NONINTERLEAVED) |
			(mmap ? access_bit(SNDRV_PCM_ACCESS_MMAP_NONINTERLEAVED) : 0);
	if (mmap && (info & SNDRV_PCM_INFO_COMPLEX))
		mask |= access_bit(SNDRV_PCM_ACCESS_MMAP_COMPLEX);
	return mask;
}

static bool needs_rate_rule(const struct snd_pcm_hardware *hw)
{
	return !(hw->rates & (SNDRV_PCM_RATE_KNOT | SNDRV_PCM_RATE_CONTINUOUS));
}

static int add_rule(struct snd_pcm_runtime *rt, const struct snd_pcm_hw_rule *r)
{
	return snd_pcm_hw_rule_add(rt, r->cond, r->var, r->func, r->private, r->deps[0],
				   r->deps[1], r->deps[2], r->deps[3], -1);
}

/* The last rules are those of before, but for one that depends on the driver. */
static int last_rules(struct snd_pcm_runtime *rt, const struct snd_pcm_hw_rule *old,
		      unsigned int nr)
{
	bool rate = needs_rate_rule(&rt->hw);
	unsigned int i;
	int err = 0;

	for (i = 0; i < nr && !err; i++)
		if (old[i].private != &rt->hw)
			err = add_rule(rt, &old[i]);
	if (!err && rate)
		err = snd_pcm_hw_rule_add(rt, 0, SNDRV_PCM_HW_PARAM_RATE, rule_rate, &rt->hw,
					  SNDRV_PCM_HW_PARAM_RATE, -1);
	return err;
}

static int last_constraints(struct snd_pcm_substream *ss, const struct snd_pcm_hw_rule *old,
			    unsigned int nr)
{
	struct snd_pcm_runtime *rt = ss->runtime;
	struct snd_pcm_hw_constraints *c = &rt->hw_constraints;
	const struct snd_pcm_hardware *hw = &rt->hw;
	int err;

	constrs_mask(c, SNDRV_PCM_HW_PARAM_ACCESS)->bits[0] &= access_mask(ss);
	constrs_mask(c, SNDRV_PCM_HW_PARAM_SUBFORMAT)->bits[0] &= ss_subformats();
	err = snd_pcm_hw_constraint_mask64(rt, SNDRV_PCM_HW_PARAM_FORMAT, hw->formats);
	if (err >= 0)
		err = snd_pcm_hw_constraint_minmax(rt, SNDRV_PCM_HW_PARAM_CHANNELS,
						   hw->channels_min, hw->channels_max);
	if (err >= 0)
		err = snd_pcm_hw_constraint_minmax(rt, SNDRV_PCM_HW_PARAM_RATE, hw->rate_min,
						   hw->rate_max);
	if (err >= 0)
		err = snd_pcm_hw_constraint_minmax(rt, SNDRV_PCM_HW_PARAM_PERIOD_BYTES,
						   hw->period_bytes_min, hw->period_bytes_max);
	if (err >= 0)
		err = snd_pcm_hw_constraint_minmax(rt, SNDRV_PCM_HW_PARAM_PERIODS,
						   hw->periods_min, hw->periods_max);
	if (err >= 0)
		err = snd_pcm_hw_constraint_minmax(rt, SNDRV_PCM_HW_PARAM_BUFFER_BYTES,
						   hw->period_bytes_min, hw->buffer_bytes_max);
	if (err >= 0)
		err = last_rules(rt, old, nr);
	if (err >= 0)
		err = snd_pcm_hw_constraint_integer(rt, SNDRV_PCM_HW_PARAM_PERIOD_SIZE);
	if (ss->managed_buffer_alloc && ss->dma_buffer.dev.need_sync)
		rt->hw.info |= SNDRV_PCM_INFO_EXPLICIT_SYNC;
	return min(err, 0);
}

static int park(struct ss_sub *sub, void *rules)
{
	unsigned int i;

	for (i = 0; i < SS_PARKED; i++)
		if (!sub->parked[i]) {
			sub->parked[i] = rules;
			return 0;
		}
	return -EBUSY;
}

/**
 * ss_reopen() - open a substream, which its client has open, through its driver
 * @sub: shadow of the substream; pcm->open_mutex and runtime->buffer_mutex are held
 *
 * Return: 0 or an error.
 */
int ss_reopen(struct ss_sub *sub)
{
	struct snd_pcm_substream *ss = sub->ss;
	struct snd_pcm_runtime *rt = ss->runtime;
	struct snd_pcm_hw_constraints *c = &rt->hw_constraints;
	unsigned int old_nr = c->rules_num, old_tail = sub->tail;
	struct snd_pcm_hw_rule *old = c->rules, *rules;
	int err;

	rules = kcalloc(old_nr + SS_SPARE_RULES, sizeof(*rules), GFP_KERNEL);
	if (!rules)
		return -ENOMEM;
	memcpy(rules, old, sub->head * sizeof(*rules));
	err = park(sub, old);
	if (err) {
		kfree(rules);
		return err;
	}
	/* Whoever applies rules at this moment finds some of them, and comes again. */
	WRITE_ONCE(c->rules_num, 0);
	/* No number of rules beyond the array that is found. */
	smp_wmb();
	WRITE_ONCE(c->rules, rules);
	c->rules_all = old_nr + SS_SPARE_RULES;
	anything_goes(c);
	/* The rules are there before their number says so. */
	smp_wmb();
	WRITE_ONCE(c->rules_num, sub->head);
	memset(&rt->hw, 0, sizeof(rt->hw));
	ss->private_data = ss->pcm->private_data;

	err = ss_sub_open(sub);
	if (err < 0) {
		/* There are too few rules now: for a driver that asks to begin with. */
		sub->tail = c->rules_num;
		return err;
	}
	sub->below = true;
	return last_constraints(ss, old + old_tail, old_nr - old_tail);
}

static void fix(struct snd_pcm_hw_params *params, int var, unsigned int value)
{
	struct snd_interval *i = hw_param_interval(params, var);

	i->min = value;
	i->max = value;
	i->openmin = 0;
	i->openmax = 0;
	i->integer = 1;
}

static void fix_mask(struct snd_pcm_hw_params *params, int var, unsigned int value)
{
	struct snd_mask *m = hw_param_mask(params, var);

	snd_mask_none(m);
	snd_mask_set(m, value);
}

/**
 * ss_open_params() - what a client and a driver once agreed upon
 * @sub: shadow of an open substream; runtime->buffer_mutex is held
 * @params: filled in
 *
 * Return: 0, or an error if the driver below would not agree.
 */
int ss_open_params(struct ss_sub *sub, struct snd_pcm_hw_params *params)
{
	struct snd_pcm_runtime *rt = sub->ss->runtime;
	int err;

	_snd_pcm_hw_params_any(params);
	if (rt->no_period_wakeup)
		params->flags |= SNDRV_PCM_HW_PARAMS_NO_PERIOD_WAKEUP;
	fix_mask(params, SNDRV_PCM_HW_PARAM_ACCESS, (__force unsigned int)rt->access);
	fix_mask(params, SNDRV_PCM_HW_PARAM_FORMAT, (__force unsigned int)rt->format);
	fix_mask(params, SNDRV_PCM_HW_PARAM_SUBFORMAT, (__force unsigned int)rt->subformat);
	fix(params, SNDRV_PCM_HW_PARAM_CHANNELS, rt->channels);
	fix(params, SNDRV_PCM_HW_PARAM_RATE, rt->rate);
	fix(params, SNDRV_PCM_HW_PARAM_PERIOD_SIZE, rt->period_size);
	fix(params, SNDRV_PCM_HW_PARAM_BUFFER_SIZE, rt->buffer_size);
	err = snd_pcm_hw_refine(sub->ss, params);
	if (err < 0)
		return err;
	params->info = rt->info;
	params->rate_num = rt->rate_num;
	params->rate_den = rt->rate_den;
	params->msbits = rt->sample_bits;
	return 0;
}

/**
 * ss_reopen_settle() - nobody looks at rules that are no more
 * @sc: shadow of a card whose transaction is over
 */
void ss_reopen_settle(struct ss_card *sc)
{
	bool waited = false;
	struct ss_stream *st;
	struct ss_sub *sub;
	unsigned int i;

	ss_for_each_stream(st, sc)
		ss_for_each_sub(sub, st)
			for (i = 0; i < SS_PARKED && sub->parked[i]; i++) {
				if (!waited)
					synchronize_rcu_tasks();
				waited = true;
				kfree(sub->parked[i]);
				sub->parked[i] = NULL;
			}
}
