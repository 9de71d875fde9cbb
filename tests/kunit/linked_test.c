// SPDX-License-Identifier: GPL-2.0
/*
 * Two linked streams of a card go from version to version. Its driver starts
 * and stops all of a group at once, and counts what it is told out of turn.
 */
#include <linux/delay.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>

#include "fake_card.h"
#include "sound_stage.h"

/* Of the second PCM; the client's is linked to it. */
static struct file *kt_second;

static long kt_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return file->f_op->unlocked_ioctl(file, cmd, arg);
}

static void kt_link(struct kunit *test)
{
	int fd = get_unused_fd_flags(0);

	KUNIT_ASSERT_GE(test, fd, 0);
	fd_install(fd, get_file(kt_second));
	KUNIT_EXPECT_EQ(test, kt_ioctl(kt_client.file, SNDRV_PCM_IOCTL_LINK, fd), 0L);
	close_fd(fd);
}

/* Both are open, prepared and linked. */
static void kt_pair_open(struct kunit *test, unsigned int buffer, unsigned int second_buffer)
{
	struct file *file;

	kt_client_open_with(test, buffer);
	file = kt_open_pcm(1, 0);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%ld", PTR_ERR(file));
	kt_second = file;
	KUNIT_ASSERT_EQ(test, kt_configure(kt_substream_of(file), second_buffer), 0);
	kt_link(test);
}

static void kt_linked_teardown(struct kunit *test)
{
	struct file *file = kt_second;

	kt_cards.during = NULL;
	kt_second = NULL;
	if (file)
		kt_close(file);
	kt_sound_teardown(test);
}

/* So many streams are driven by version @nr in the end, and none by another. */
static void kt_expect_running(struct kunit *test, int nr, int streams)
{
	unsigned long deadline = jiffies + 20 * HZ;
	int i;

	while (atomic_read(&kt_cards.seen[nr].running) != streams && time_before(jiffies, deadline))
		msleep(20);
	for (i = 0; i < KT_VERSIONS; i++)
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&kt_cards.seen[i].running),
				    i == nr ? streams : 0, "version %d", i);
}

static void kt_expect_states(struct kunit *test, snd_pcm_state_t state)
{
	KUNIT_EXPECT_EQ(test, (__force int)kt_client.ss->runtime->state, (__force int)state);
	KUNIT_EXPECT_EQ(test, (__force int)kt_substream_of(kt_second)->runtime->state,
			(__force int)state);
}

/* One starts both; both go there and back, and stop together again. */
static void kt_linked_update_test(struct kunit *test)
{
	struct lu_set *set = kt_sound_up(test);

	kt_pair_open(test, KT_BUFFER, KT_BUFFER);
	kt_client_go(test);
	kt_expect_client_goes_on(test);
	kt_expect_running(test, 0, 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&kt_cards.seen[0].starts), 2);
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_STREQ(test, kt_mismatches(test, set), "");
	kt_expect_running(test, 1, 2);
	kt_expect_client_goes_on(test);
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	kt_expect_running(test, 0, 2);
	kt_expect_client_goes_on(test);
	kt_expect_states(test, SNDRV_PCM_STATE_RUNNING);
	KUNIT_EXPECT_EQ(test, kt_ioctl(kt_second, SNDRV_PCM_IOCTL_DROP, 0), 0L);
	kt_expect_states(test, SNDRV_PCM_STATE_SETUP);
	kt_expect_running(test, 0, 0);
}

/* An update that is not over before all streams are the driver's. */
static struct kt_updating {
	struct work_struct work;
	struct lu_set *set;
	int err;
} kt_updating;

static void kt_updating_work(struct work_struct *work)
{
	kt_updating.err = lu_update(kt_updating.set);
}

/* One stream is the driver's again; the other one, whose buffer is longer, is not yet. */
static void kt_half_landed(struct kunit *test)
{
	int i;

	for (i = 0; i < KT_VERSIONS; i++) {
		kt_cards.offer[i].info = SNDRV_PCM_INFO_PAUSE;
		kt_cards.offer[i].buffer = 8 * KT_BUFFER * 4;
	}
	kt_updating.set = kt_sound_up(test);
	kt_pair_open(test, 5 * KT_BUFFER, 8 * KT_BUFFER);
	KUNIT_EXPECT_EQ(test, kt_ioctl(kt_client.file, SNDRV_PCM_IOCTL_START, 0), 0L);
	kt_expect_running(test, 0, 2);
	INIT_WORK(&kt_updating.work, kt_updating_work);
	queue_work(system_unbound_wq, &kt_updating.work);
	kt_expect_running(test, 1, 1);
}

static void kt_expect_all_landed(struct kunit *test)
{
	flush_work(&kt_updating.work);
	KUNIT_EXPECT_EQ(test, kt_updating.err, 0);
	kt_expect_running(test, 1, 2);
	/* Nor does one go on pretending beside its driver. */
	KUNIT_EXPECT_PTR_EQ(test, (void *)kt_client.ss->ops->pointer, kt_card_pointer);
	KUNIT_EXPECT_PTR_EQ(test, (void *)kt_substream_of(kt_second)->ops->pointer,
			    kt_card_pointer);
}

static void kt_linked_restart_test(struct kunit *test)
{
	kt_half_landed(test);
	KUNIT_EXPECT_EQ(test, kt_ioctl(kt_client.file, SNDRV_PCM_IOCTL_DROP, 0), 0L);
	kt_expect_states(test, SNDRV_PCM_STATE_SETUP);
	kt_expect_running(test, 1, 0);
	KUNIT_EXPECT_EQ(test, kt_ioctl(kt_client.file, SNDRV_PCM_IOCTL_PREPARE, 0), 0L);
	kt_expect_states(test, SNDRV_PCM_STATE_PREPARED);
	KUNIT_EXPECT_EQ(test, kt_ioctl(kt_client.file, SNDRV_PCM_IOCTL_START, 0), 0L);
	kt_expect_states(test, SNDRV_PCM_STATE_RUNNING);
	kt_expect_all_landed(test);
}

static void kt_linked_pause_test(struct kunit *test)
{
	kt_half_landed(test);
	KUNIT_EXPECT_EQ(test, kt_ioctl(kt_client.file, SNDRV_PCM_IOCTL_PAUSE, 1), 0L);
	kt_expect_states(test, SNDRV_PCM_STATE_PAUSED);
	kt_expect_running(test, 1, 0);
	KUNIT_EXPECT_EQ(test, kt_ioctl(kt_client.file, SNDRV_PCM_IOCTL_PAUSE, 0), 0L);
	kt_expect_states(test, SNDRV_PCM_STATE_RUNNING);
	kt_expect_all_landed(test);
}

/* Linked in mid-update, and no longer before it is over. */
static struct kunit *kt_linked_case;

static void kt_link_meanwhile(unsigned int nr, unsigned int device)
{
	if (nr == 1 && !device)
		kt_link(kt_linked_case);
}

static void kt_linked_meanwhile_test(struct kunit *test)
{
	struct lu_set *set = kt_sound_up(test);

	kt_pair_open(test, KT_BUFFER, KT_BUFFER);
	KUNIT_EXPECT_EQ(test, kt_ioctl(kt_second, SNDRV_PCM_IOCTL_UNLINK, 0), 0L);
	kt_client_go(test);
	kt_expect_running(test, 0, 1);
	KUNIT_EXPECT_EQ(test, kt_ioctl(kt_second, SNDRV_PCM_IOCTL_START, 0), 0L);
	kt_expect_running(test, 0, 2);
	kt_linked_case = test;
	kt_cards.during = kt_link_meanwhile;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	kt_cards.during = NULL;
	kt_expect_running(test, 1, 2);
	kt_expect_client_goes_on(test);
	KUNIT_EXPECT_EQ(test, kt_ioctl(kt_second, SNDRV_PCM_IOCTL_UNLINK, 0), 0L);
	KUNIT_EXPECT_EQ(test, kt_ioctl(kt_second, SNDRV_PCM_IOCTL_DROP, 0), 0L);
	kt_expect_running(test, 1, 1);
	kt_expect_client_goes_on(test);
}

static struct kunit_case kt_linked_cases[] = {
	KUNIT_CASE(kt_linked_update_test),
	KUNIT_CASE(kt_linked_restart_test),
	KUNIT_CASE(kt_linked_pause_test),
	KUNIT_CASE(kt_linked_meanwhile_test),
	{}
};

struct kunit_suite kt_linked_suite = {
	.name = "shadow_sound_linked",
	.init = kt_sound_setup,
	.exit = kt_linked_teardown,
	.test_cases = kt_linked_cases,
};
