// SPDX-License-Identifier: GPL-2.0
/*
 * The shadow of sound cards over a fake driver: one card with its PCMs and
 * controls goes from version to version, with clients that play. The driver
 * keeps books: what it was told to begin it has to be told to end.
 */
#include "../../drivers/shadow/sound/sound_shadow.h"

#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/slab.h>

#include "fake_card.h"
#include "sound_stage.h"

/* Controls, as a user has them, whoever drives the card. */

static struct snd_kcontrol *kt_control(const char *name)
{
	struct snd_ctl_elem_id id = { .iface = SNDRV_CTL_ELEM_IFACE_MIXER };
	struct snd_card *card = kt_card;
	struct snd_kcontrol *k;

	strscpy(id.name, name, sizeof(id.name));
	down_read(&card->controls_rwsem);
	k = snd_ctl_find_id(card, &id);
	up_read(&card->controls_rwsem);
	return k;
}

/* Behind a control's channels, of which there are two at most. */
#define KT_NOT_A_CHANNEL	0x5a5a

static int kt_control_rw(const char *name, long value, long *now)
{
	struct snd_ctl_elem_value *v = kzalloc(sizeof(*v), GFP_KERNEL);
	struct snd_card *card = kt_card;
	struct snd_kcontrol *k = kt_control(name);
	int err = -ENOENT;

	if (v && k) {
		down_write(&card->controls_rwsem);
		snd_ctl_build_ioff(&v->id, k, 0);
		v->value.integer.value[0] = value;
		v->value.integer.value[1] = value;
		v->value.integer.value[2] = KT_NOT_A_CHANNEL;
		err = now ? k->get(k, v) : k->put(k, v);
		if (now)
			*now = v->value.integer.value[0];
		if (v->value.integer.value[2] != KT_NOT_A_CHANNEL)
			err = -EOVERFLOW;
		up_write(&card->controls_rwsem);
	}
	kfree(v);
	return err;
}

static int kt_control_set(const char *name, long value)
{
	return kt_control_rw(name, value, NULL);
}

static long kt_control_value(const char *name)
{
	long now = -1;

	return kt_control_rw(name, 0, &now) < 0 ? -1 : now;
}

/* What a user has of the first card. */
struct kt_look {
	struct snd_card *card;
	int number;
	char id[16];
	struct snd_pcm *pcm[2];
	unsigned int numid;
	unsigned int controls;
	long volume;
};

static void kt_look(struct kt_look *look)
{
	struct snd_card *card = kt_card_of(0);
	struct snd_kcontrol *k = kt_control("KT Playback Volume");

	memset(look, 0, sizeof(*look));
	look->card = card;
	look->number = card->number;
	strscpy(look->id, card->id, sizeof(look->id));
	look->pcm[0] = kt_card_pcm(0, 0);
	look->pcm[1] = kt_card_pcm(0, 1);
	look->numid = k ? k->id.numid : 0;
	look->controls = card->controls_count;
	look->volume = kt_control_value("KT Playback Volume");
}

/* The same card, in the hands of version @nr and of no other. */
static void kt_expect_card_of(struct kunit *test, const struct kt_look *was, unsigned int nr)
{
	struct kt_look now;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, kt_card_of(0));
	kt_look(&now);
	KUNIT_EXPECT_EQ_MSG(test, memcmp(was, &now, sizeof(now)), 0,
			    "%p %d %s %p %p numid %u of %u volume %ld, was %p %d %s %p %p %u %u %ld",
			    now.card, now.number, now.id, now.pcm[0], now.pcm[1], now.numid,
			    now.controls, now.volume, was->card, was->number, was->id,
			    was->pcm[0], was->pcm[1], was->numid, was->controls, was->volume);
	KUNIT_EXPECT_EQ(test, kt.drives[0], (int)nr);
	KUNIT_EXPECT_PTR_EQ(test, now.card->module, kt_module(nr));
	for (i = 0; i < KT_VERSIONS; i++) {
		const struct kt_card_seen *seen = &kt_cards.seen[i];

		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&seen->cards), i == nr ? KT_DEVICES : 0,
				    "version %u", i);
		if (i != nr)
			KUNIT_EXPECT_EQ_MSG(test, atomic_read(&seen->open), 0, "version %u", i);
	}
	/* What is written now is told to it. */
	i = atomic_read(&kt_cards.seen[nr].puts);
	KUNIT_EXPECT_EQ(test, kt_control_set("KT Playback Volume", was->volume), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_cards.seen[nr].puts), (int)i + 1);
}

static void kt_sound_passive_test(struct kunit *test)
{
	struct lu_set *set = kt_sound_up(test);

	KUNIT_EXPECT_STREQ(test, set->shadow->class, "sound");
	KUNIT_EXPECT_PTR_EQ(test, kt_card_of(0)->module, kt_module(0));
	kt_client_start(test);
	kt_expect_client_goes_on(test);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_cards.seen[0].running), 1);
	/* What is called for each period is not ours. */
	KUNIT_EXPECT_PTR_EQ(test, (void *)kt_client.ss->ops->pointer, kt_card_pointer);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_cards.seen[0].open), 1);
}

static const struct kt_kinds {
	const char *name;
	bool managed[2];
} kt_kinds[] = {
	{ "devres", { true, true } },
	{ "by hand", { false, false } },
	{ "devres, then by hand", { true, false } },
	{ "by hand, then devres", { false, true } },
};

static void kt_kinds_desc(const struct kt_kinds *k, char *desc)
{
	strscpy(desc, k->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_kinds, kt_kinds, kt_kinds_desc);

/* There and back; what is a driver's own goes with it, in the sound core's order. */
static void kt_sound_update_test(struct kunit *test)
{
	const struct kt_kinds *kinds = test->param_value;
	struct kt_look look;
	struct lu_set *set;

	kt_cards.offer[0].managed = kinds->managed[0];
	kt_cards.offer[1].managed = kinds->managed[1];
	set = kt_sound_up(test);
	KUNIT_EXPECT_EQ(test, kt_control_set("KT Playback Volume", 17), 1);
	KUNIT_EXPECT_EQ(test, kt_control_set("KT Route", 3), 1);
	kt_look(&look);
	KUNIT_EXPECT_EQ(test, look.volume, 17L);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_STREQ(test, kt_mismatches(test, set), "");
	kt_expect_card_of(test, &look, 1);
	KUNIT_EXPECT_EQ(test, kt_cards.seen[1].volume[0], 17L);
	KUNIT_EXPECT_EQ(test, kt_cards.seen[1].route[0], 3U);
	KUNIT_EXPECT_STREQ(test, kt_cards.seen[0].order[0], "JppCBcLF");
	KUNIT_EXPECT_STREQ(test, kt_cards.seen[0].order[1], "JppCBcLF");
	KUNIT_EXPECT_GT(test, set->record.replayed, 0U);

	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	kt_expect_card_of(test, &look, 0);
	KUNIT_EXPECT_STREQ(test, kt_cards.seen[1].order[0], "JppCBcLF");
}

/* A driver that will not do: each lack by its name, and the old one is back. */
static const struct kt_unfit {
	const char *name;
	struct kt_card_offer change;
	const char *text;
} kt_unfits[] = {
	{ "PCM", { .one_pcm = true }, "pcmC0D1p missing" },
	{ "direction", { .no_capture = true }, "pcmC0D0c missing" },
	{ "rate", { .rates = SNDRV_PCM_RATE_48000 }, "pcmC0D0p: rate 44100 missing" },
	{ "format", { .formats = SNDRV_PCM_FMTBIT_S16_LE }, "pcmC0D0p: format U8 missing" },
	{ "channels", { .channels = 1 }, "pcmC0D1p: channels 1..1, was 1..2" },
	{ "buffer", { .buffer = 32768 }, "pcmC0D0c: buffer bytes 64..32768, was 64..65536" },
	{ "period", { .period = 128 }, "pcmC0D0c: period bytes 128..65536, was 64..65536" },
	{ "info", { .info = SNDRV_PCM_INFO_RESUME }, "pcmC0D0p: PAUSE missing" },
	{ "memory", { .buffer_type = SNDRV_DMA_TYPE_CONTINUOUS }, "another kind of buffer" },
	{ "map", { .no_chmap = true }, "pcmC0D1p: channel map missing" },
	{ "control", { .no_switch = true }, "control 'KT Playback Switch' missing" },
	{ "jack", { .no_jack = true }, "card0: jack 'KT' missing" },
	{ "range", { .volume = 15 }, "control 'KT Playback Volume': range 0..15, was 0..31" },
	{ "items", { .items = 3 }, "control 'KT Route': item 'Both' missing" },
	{ "access", { .read_only = true }, "control 'KT Route': access 0x2 lost" },
	{ "open", { .open_err = -EIO }, "pcmC0D0p: does not open (-5)" },
	{ "parameters", { .params_err = -EINVAL },
	  "pcmC0D0p: open stream refused (-22): S16_LE, 2 channels, 48000 Hz, 9600 by 1200" },
	{ "prepare", { .prepare_err = -EIO }, "pcmC0D0p: open stream refused (-5)" },
	{ "late", { .late_err = -ENXIO }, "kt0: probe failed (-6)" },
	{ "registered", { .last_err = -ENXIO }, "kt0: probe failed (-6)" },
};

static void kt_unfit_desc(const struct kt_unfit *u, char *desc)
{
	strscpy(desc, u->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_unfit, kt_unfits, kt_unfit_desc);

static void kt_offer_change(struct kt_card_offer *offer, const struct kt_card_offer *c)
{
	struct kt_card_offer was = *offer;

	*offer = *c;
	offer->managed = was.managed;
	offer->formats = c->formats ?: was.formats;
	offer->rates = c->rates ?: was.rates;
	offer->channels = c->channels ?: was.channels;
	offer->buffer = c->buffer ?: was.buffer;
	offer->period = c->period ?: was.period;
	offer->info = c->info ?: was.info;
	offer->buffer_type = c->buffer_type ?: was.buffer_type;
	offer->volume = c->volume ?: was.volume;
	offer->items = c->items ?: was.items;
}

static void kt_sound_unfit_test(struct kunit *test)
{
	const struct kt_unfit *u = test->param_value;
	struct lu_set *set = kt_sound_up(test);
	struct kt_look look;

	kt_look(&look);
	kt_client_start(test);
	kt_expect_client_goes_on(test);
	kt_offer_change(&kt_cards.offer[1], &u->change);
	/* A driver that goes wrong may do so with more than the controls of the old one. */
	kt_cards.offer[1].extra = true;
	KUNIT_EXPECT_EQ(test, lu_update(set), -ECANCELED);
	KUNIT_EXPECT_EQ_MSG(test, set->state, LU_STAGED, "%s", lu_state_name(set->state));
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(kt_mismatches(test, set), u->text), "%s",
				  kt_mismatches(test, set));
	kt_expect_client_goes_on(test);
	kt_expect_heard_by(test, 0);
	kt_expect_card_of(test, &look, 0);
	KUNIT_EXPECT_PTR_EQ(test, kt_control("KT Extra Switch"), NULL);
	KUNIT_EXPECT_PTR_EQ_MSG(test, kt_control("KT Later"), NULL, "a name of before");
	KUNIT_EXPECT_NOT_NULL(test, kt_control("KT Named Later Switch"));
}

/* A client that plays through updates there and back. */
static void kt_sound_running_test(struct kunit *test)
{
	struct lu_set *set = kt_sound_up(test);
	struct kt_look look;
	unsigned int i, nr = 0;

	kt_look(&look);
	kt_client_start(test);
	kt_expect_client_goes_on(test);
	for (i = 0; i < 6; i++) {
		nr = !nr;
		KUNIT_EXPECT_EQ(test, nr ? lu_update(set) : lu_rollback(set), 0);
		KUNIT_EXPECT_STREQ(test, kt_mismatches(test, set), "");
		kt_expect_heard_by(test, nr);
		kt_expect_client_goes_on(test);
		kt_expect_card_of(test, &look, nr);
		if (!nr) {
			KUNIT_EXPECT_EQ(test, lu_commit(set), 0);
			KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
		}
	}
	kt_expect_client_state(test, SNDRV_PCM_STATE_RUNNING);
}

/* Without a driver the position goes on, and so does who writes. */
static void kt_sound_nobody_test(struct kunit *test)
{
	struct lu_set *set = kt_sound_up(test);
	struct kt_look look;
	struct file *file;

	kt_look(&look);
	kt_client_start(test);
	kt_expect_client_goes_on(test);
	kt.behaviour[0].probe_err = -EIO;
	kt.behaviour[1].probe_err = -EIO;
	KUNIT_EXPECT_EQ(test, lu_update(set), -EIO);
	KUNIT_EXPECT_EQ_MSG(test, set->state, LU_FAILED, "%s", lu_state_name(set->state));
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_cards.seen[0].cards), 0);
	kt_expect_client_goes_on(test);
	KUNIT_EXPECT_EQ(test, kt_control_value("KT Playback Volume"), look.volume);
	kt_expect_client_state(test, SNDRV_PCM_STATE_RUNNING);
	file = filp_open("/dev/snd/pcmC0D1p", O_RDWR, 0);
	KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(file), -ENODEV, "opened with no driver");
	if (!IS_ERR(file))
		kt_close(file);

	kt.behaviour[0].probe_err = 0;
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	kt_expect_heard_by(test, 0);
	kt_expect_client_goes_on(test);
	kt_expect_card_of(test, &look, 0);
}

/* A stream that is prepared, and one that is paused, stay so; then they go on. */
static void kt_sound_prepared_test(struct kunit *test)
{
	struct lu_set *set = kt_sound_up(test);

	kt_client_open(test);
	kt_expect_client_state(test, SNDRV_PCM_STATE_PREPARED);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	kt_expect_client_state(test, SNDRV_PCM_STATE_PREPARED);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_cards.seen[1].open), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_cards.seen[1].params), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_cards.seen[1].starts), 0);
	kt_client_go(test);
	kt_expect_heard_by(test, 1);
	kt_expect_client_goes_on(test);
}

/* In mid-update: who opens a stream with O_NONBLOCK does not wait. */
static int kt_open_seen;

static void kt_try_open(unsigned int nr, unsigned int device)
{
	struct file *file;

	if (device)
		return;
	file = filp_open("/dev/snd/pcmC0D1p", O_RDWR | O_NONBLOCK, 0);
	kt_open_seen = PTR_ERR_OR_ZERO(file);
	if (!IS_ERR(file))
		fput(file);
	kt_control_set("KT Playback Volume", 9);
}

static void kt_sound_meanwhile_test(struct kunit *test)
{
	struct lu_set *set = kt_sound_up(test);
	struct kt_look look;

	KUNIT_EXPECT_EQ(test, kt_control_set("KT Playback Volume", 30), 1);
	kt_look(&look);
	look.volume = 9;
	kt_cards.during = kt_try_open;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	kt_cards.during = NULL;
	KUNIT_EXPECT_EQ(test, kt_open_seen, -EBUSY);
	kt_expect_card_of(test, &look, 1);
	KUNIT_EXPECT_EQ_MSG(test, kt_cards.seen[1].volume[0], 9L, "written in mid-update");
}

/* The driver may have kept the address of what it allocated. */
static void kt_sound_twin_test(struct kunit *test)
{
	struct lu_set *set = kt_sound_up(test);
	struct snd_kcontrol *k = kt_control("KT Playback Volume"), *own;
	struct snd_ctl_elem_id id;

	KUNIT_EXPECT_PTR_EQ(test, kt_cards.seen[0].own, k);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	own = kt_cards.seen[1].own;
	KUNIT_EXPECT_PTR_NE(test, own, k);
	KUNIT_EXPECT_PTR_EQ(test, kt_control("KT Playback Volume"), k);
	KUNIT_EXPECT_EQ_MSG(test, own->id.numid, k->id.numid, "events name another one");
	KUNIT_EXPECT_PTR_EQ(test, own->private_data, k->private_data);
	/* It takes it off the card. */
	memset(&id, 0, sizeof(id));
	id.numid = own->id.numid;
	KUNIT_EXPECT_EQ(test, KT_CALL(snd_ctl_remove_id)(kt_card_of(0), &id), 0);
	KUNIT_EXPECT_PTR_EQ(test, kt_control("KT Playback Volume"), NULL);
	KUNIT_EXPECT_STREQ(test, kt_cards.seen[1].order[0], "c");
}

/* What the new version adds is there for users when it stays, and goes with it. */
static void kt_sound_extra_test(struct kunit *test)
{
	struct lu_set *set = kt_sound_up(test);

	kt_cards.offer[1].extra = true;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_NOT_NULL(test, kt_control("KT Extra Switch"));
	KUNIT_EXPECT_EQ(test, kt_control_set("KT Extra Switch", 1), 1);
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	KUNIT_EXPECT_EQ(test, kt_control_set("KT Extra Switch", 0), -ENODEV);
}

/* Who has a card open holds the driver that is in charge, not the one before. */
static void kt_sound_open_test(struct kunit *test)
{
	struct lu_set *set = kt_sound_up(test);
	struct file *control = filp_open("/dev/snd/controlC0", O_RDWR, 0);
	struct file *pcm;

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(control), "%ld", PTR_ERR(control));
	pcm = kt_open_pcm(1, 0);
	KUNIT_EXPECT_FALSE_MSG(test, IS_ERR(pcm), "%ld", PTR_ERR(pcm));
	KUNIT_EXPECT_EQ(test, kt_unload(0), -EWOULDBLOCK);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, lu_commit(set), 0);
	KUNIT_EXPECT_PTR_EQ_MSG(test, kt_module(0), NULL, "the old driver is still held");
	KUNIT_EXPECT_EQ_MSG(test, kt_unload(1), -EWOULDBLOCK, "the new one is not");
	if (!IS_ERR(pcm))
		kt_close(pcm);
	KUNIT_EXPECT_EQ_MSG(test, kt_unload(1), -EWOULDBLOCK, "the new one is not");
	kt_close(control);
	KUNIT_EXPECT_EQ(test, kt_unload(1), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_cards.seen[1].cards), 0);
}

/* What cannot be carried over refuses the update before anything is touched. */
static int kt_no_part(struct snd_device *dev)
{
	return 0;
}

static void kt_sound_refused_test(struct kunit *test)
{
	static const struct snd_device_ops ops = { .dev_free = kt_no_part };
	static int thing;
	struct lu_set *set = kt_sound_up(test);
	struct kt_look look;

	kt_look(&look);
	KUNIT_ASSERT_EQ(test, snd_device_new(look.card, SNDRV_DEV_COMPRESS, &thing, &ops), 0);
	kt_client_start(test);
	KUNIT_EXPECT_NE(test, lu_update(set), 0);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(kt_mismatches(test, set),
					       "card0: a compressed stream device cannot be"), "%s",
				  kt_mismatches(test, set));
	KUNIT_EXPECT_EQ_MSG(test, kt.counts[1].inits, 0U, "the new driver was started");
	snd_device_free(look.card, &thing);
	kt_expect_client_goes_on(test);
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&kt_cards.seen[0].starts), 1, "it was stopped");
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	kt_expect_heard_by(test, 1);
	kt_expect_card_of(test, &look, 1);
}

/* How far off was version @nr's end from where it should have been, in ms? */
static s64 kt_stopped_off(unsigned int nr, u64 expected)
{
	s64 off = kt_cards.seen[nr].left - (s64)expected;
	s64 whole = (s64)KT_BUFFER * NSEC_PER_SEC / KT_CARD_RATE;

	/* Who missed the end by a little is at the beginning. */
	return div_s64(min(abs(off), whole - abs(off)), NSEC_PER_MSEC);
}

/*
 * A stream goes on until a hand-over is as long as the rest of its buffer. A
 * machine that is busy is late at times, but not most of the time.
 */
static void kt_sound_moment_test(struct kunit *test)
{
	struct lu_set *set = kt_sound_up(test);
	struct ss_card *sc = ss_find(kt_card);
	unsigned int i, near = 0;
	s64 off[5];

	KUNIT_ASSERT_NOT_NULL(test, sc);
	kt_client_start(test);
	for (i = 0; i < ARRAY_SIZE(off); i++) {
		u64 expected;

		kt_expect_client_goes_on(test);
		kt_expect_heard_by(test, i % 2);
		sc->learned = true;
		sc->varies = 0;
		sc->takes = (30 + 30 * i) * NSEC_PER_MSEC;
		expected = ss_moment_expected(sc);
		KUNIT_ASSERT_EQ(test, i ? lu_rollback(set) : lu_update(set), 0);
		off[i] = kt_stopped_off(i % 2, expected);
		near += off[i] < 25;
	}
	KUNIT_EXPECT_GE_MSG(test, near, 3U, "off by %lld, %lld, %lld, %lld, %lld ms", off[0],
			    off[1], off[2], off[3], off[4]);
	kt_expect_client_goes_on(test);
}

static void kt_sound_unplugged_test(struct kunit *test)
{
	struct lu_set *set = kt_sound_up(test);

	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	kt_expect_unplugged(test, set);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_cards.seen[1].cards), KT_DEVICES - 1);
	KUNIT_EXPECT_EQ(test, lu_commit(set), 0);
}

static struct kunit_case kt_sound_cases[] = {
	KUNIT_CASE(kt_sound_passive_test),
	KUNIT_CASE_PARAM(kt_sound_update_test, kt_kinds_gen_params),
	KUNIT_CASE_PARAM(kt_sound_unfit_test, kt_unfit_gen_params),
	KUNIT_CASE(kt_sound_running_test),
	KUNIT_CASE(kt_sound_nobody_test),
	KUNIT_CASE(kt_sound_prepared_test),
	KUNIT_CASE(kt_sound_meanwhile_test),
	KUNIT_CASE(kt_sound_twin_test),
	KUNIT_CASE(kt_sound_extra_test),
	KUNIT_CASE(kt_sound_open_test),
	KUNIT_CASE(kt_sound_refused_test),
	KUNIT_CASE(kt_sound_moment_test),
	KUNIT_CASE(kt_sound_unplugged_test),
	{}
};

struct kunit_suite kt_sound_suite = {
	.name = "shadow_sound",
	.init = kt_sound_setup,
	.exit = kt_sound_teardown,
	.test_cases = kt_sound_cases,
};
