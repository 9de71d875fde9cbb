// SPDX-License-Identifier: GPL-2.0
/*
 * What the shadow of sound cards learns of how long a hand-over takes. One that
 * is longer than expected costs a whole buffer of silence.
 */
#include "../../drivers/shadow/sound/sound_shadow.h"

#include <linux/slab.h>

#include "lu_kunit.h"

#define KT_MS(n) ((u64)(n) * NSEC_PER_MSEC)

static struct ss_card *kt_new_card(struct kunit *test)
{
	struct ss_card *sc = kunit_kzalloc(test, sizeof(*sc), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sc);
	return sc;
}

/* A hand-over that took so long. */
static void kt_hand_over(struct ss_card *sc, unsigned int ms, bool there)
{
	ss_moment_stopped(sc);
	sc->stopped = ktime_sub_ms(ktime_get(), ms);
	ss_moment_ready(sc, there);
}

/* Of hand-overs that differ the longest is expected, not the last one. */
static void kt_moment_varies_test(struct kunit *test)
{
	static const unsigned int ms[] = { 40, 60 };
	struct ss_card *sc = kt_new_card(test);
	unsigned int i;

	for (i = 0; i < 64; i++) {
		kt_hand_over(sc, ms[i % 2], true);
		if (i < 8)
			continue;
		KUNIT_EXPECT_GE_MSG(test, ss_moment_expected(sc), KT_MS(60), "after %u", i);
		KUNIT_EXPECT_LE_MSG(test, ss_moment_expected(sc), KT_MS(60 + 45), "after %u", i);
	}
}

/* Steady ones are expected as they are, for what is too much is silence too. */
static void kt_moment_steady_test(struct kunit *test)
{
	struct ss_card *sc = kt_new_card(test);
	unsigned int i;

	for (i = 0; i < 32; i++)
		kt_hand_over(sc, 50, true);
	KUNIT_EXPECT_GE(test, ss_moment_expected(sc), KT_MS(50));
	KUNIT_EXPECT_LE(test, ss_moment_expected(sc), KT_MS(50 + 10));
}

/* One that was late is remembered for a while, and forgotten then. */
static void kt_moment_outlier_test(struct kunit *test)
{
	struct ss_card *sc = kt_new_card(test);
	unsigned int i;

	for (i = 0; i < 32; i++)
		kt_hand_over(sc, 50, true);
	kt_hand_over(sc, 300, true);
	KUNIT_EXPECT_GE(test, ss_moment_expected(sc), KT_MS(200));
	for (i = 0; i < 64; i++)
		kt_hand_over(sc, 50, true);
	KUNIT_EXPECT_LE(test, ss_moment_expected(sc), KT_MS(50 + 10));
}

/* Nothing is learned from a driver that did not come, nor where nothing was stopped. */
static void kt_moment_not_learned_test(struct kunit *test)
{
	struct ss_card *sc = kt_new_card(test);
	u64 expected;

	kt_hand_over(sc, 50, true);
	expected = ss_moment_expected(sc);
	kt_hand_over(sc, 900, false);
	KUNIT_EXPECT_EQ(test, ss_moment_expected(sc), expected);
	ss_moment_ready(sc, true);
	KUNIT_EXPECT_EQ(test, ss_moment_expected(sc), expected);
	KUNIT_EXPECT_EQ(test, ktime_to_ns(sc->stopped), 0LL);
}

/* The first one takes the place of a guess, which was of something else. */
static void kt_moment_guess_test(struct kunit *test)
{
	struct ss_card *sc = kt_new_card(test);

	sc->made = ktime_sub_ms(ktime_get(), 400);
	ss_moment_made(sc);
	KUNIT_EXPECT_GE(test, ss_moment_expected(sc), KT_MS(400));
	kt_hand_over(sc, 50, true);
	KUNIT_EXPECT_LE(test, ss_moment_expected(sc), KT_MS(100));
	KUNIT_EXPECT_GE(test, ss_moment_expected(sc), KT_MS(50));
}

static struct kunit_case kt_moment_cases[] = {
	KUNIT_CASE(kt_moment_varies_test),
	KUNIT_CASE(kt_moment_steady_test),
	KUNIT_CASE(kt_moment_outlier_test),
	KUNIT_CASE(kt_moment_not_learned_test),
	KUNIT_CASE(kt_moment_guess_test),
	{}
};

struct kunit_suite kt_moment_suite = {
	.name = "shadow_sound_moment",
	.test_cases = kt_moment_cases,
};
