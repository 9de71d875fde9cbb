// SPDX-License-Identifier: GPL-2.0
/*
 * A fake driver of sound cards, in three versions: two PCMs that play and
 * record nothing by the clock, with a timer for the interrupt, and some
 * controls. It calls the sound core through the taps, as the imports of a
 * managed driver would be bound, and keeps books on what it was told.
 */
#include "../../drivers/shadow/sound/sound_shadow.h"

#include <linux/hrtimer.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <sound/rawmidi.h>

#include "fake_card.h"

#define KT_CHIP_MAGIC	0x6b747364

struct kt_chip;

/* A stream that is open. */
struct kt_voice {
	struct kt_chip *chip;
	struct snd_pcm_substream *ss;
	struct hrtimer timer;
	ktime_t start;
	bool going;
	bool prepared;
};

/* The card's private area. */
struct kt_chip {
	u32 magic;
	unsigned int nr;
	unsigned int device;
	struct snd_card *card;
	struct snd_pcm *pcm[2];
	int parts[3];
};

struct kt_card_env kt_cards;

static struct kt_card_seen *seen_of(const struct kt_chip *chip)
{
	return &kt_cards.seen[chip->nr];
}

static void freed(const struct kt_chip *chip, char what)
{
	char *order = seen_of(chip)->order[chip->device];
	size_t len = strlen(order);

	if (chip->magic != KT_CHIP_MAGIC)
		atomic_inc(&seen_of(chip)->wrong);
	if (len + 1 < KT_CARD_ORDER)
		order[len] = what;
}

/* Streams */

static ktime_t period_time(const struct snd_pcm_runtime *rt)
{
	return ns_to_ktime(div_u64((u64)rt->period_size * NSEC_PER_SEC, rt->rate));
}

static enum hrtimer_restart kt_period(struct hrtimer *timer)
{
	struct kt_voice *v = container_of(timer, struct kt_voice, timer);
	struct snd_pcm_runtime *rt = v->ss->runtime;

	if (!READ_ONCE(v->going))
		return HRTIMER_NORESTART;
	snd_pcm_period_elapsed(v->ss);
	if (!READ_ONCE(v->going))
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, period_time(rt));
	return HRTIMER_RESTART;
}

static int kt_open(struct snd_pcm_substream *ss)
{
	struct kt_chip *chip = ss->private_data;
	const struct kt_card_offer *offer = &kt_cards.offer[chip->nr];
	struct kt_voice *v;

	if (offer->open_err)
		return offer->open_err;
	v = kzalloc(sizeof(*v), GFP_KERNEL);
	if (!v)
		return -ENOMEM;
	v->chip = chip;
	v->ss = ss;
	hrtimer_init(&v->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	v->timer.function = kt_period;
	ss->runtime->private_data = v;
	ss->runtime->hw = (struct snd_pcm_hardware) {
		.info = SNDRV_PCM_INFO_MMAP | SNDRV_PCM_INFO_INTERLEAVED |
			SNDRV_PCM_INFO_MMAP_VALID | offer->info,
		.formats = offer->formats,
		.rates = offer->rates,
		.rate_min = 8000,
		.rate_max = KT_CARD_RATE,
		.channels_min = 1,
		.channels_max = offer->channels,
		.buffer_bytes_max = offer->buffer,
		.period_bytes_min = offer->period,
		.period_bytes_max = 65536,
		.periods_min = 2,
		.periods_max = 64,
	};
	atomic_inc(&seen_of(chip)->open);
	/* A rule of this version's; it goes with its module. */
	return snd_pcm_hw_constraint_step(ss->runtime, 0, SNDRV_PCM_HW_PARAM_PERIOD_BYTES, 32);
}

static int kt_close(struct snd_pcm_substream *ss)
{
	struct kt_voice *v = ss->runtime->private_data;

	if (v->going)
		atomic_inc(&seen_of(v->chip)->wrong);
	atomic_dec(&seen_of(v->chip)->open);
	kfree(v);
	return 0;
}

static int kt_hw_params(struct snd_pcm_substream *ss, struct snd_pcm_hw_params *params)
{
	struct kt_chip *chip = ss->private_data;
	struct kt_voice *v = ss->runtime->private_data;

	if (kt_cards.offer[chip->nr].params_err)
		return kt_cards.offer[chip->nr].params_err;
	if (params_rate(params) > KT_CARD_RATE)
		atomic_inc(&seen_of(chip)->wrong);
	v->prepared = false;
	atomic_inc(&seen_of(chip)->params);
	return 0;
}

static int kt_hw_free(struct snd_pcm_substream *ss)
{
	struct kt_chip *chip = ss->private_data;
	struct kt_voice *v = ss->runtime->private_data;

	if (v->going)
		atomic_inc(&seen_of(chip)->wrong);
	v->prepared = false;
	atomic_dec(&seen_of(chip)->params);
	return 0;
}

static int kt_prepare(struct snd_pcm_substream *ss)
{
	struct kt_chip *chip = ss->private_data;
	struct kt_voice *v = ss->runtime->private_data;

	v->prepared = true;
	return kt_cards.offer[chip->nr].prepare_err;
}

static snd_pcm_uframes_t kt_pointer(struct snd_pcm_substream *ss)
{
	struct kt_voice *v = ss->runtime->private_data;
	struct snd_pcm_runtime *rt = ss->runtime;
	u64 frames, rest;

	frames = mul_u64_u32_div(ktime_to_ns(ktime_sub(ktime_get(), v->start)), rt->rate,
				 NSEC_PER_SEC);
	div64_u64_rem(frames, rt->buffer_size, &rest);
	return rest;
}

static int kt_trigger(struct snd_pcm_substream *ss, int cmd)
{
	struct kt_voice *v = ss->runtime->private_data;
	struct snd_pcm_runtime *rt = ss->runtime;
	struct kt_card_seen *seen = seen_of(v->chip);
	bool start = cmd == SNDRV_PCM_TRIGGER_START;

	if (!start) {
		/* One that is paused is not going. */
		if (v->going) {
			atomic_dec(&seen->running);
			seen->left = mul_u64_u32_div(rt->buffer_size - kt_pointer(ss),
						     NSEC_PER_SEC, rt->rate);
		}
		WRITE_ONCE(v->going, false);
		return 0;
	}
	if (!v->prepared || v->going)
		atomic_inc(&seen->wrong);
	WRITE_ONCE(v->going, true);
	atomic_inc(&seen->running);
	atomic_inc(&seen->starts);
	v->start = ktime_get();
	hrtimer_start(&v->timer, period_time(rt), HRTIMER_MODE_REL_SOFT);
	return 0;
}

static int kt_sync_stop(struct snd_pcm_substream *ss)
{
	struct kt_voice *v = ss->runtime->private_data;

	hrtimer_cancel(&v->timer);
	return 0;
}

/* Tables of their own, as versions have them. */
static const struct snd_pcm_ops kt_pcm_tables[KT_VERSIONS] = {
	[0 ... KT_VERSIONS - 1] = {
		.open = kt_open,
		.close = kt_close,
		.hw_params = kt_hw_params,
		.hw_free = kt_hw_free,
		.prepare = kt_prepare,
		.trigger = kt_trigger,
		.sync_stop = kt_sync_stop,
		.pointer = kt_pointer,
	},
};

void * const kt_card_pointer = kt_pointer;

static void pcm_freed(struct snd_pcm *pcm)
{
	freed(pcm->private_data, 'p');
}

static int pcm_make(struct kt_chip *chip, unsigned int i, int playback, int capture)
{
	const struct kt_card_offer *offer = &kt_cards.offer[chip->nr];
	struct snd_pcm *pcm;
	int err;

	err = KT_CALL(snd_pcm_new)(chip->card, "KT", i, playback, capture, &pcm);
	if (err)
		return err;
	if (playback)
		KT_CALL(snd_pcm_set_ops)(pcm, SNDRV_PCM_STREAM_PLAYBACK, &kt_pcm_tables[chip->nr]);
	if (capture)
		KT_CALL(snd_pcm_set_ops)(pcm, SNDRV_PCM_STREAM_CAPTURE, &kt_pcm_tables[chip->nr]);
	pcm->private_data = chip;
	pcm->private_free = pcm_freed;
	chip->pcm[i] = pcm;
	err = KT_CALL(snd_pcm_set_managed_buffer_all)(pcm, offer->buffer_type, NULL, 0, 1 << 18);
	if (!err && playback && !offer->no_chmap)
		err = KT_CALL(snd_pcm_add_chmap_ctls)(pcm, SNDRV_PCM_STREAM_PLAYBACK,
						      snd_pcm_std_chmaps, 2, 0, NULL);
	return err;
}

/* Controls */

enum { KT_VOLUME, KT_SWITCH, KT_ROUTE, KT_EXTRA, KT_CONTROLS, KT_LATER = KT_CONTROLS };

static int kt_info(struct snd_kcontrol *k, struct snd_ctl_elem_info *info)
{
	static const char * const items[] = { "None", "Left", "Right", "Both" };
	const struct kt_chip *chip = snd_kcontrol_chip(k);
	const struct kt_card_offer *offer = &kt_cards.offer[chip->nr];

	if (k->private_value == KT_ROUTE)
		return snd_ctl_enum_info(info, 1, offer->items, items);
	info->type = SNDRV_CTL_ELEM_TYPE_INTEGER;
	info->count = k->private_value == KT_VOLUME ? 2 : 1;
	info->value.integer.max = k->private_value == KT_VOLUME ? offer->volume : 1;
	return 0;
}

static int kt_get(struct snd_kcontrol *k, struct snd_ctl_elem_value *value)
{
	const struct kt_chip *chip = snd_kcontrol_chip(k);
	struct kt_card_seen *seen = seen_of(chip);

	if (k->private_value == KT_VOLUME) {
		value->value.integer.value[0] = seen->volume[chip->device];
		value->value.integer.value[1] = seen->volume[chip->device];
	} else if (k->private_value == KT_ROUTE) {
		value->value.enumerated.item[0] = seen->route[chip->device];
	}
	return 0;
}

static int kt_put(struct snd_kcontrol *k, struct snd_ctl_elem_value *value)
{
	const struct kt_chip *chip = snd_kcontrol_chip(k);
	struct kt_card_seen *seen = seen_of(chip);

	if (chip->magic != KT_CHIP_MAGIC)
		atomic_inc(&seen->wrong);
	atomic_inc(&seen->puts);
	if (k->private_value == KT_VOLUME)
		seen->volume[chip->device] = value->value.integer.value[0];
	else if (k->private_value == KT_ROUTE)
		seen->route[chip->device] = value->value.enumerated.item[0];
	return 1;
}

static void control_freed(struct snd_kcontrol *k)
{
	freed(snd_kcontrol_chip(k), 'c');
}

static int control_make(struct kt_chip *chip, unsigned int which)
{
	static const char * const names[] = {
		"KT Playback Volume", "KT Playback Switch", "KT Route", "KT Extra Switch",
		"KT Later",
	};
	const struct kt_card_offer *offer = &kt_cards.offer[chip->nr];
	struct snd_kcontrol_new new = {
		.iface = SNDRV_CTL_ELEM_IFACE_MIXER,
		.name = names[which],
		.info = kt_info,
		.get = kt_get,
		.put = kt_put,
		.private_value = which,
	};
	struct snd_kcontrol *k;

	if (which == KT_ROUTE && offer->read_only)
		new.access = SNDRV_CTL_ELEM_ACCESS_READ;
	k = snd_ctl_new1(&new, chip);
	if (!k)
		return -ENOMEM;
	if (which == KT_VOLUME) {
		k->private_free = control_freed;
		if (!chip->device)
			seen_of(chip)->own = k;
	}
	return KT_CALL(snd_ctl_add)(chip->card, k);
}

/* One that gets its name only when it has been added, and a master over it. */
static int renamed_make(struct kt_chip *chip)
{
	struct snd_ctl_elem_id id = { .iface = SNDRV_CTL_ELEM_IFACE_MIXER, .name = "KT Later" };
	struct snd_kcontrol *k;
	int err;

	err = control_make(chip, KT_LATER);
	if (err)
		return err;
	k = KT_CALL(snd_ctl_find_id)(chip->card, &id);
	if (!k)
		return -ENOENT;
	if (snd_kcontrol_chip(k) != chip)
		atomic_inc(&seen_of(chip)->wrong);
	KT_CALL(snd_ctl_rename)(chip->card, k, "KT Named Later Switch");
	return 0;
}

/* Raw MIDI */

/* Who listens on the first card. */
static DEFINE_SPINLOCK(kt_ear_lock);
static struct snd_rawmidi_substream *kt_ear;

static int kt_midi_open(struct snd_rawmidi_substream *ss)
{
	struct kt_chip *chip = ss->rmidi->private_data;

	if (kt_cards.offer[chip->nr].midi_err)
		return kt_cards.offer[chip->nr].midi_err;
	if (ss->runtime->private_data)
		atomic_inc(&seen_of(chip)->wrong);
	ss->runtime->private_data = chip;
	atomic_inc(&seen_of(chip)->midi);
	return 0;
}

static int kt_midi_close(struct snd_rawmidi_substream *ss)
{
	struct kt_chip *chip = ss->rmidi->private_data;

	if (ss->runtime->private_data != chip || kt_ear == ss)
		atomic_inc(&seen_of(chip)->wrong);
	atomic_dec(&seen_of(chip)->midi);
	return 0;
}

static void kt_midi_send(struct snd_rawmidi_substream *ss, int up)
{
	struct kt_chip *chip = ss->rmidi->private_data;
	char byte;

	if (ss->runtime->private_data != chip)
		atomic_inc(&seen_of(chip)->wrong);
	while (up && snd_rawmidi_transmit(ss, &byte, 1) == 1)
		if (kt_cards.sent < KT_CARD_WIRE && !chip->device)
			kt_cards.wire[kt_cards.sent++] = byte;
}

static void kt_midi_listen(struct snd_rawmidi_substream *ss, int up)
{
	struct kt_chip *chip = ss->rmidi->private_data;

	spin_lock_irq(&kt_ear_lock);
	if (!chip->device)
		kt_ear = up ? ss : NULL;
	spin_unlock_irq(&kt_ear_lock);
}

/* A byte comes in at the first card; false if nobody listens. */
bool kt_card_hears(char byte)
{
	bool heard;

	spin_lock_irq(&kt_ear_lock);
	heard = kt_ear && snd_rawmidi_receive(kt_ear, &byte, 1) == 1;
	spin_unlock_irq(&kt_ear_lock);
	return heard;
}

static const struct snd_rawmidi_ops kt_midi_tables[KT_VERSIONS][2] = {
	[0 ... KT_VERSIONS - 1] = {
		{ .open = kt_midi_open, .close = kt_midi_close, .trigger = kt_midi_send },
		{ .open = kt_midi_open, .close = kt_midi_close, .trigger = kt_midi_listen },
	},
};

static int midi_make(struct kt_chip *chip)
{
	struct snd_rawmidi *rmidi;
	int i, err;

	err = KT_CALL(snd_rawmidi_new)(chip->card, "KT", 0, 1, 1, &rmidi);
	if (err)
		return err;
	for (i = 0; i < 2; i++)
		KT_CALL(snd_rawmidi_set_ops)(rmidi, i, &kt_midi_tables[chip->nr][i]);
	rmidi->private_data = chip;
	rmidi->info_flags = SNDRV_RAWMIDI_INFO_OUTPUT | SNDRV_RAWMIDI_INFO_INPUT |
			    SNDRV_RAWMIDI_INFO_DUPLEX;
	return 0;
}

static void jack_freed(struct snd_jack *jack)
{
	freed(jack->private_data, 'J');
}

static int jack_make(struct kt_chip *chip)
{
	struct snd_jack *jack;
	int err;

	if (kt_cards.offer[chip->nr].no_jack)
		return 0;
	err = KT_CALL(snd_jack_new)(chip->card, "KT", SND_JACK_HEADPHONE, &jack, true, false);
	if (err)
		return err;
	jack->private_data = chip;
	jack->private_free = jack_freed;
	snd_jack_report(jack, SND_JACK_HEADPHONE);
	return 0;
}

static int controls_make(struct kt_chip *chip)
{
	const struct kt_card_offer *offer = &kt_cards.offer[chip->nr];
	unsigned int i;
	int err = 0;

	for (i = 0; i < KT_CONTROLS && !err; i++) {
		if ((i == KT_SWITCH && offer->no_switch) || (i == KT_EXTRA && !offer->extra))
			continue;
		err = control_make(chip, i);
	}
	return err;
}

/* The card */

static int part_free(struct snd_device *dev)
{
	const int *what = dev->device_data;

	freed(container_of(what - (*what - 1), struct kt_chip, parts[0]), "LCB"[*what - 1]);
	return 0;
}

static const struct snd_device_ops kt_part_ops = { .dev_free = part_free };

static int parts_make(struct kt_chip *chip)
{
	static const enum snd_device_type types[] = {
		SNDRV_DEV_LOWLEVEL, SNDRV_DEV_CODEC, SNDRV_DEV_BUS,
	};
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(types) && !err; i++) {
		chip->parts[i] = i + 1;
		err = KT_CALL(snd_device_new)(chip->card, types[i], &chip->parts[i], &kt_part_ops);
	}
	return err;
}

static void card_freed(struct snd_card *card)
{
	struct kt_chip *chip = card->private_data;

	freed(chip, 'F');
	chip->magic = 0;
	atomic_dec(&seen_of(chip)->cards);
}

static int card_fill(struct kt_chip *chip)
{
	const struct kt_card_offer *offer = &kt_cards.offer[chip->nr];

	return parts_make(chip) ?:
	       pcm_make(chip, 0, 1, offer->no_capture ? 0 : 1) ?:
	       (offer->one_pcm ? 0 : pcm_make(chip, 1, 1, 0)) ?:
	       controls_make(chip) ?: renamed_make(chip) ?: midi_make(chip) ?:
	       jack_make(chip);
}

static int card_start(struct kt_chip *chip)
{
	const struct kt_card_offer *offer = &kt_cards.offer[chip->nr];
	struct snd_card *card = chip->card;
	int err;

	strscpy(card->driver, "KT", sizeof(card->driver));
	strscpy(card->shortname, "KT card", sizeof(card->shortname));
	snprintf(card->longname, sizeof(card->longname), "KT card of version %u", chip->nr);
	err = card_fill(chip);
	if (err)
		return err;
	if (kt_cards.during)
		kt_cards.during(chip->nr, chip->device);
	return offer->late_err ?: KT_CALL(snd_card_register)(card) ?: offer->last_err;
}

static int card_make(unsigned int nr, struct device *parent, struct snd_card **card)
{
	if (kt_cards.offer[nr].managed)
		return KT_CALL(snd_devm_card_new)(parent, -1, NULL, kt_module(nr),
						  sizeof(struct kt_chip), card);
	return KT_CALL(snd_card_new)(parent, -1, NULL, kt_module(nr), sizeof(struct kt_chip),
				     card);
}

/**
 * kt_card_probe() - probe of a sound card
 * @nr: the version
 * @parent: the bus device
 */
int kt_card_probe(unsigned int nr, struct device *parent)
{
	struct snd_card *card;
	struct kt_chip *chip;
	int err;

	err = card_make(nr, parent, &card);
	if (err)
		return err;
	chip = card->private_data;
	if (memchr_inv(chip, 0, sizeof(*chip)))
		atomic_inc(&kt_cards.seen[nr].dirty);
	chip->magic = KT_CHIP_MAGIC;
	chip->nr = nr;
	chip->device = parent == kt.devices[0] ? 0 : 1;
	chip->card = card;
	card->private_free = card_freed;
	memset(kt_cards.seen[nr].order[chip->device], 0, KT_CARD_ORDER);
	atomic_inc(&kt_cards.seen[nr].cards);
	err = card_start(chip);
	if (!err) {
		dev_set_drvdata(parent, card);
		return 0;
	}
	if (!kt_cards.offer[nr].managed)
		KT_CALL(snd_card_free)(card);
	return err;
}

void kt_card_remove(unsigned int nr, struct device *parent)
{
	struct snd_card *card = dev_get_drvdata(parent);

	dev_set_drvdata(parent, NULL);
	if (!kt_cards.offer[nr].managed)
		KT_CALL(snd_card_free)(card);
}

/* What the driver in charge of a device has as its card. */
struct snd_card *kt_card_of(unsigned int device)
{
	return kt.devices[device] ? dev_get_drvdata(kt.devices[device]) : NULL;
}

struct snd_pcm *kt_card_pcm(unsigned int device, unsigned int pcm)
{
	struct snd_card *card = kt_card_of(device);
	struct kt_chip *chip = card ? card->private_data : NULL;

	return chip ? chip->pcm[pcm] : NULL;
}

/* All versions alike, as long as a test says nothing else. */
void kt_card_reset(void)
{
	unsigned int i;

	memset(&kt_cards, 0, sizeof(kt_cards));
	/* As the first binding of a module that calls them finds them. */
	sound_taps[SS_TAP_RAWMIDI_NEW].orig = snd_rawmidi_new;
	sound_taps[SS_TAP_RAWMIDI_SET_OPS].orig = snd_rawmidi_set_ops;
	for (i = 0; i < KT_VERSIONS; i++)
		kt_cards.offer[i] = (struct kt_card_offer) {
			.managed = true,
			.formats = SNDRV_PCM_FMTBIT_U8 | SNDRV_PCM_FMTBIT_S16_LE,
			.rates = SNDRV_PCM_RATE_8000_48000,
			.channels = 2,
			.buffer = 65536,
			.period = 64,
			.info = SNDRV_PCM_INFO_PAUSE,
			.buffer_type = SNDRV_DMA_TYPE_VMALLOC,
			.volume = 31,
			.items = 4,
		};
}
