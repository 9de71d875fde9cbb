// SPDX-License-Identifier: GPL-2.0
/*
 * What the suites of sound cards share: the stage with its accounts, and a
 * client that plays.
 */
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <sound/pcm_params.h>

#include "fake_card.h"
#include "sound_stage.h"

struct snd_card *kt_card;

struct kt_client kt_client;

static struct snd_pcm_substream *substream_of(struct file *file)
{
	const struct snd_pcm_file *pf = file->private_data;

	return pf->substream;
}

struct file *kt_open_pcm(unsigned int pcm, int flags)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/snd/pcmC%dD%up", kt_card_of(0)->number, pcm);
	return filp_open(path, O_RDWR | flags, 0);
}

struct kt_closing {
	struct work_struct work;
	struct file *file;
};

static void kt_close_work(struct work_struct *work)
{
	fput(container_of(work, struct kt_closing, work)->file);
	flush_delayed_fput();
}

/* A suite's exit is called by insmod if a test failed; closing would wait until that returns. */
void kt_close(struct file *file)
{
	struct kt_closing closing = { .file = file };

	INIT_WORK_ONSTACK(&closing.work, kt_close_work);
	queue_work(system_long_wq, &closing.work);
	flush_work(&closing.work);
	destroy_work_on_stack(&closing.work);
}

static void fix(struct snd_pcm_hw_params *p, int var, unsigned int value)
{
	struct snd_interval *i = hw_param_interval(p, var);

	i->min = value;
	i->max = value;
	i->integer = 1;
	p->rmask |= 1 << var;
}

/* S16, stereo, 48 kHz, 200 ms. */
static int kt_configure(struct snd_pcm_substream *ss)
{
	struct snd_pcm_hw_params *p = kzalloc(sizeof(*p), GFP_KERNEL);
	struct snd_mask *m;
	int err;

	if (!p)
		return -ENOMEM;
	_snd_pcm_hw_params_any(p);
	m = hw_param_mask(p, SNDRV_PCM_HW_PARAM_FORMAT);
	snd_mask_none(m);
	snd_mask_set(m, (__force unsigned int)SNDRV_PCM_FORMAT_S16_LE);
	m = hw_param_mask(p, SNDRV_PCM_HW_PARAM_ACCESS);
	snd_mask_none(m);
	snd_mask_set(m, (__force unsigned int)SNDRV_PCM_ACCESS_RW_INTERLEAVED);
	fix(p, SNDRV_PCM_HW_PARAM_CHANNELS, 2);
	fix(p, SNDRV_PCM_HW_PARAM_RATE, KT_CARD_RATE);
	fix(p, SNDRV_PCM_HW_PARAM_PERIOD_SIZE, KT_PERIOD);
	fix(p, SNDRV_PCM_HW_PARAM_BUFFER_SIZE, KT_BUFFER);
	err = snd_pcm_kernel_ioctl(ss, SNDRV_PCM_IOCTL_HW_PARAMS, p);
	kfree(p);
	/* A checked kernel on a busy machine is late at times; no error for that. */
	if (!err)
		ss->runtime->stop_threshold = ss->runtime->boundary;
	ss->wait_time = 20 * MSEC_PER_SEC;
	return err ?: snd_pcm_kernel_ioctl(ss, SNDRV_PCM_IOCTL_PREPARE, NULL);
}

static int kt_client_loop(void *arg)
{
	struct snd_pcm_runtime *rt = kt_client.ss->runtime;
	snd_pcm_uframes_t last = rt->status->hw_ptr, now;
	snd_pcm_sframes_t n;

	while (!kthread_should_stop() && !kt_client.err) {
		n = __snd_pcm_lib_xfer(kt_client.ss, kt_client.samples, true, KT_PERIOD, true);
		now = READ_ONCE(rt->status->hw_ptr);
		if (n != KT_PERIOD && !kthread_should_stop())
			kt_client.err = n < 0 ? n : -EPIPE;
		kt_client.back += now < last;
		last = now;
		atomic_inc(&kt_client.periods);
	}
	while (!kthread_should_stop())
		msleep(20);
	return 0;
}

/* Open and prepared. */
void kt_client_open(struct kunit *test)
{
	struct file *file;

	kt_client.samples = kunit_kzalloc(test, KT_PERIOD * 4, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, kt_client.samples);
	file = kt_open_pcm(0, 0);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%ld", PTR_ERR(file));
	kt_client.file = file;
	kt_client.ss = substream_of(file);
	KUNIT_ASSERT_EQ(test, kt_configure(kt_client.ss), 0);
}

void kt_client_go(struct kunit *test)
{
	struct task_struct *task = kthread_run(kt_client_loop, NULL, "kt_client");

	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	kt_client.task = task;
}

void kt_client_start(struct kunit *test)
{
	kt_client_open(test);
	kt_client_go(test);
}

static void kt_client_stop(void)
{
	struct task_struct *task = kt_client.task;

	kt_client.task = NULL;
	if (task)
		kthread_stop(task);
	if (kt_client.file)
		kt_close(kt_client.file);
	kt_client.file = NULL;
}

void kt_expect_client_goes_on(struct kunit *test)
{
	int seen = atomic_read(&kt_client.periods);
	unsigned long deadline = jiffies + 20 * HZ;

	while (atomic_read(&kt_client.periods) < seen + 2 * 8 && time_before(jiffies, deadline))
		msleep(20);
	KUNIT_EXPECT_GE_MSG(test, atomic_read(&kt_client.periods), seen + 2 * 8, "it hangs");
	KUNIT_EXPECT_EQ(test, kt_client.err, 0);
	KUNIT_EXPECT_EQ_MSG(test, kt_client.back, 0U, "the position stepped back");
}

void kt_expect_client_state(struct kunit *test, snd_pcm_state_t want)
{
	KUNIT_EXPECT_EQ(test, (__force int)kt_client.ss->runtime->state, (__force int)want);
}

/* Started by its own driver, which a stream is at the beginning of its buffer. */
void kt_expect_heard_by(struct kunit *test, unsigned int nr)
{
	unsigned long deadline = jiffies + 20 * HZ;

	while (!atomic_read(&kt_cards.seen[nr].running) && time_before(jiffies, deadline))
		msleep(20);
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&kt_cards.seen[nr].running), 1, "version %u", nr);
}

int kt_sound_setup(struct kunit *test)
{
	unsigned int i;

	kt_setup(test);
	kt_card_reset();
	memset(&kt_client, 0, sizeof(kt_client));
	for (i = 0; i < KT_VERSIONS; i++)
		kt.behaviour[i].card = true;
	return 0;
}

void kt_sound_teardown(struct kunit *test)
{
	unsigned int i;

	kt_cards.during = NULL;
	kt_client_stop();
	kt_teardown(test);
	for (i = 0; i < KT_VERSIONS; i++) {
		const struct kt_card_seen *seen = &kt_cards.seen[i];

		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&seen->open), 0, "version %u", i);
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&seen->params), 0, "version %u", i);
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&seen->running), 0, "version %u", i);
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&seen->midi), 0, "version %u", i);
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&seen->cards), 0, "version %u", i);
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&seen->wrong), 0, "version %u", i);
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&seen->dirty), 0, "version %u", i);
	}
}

/* Version 0 drives the cards, version 1 is staged. */
struct lu_set *kt_sound_up(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
	KUNIT_ASSERT_NOT_NULL(test, kt_set());
	KUNIT_ASSERT_NOT_NULL(test, kt_card_of(0));
	KUNIT_ASSERT_NOT_NULL(test, kt_card_of(1));
	kt_card = kt_card_of(0);
	return kt_set();
}
