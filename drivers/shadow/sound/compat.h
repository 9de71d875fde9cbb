/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shadow driver for sound cards: differences between kernel versions.
 * Nowhere else in this folder is the version asked for.
 */
#ifndef _LU_SOUND_COMPAT_H
#define _LU_SOUND_COMPAT_H

#include <linux/version.h>
#include <sound/control.h>
#include <sound/core.h>
#include <sound/hwdep.h>
#include <sound/pcm.h>
#include <sound/pcm_params.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
/* Does a driver move the samples itself? */
static inline bool ss_ops_copy(const struct snd_pcm_ops *ops)
{
	return ops->copy;
}

/* Subformats are a rule since then, which is among those that are kept. */
static inline u32 ss_subformats(void)
{
	return U32_MAX;
}

/* A pointer since then. */
static inline struct device *ss_hwdep_dev(struct snd_hwdep *hwdep)
{
	return hwdep->dev;
}

/*
 * Who calls snd_ctl_remove() holds card->controls_rwsem on 6.1, and does not
 * since 6.5. What that caller is to do itself, and what it still lacks:
 */
static inline void ss_remove_begin(struct snd_card *card)
{
}

static inline void ss_remove_end(struct snd_card *card)
{
}

static inline void ss_removing_lock(struct snd_card *card)
{
	down_write(&card->controls_rwsem);
}

static inline void ss_removing_unlock(struct snd_card *card)
{
	up_write(&card->controls_rwsem);
}
#else
static inline bool ss_ops_copy(const struct snd_pcm_ops *ops)
{
	return ops->copy_user || ops->copy_kernel;
}

static inline u32 ss_subformats(void)
{
	return 1U << (__force int)SNDRV_PCM_SUBFORMAT_STD;
}

static inline struct device *ss_hwdep_dev(struct snd_hwdep *hwdep)
{
	return &hwdep->dev;
}

static inline void ss_remove_begin(struct snd_card *card)
{
	down_write(&card->controls_rwsem);
}

static inline void ss_remove_end(struct snd_card *card)
{
	up_write(&card->controls_rwsem);
}

static inline void ss_removing_lock(struct snd_card *card)
{
	lockdep_assert_held_write(&card->controls_rwsem);
}

static inline void ss_removing_unlock(struct snd_card *card)
{
}

/* Kernel updates gave it a second name, see sound_taps. */
#define SS_FIND_ID_LOCKED
#endif

#endif /* _LU_SOUND_COMPAT_H */
