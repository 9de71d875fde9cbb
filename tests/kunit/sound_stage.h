/* SPDX-License-Identifier: GPL-2.0 */
/* What the suites of sound cards share. */
#ifndef _KT_SOUND_STAGE_H
#define _KT_SOUND_STAGE_H

#include "lu_kunit.h"

#define KT_PERIOD	1200
#define KT_BUFFER	(8 * KT_PERIOD)

struct file;
struct snd_card;
struct snd_pcm_substream;

/* The first card, whoever drives it. */
extern struct snd_card *kt_card;

/* A client of the first card's first PCM, in a thread of its own. */
extern struct kt_client {
	struct file *file;
	struct snd_pcm_substream *ss;
	struct task_struct *task;
	u8 *samples;
	atomic_t periods;
	unsigned int back;
	int err;
} kt_client;

int kt_sound_setup(struct kunit *test);
void kt_sound_teardown(struct kunit *test);
struct lu_set *kt_sound_up(struct kunit *test);
void kt_close(struct file *file);
struct file *kt_open_pcm(unsigned int pcm, int flags);
void kt_client_open(struct kunit *test);
void kt_client_go(struct kunit *test);
void kt_client_start(struct kunit *test);
void kt_expect_client_goes_on(struct kunit *test);
void kt_expect_client_state(struct kunit *test, snd_pcm_state_t want);
void kt_expect_heard_by(struct kunit *test, unsigned int nr);

#endif /* _KT_SOUND_STAGE_H */
