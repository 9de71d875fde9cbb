// SPDX-License-Identifier: GPL-2.0
/*
 * Raw MIDI of a card goes from version to version while somebody has it open:
 * each byte leaves once and in order, whoever is in charge.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <sound/rawmidi.h>

#include "fake_card.h"
#include "sound_stage.h"

/* A user of the first card, in both directions. */
static struct file *kt_midi_file;

static struct snd_rawmidi_file *kt_midi(void)
{
	return kt_midi_file->private_data;
}

static void kt_midi_open_file(struct kunit *test)
{
	struct file *file;

	KUNIT_ASSERT_TRUE(test, kt_card_of(0)->number == 0);
	file = filp_open("/dev/snd/midiC0D0", O_RDWR | O_NONBLOCK, 0);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%ld", PTR_ERR(file));
	kt_midi_file = file;
}

static void kt_midi_close_file(void)
{
	struct file *file = kt_midi_file;

	kt_midi_file = NULL;
	if (file)
		kt_close(file);
}

static void kt_midi_teardown(struct kunit *test)
{
	kt_cards.during = NULL;
	kt_midi_close_file();
	kt_sound_teardown(test);
}

static void kt_send(struct kunit *test, const char *text)
{
	long n = strlen(text);

	KUNIT_EXPECT_EQ(test, snd_rawmidi_kernel_write(kt_midi()->output, text, n), n);
}

static void kt_expect_sent(struct kunit *test, const char *text)
{
	KUNIT_EXPECT_STREQ(test, kt_cards.wire, text);
}

static void kt_expect_input(struct kunit *test, char byte)
{
	unsigned char got = 0;

	KUNIT_EXPECT_TRUE_MSG(test, kt_card_hears(byte), "nobody listens");
	KUNIT_EXPECT_EQ(test, snd_rawmidi_kernel_read(kt_midi()->input, &got, 1), 1L);
	KUNIT_EXPECT_EQ(test, (char)got, byte);
}

/* A reader is there before anything comes. */
static void kt_listen(void)
{
	unsigned char none;

	snd_rawmidi_kernel_read(kt_midi()->input, &none, 1);
}

/* Both directions are open with version @nr, and with no other. */
static void kt_expect_open_with(struct kunit *test, int nr)
{
	int i;

	for (i = 0; i < KT_VERSIONS; i++)
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&kt_cards.seen[i].midi), i == nr ? 2 : 0,
				    "version %d", i);
}

static struct kunit *kt_midi_case;

static void kt_send_meanwhile(unsigned int nr, unsigned int device)
{
	if (!nr || device)
		return;
	kt_send(kt_midi_case, "de");
	kt_expect_sent(kt_midi_case, "abc");
	KUNIT_EXPECT_FALSE(kt_midi_case, kt_card_hears('!'));
}

static void kt_midi_update_test(struct kunit *test)
{
	struct lu_set *set = kt_sound_up(test);

	kt_midi_open_file(test);
	kt_listen();
	kt_expect_open_with(test, 0);
	kt_send(test, "abc");
	kt_expect_input(test, 'x');
	kt_midi_case = test;
	kt_cards.during = kt_send_meanwhile;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	kt_cards.during = NULL;
	KUNIT_EXPECT_STREQ(test, kt_mismatches(test, set), "");
	kt_expect_open_with(test, 1);
	kt_expect_sent(test, "abcde");
	kt_expect_input(test, 'y');
	kt_send(test, "f");
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	kt_expect_open_with(test, 0);
	kt_send(test, "g");
	kt_expect_sent(test, "abcdefg");
	kt_expect_input(test, 'z');
}

/* Version 1 will not do, and says why; version 0 goes on, with the user or without. */
static void kt_expect_refused(struct kunit *test, const char *text)
{
	struct lu_set *set = kt_set();

	KUNIT_EXPECT_EQ(test, lu_update(set), -ECANCELED);
	KUNIT_EXPECT_EQ_MSG(test, set->state, LU_STAGED, "%s", lu_state_name(set->state));
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(kt_mismatches(test, set), text), "%s",
				  kt_mismatches(test, set));
	KUNIT_EXPECT_EQ(test, kt.drives[0], 0);
}

/* A driver that does not let them in is no driver for them. */
static void kt_midi_refused_test(struct kunit *test)
{
	kt_sound_up(test);
	kt_midi_open_file(test);
	kt_listen();
	kt_cards.offer[1].midi_err = -EBUSY;
	kt_expect_refused(test, "midiC0D0: open stream refused (-16)");
	kt_expect_open_with(test, 0);
	kt_send(test, "abc");
	kt_expect_sent(test, "abc");
	kt_expect_input(test, 'x');
}

/* The old driver has the card back, though it does not let them in any more. */
static void kt_midi_lost_test(struct kunit *test)
{
	kt_sound_up(test);
	kt_midi_open_file(test);
	kt_cards.offer[0].midi_err = -EIO;
	kt_cards.offer[1].no_switch = true;
	kt_expect_refused(test, "control 'KT Playback Switch' missing");
	kt_expect_open_with(test, -1);
	kt_send(test, "abc");
	kt_expect_sent(test, "");
	kt_midi_close_file();
	kt_cards.offer[0].midi_err = 0;
	kt_midi_open_file(test);
	kt_expect_open_with(test, 0);
}

static void kt_close_meanwhile(unsigned int nr, unsigned int device)
{
	if (nr && !device)
		kt_midi_close_file();
}

static void kt_midi_closed_test(struct kunit *test)
{
	struct lu_set *set = kt_sound_up(test);

	kt_midi_open_file(test);
	kt_cards.during = kt_close_meanwhile;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	kt_cards.during = NULL;
	kt_expect_open_with(test, -1);
	kt_midi_open_file(test);
	kt_expect_open_with(test, 1);
	kt_send(test, "abc");
	kt_expect_sent(test, "abc");
}

static struct kunit_case kt_midi_cases[] = {
	KUNIT_CASE(kt_midi_update_test),
	KUNIT_CASE(kt_midi_refused_test),
	KUNIT_CASE(kt_midi_lost_test),
	KUNIT_CASE(kt_midi_closed_test),
	{}
};

struct kunit_suite kt_midi_suite = {
	.name = "shadow_sound_midi",
	.init = kt_sound_setup,
	.exit = kt_midi_teardown,
	.test_cases = kt_midi_cases,
};
