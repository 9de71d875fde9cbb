// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: limits of a queue that is in use
 *
 * Three parties write them: the driver what the device can do, the block core
 * what follows from it, users what they prefer. An incoming driver has to
 * start from fresh capabilities, or it would be thought to have what it never
 * mentioned; constraints may be inherited, they cost nothing.
 *
 * Where a driver hands over its limits at once they are merged with the users'
 * choices and set. Where it sets them one by one, in the queue that users look
 * at, those that are looked at without a reference on the frozen queue
 * (discarding and the like, the cache) keep their old value, off by one where
 * that tells whether the driver has set it.
 */
#include "block_shadow.h"

#include <linux/backing-dev.h>

#if BS_LIMITS_AT_ALLOC

#define USER_FEATURES (BLK_FEAT_ROTATIONAL | BLK_FEAT_ADD_RANDOM |		\
		       BLK_FEAT_IO_STAT | BLK_FEAT_STABLE_WRITES)

/**
 * bs_limits_begin() - an incoming driver gets the queue
 * @bd: shadow
 * @lim: limits that it hands over, or NULL
 *
 * Return: 0, or what the block core says of the limits.
 */
int bs_limits_begin(struct bs_disk *bd, struct queue_limits *lim)
{
	const struct queue_limits *kept = &bd->kept.limits;
	const struct queue_limits *was = &bd->offer.limits;
	struct queue_limits new = {};
	blk_features_t changed;

	/* Its driver starts from what is in force, and says each of it anew. */
	if (!bd->tags)
		return 0;
	if (lim)
		new = *lim;
	/* As blk_mq_alloc_queue() does. */
	new.features |= BLK_FEAT_IO_STAT | BLK_FEAT_NOWAIT;
	if (bd->tags->set.nr_maps > HCTX_TYPE_POLL)
		new.features |= BLK_FEAT_POLL;
	/* Users' choices. */
	changed = (kept->features ^ was->features) & USER_FEATURES;
	new.features = (new.features & ~changed) | (kept->features & changed);
	new.flags |= kept->flags & BLK_FLAG_WRITE_CACHE_DISABLED;
	new.max_user_sectors = kept->max_user_sectors;
	new.max_user_discard_sectors = kept->max_user_discard_sectors;
	return queue_limits_set(bd->disk->queue, &new);
}

static void settle_live(struct bs_disk *bd)
{
	struct request_queue *q = bd->disk->queue;
	struct queue_limits lim = queue_limits_start_update(q);

	bd->next.limits = lim;
	bd->next.flags = q->queue_flags;
	if (!bd->tags) {
		lim.features = (lim.features & ~USER_FEATURES) |
			       (bd->kept.limits.features & USER_FEATURES);
		/* A flush more than the driver wants does no harm, one less may. */
		lim.features |= bd->kept.limits.features & BLK_FEAT_WRITE_CACHE;
	}
	if (bd->tags)
		queue_limits_cancel_update(q);
	else if (queue_limits_commit_update(q, &lim))
		pr_warn("%s: settings of users not restored\n", bd->disk->disk_name);
}

/**
 * bs_offer_refresh() - the driver may have said something else since
 * @bd: shadow at quiesce
 *
 * Where a queue belongs to somebody else its limits are set at any time.
 */
void bs_offer_refresh(struct bs_disk *bd)
{
	if (!bd->tags)
		bd->offer.limits = bd->kept.limits;
}

#else /* !BS_LIMITS_AT_ALLOC */

/* Looked at by submitters that hold no reference on the queue. */
static const unsigned short seen_limits[] = {
	offsetof(struct queue_limits, max_discard_sectors),
	offsetof(struct queue_limits, max_write_zeroes_sectors),
	offsetof(struct queue_limits, max_secure_erase_sectors),
};

static unsigned int *limit_at(const struct queue_limits *lim, size_t i)
{
	return (void *)lim + seen_limits[i];
}

/* As good as @value for users, and yet another one. */
static unsigned int mark(unsigned int value)
{
	return value > 1 ? value - 1 : 2 * value;
}

static void start_afresh(struct queue_limits *start, const struct queue_limits *fresh)
{
	start->max_hw_sectors = fresh->max_hw_sectors;
	start->max_dev_sectors = fresh->max_dev_sectors;
	start->max_sectors = fresh->max_sectors;
	start->max_segments = fresh->max_segments;
	start->max_segment_size = fresh->max_segment_size;
	start->max_integrity_segments = fresh->max_integrity_segments;
	start->max_discard_segments = fresh->max_discard_segments;
	start->max_hw_discard_sectors = fresh->max_hw_discard_sectors;
	start->max_zone_append_sectors = fresh->max_zone_append_sectors;
}

int bs_limits_begin(struct bs_disk *bd, struct queue_limits *lim)
{
	struct queue_limits *now = &bd->disk->queue->limits;
	struct queue_limits start = bd->kept.limits;
	size_t i;

	/* Those of somebody else's queue are only in part this driver's. */
	if (bd->tags)
		start_afresh(&start, &bd->fresh_limits);
	for (i = 0; i < ARRAY_SIZE(seen_limits); i++)
		*limit_at(&start, i) = mark(*limit_at(&bd->kept.limits, i));
	*now = start;
	bd->next.flags = bd->fresh_flags;
	return 0;
}

/* What users chose below what the old driver had, they get again. */
static unsigned int user_choice(unsigned int kept, unsigned int was, unsigned int now)
{
	return kept == was ? now : min(kept, now);
}

static void settle_cache(struct bs_disk *bd)
{
	const unsigned long kept = bd->kept.flags;
	struct request_queue *q = bd->disk->queue;
	bool wc = bs_has_cache(&bd->next.limits, bd->next.flags);
	bool fua = bs_has_fua(&bd->next.limits, bd->next.flags);
	bool through = (kept & BIT(QUEUE_FLAG_HW_WC)) && !(kept & BIT(QUEUE_FLAG_WC));

	/* A flush more than the driver wants does no harm, one less may. */
	if (!bd->tags && (kept & BIT(QUEUE_FLAG_HW_WC)))
		wc = true;
	blk_queue_write_cache(q, wc, fua);
	if (wc && through)
		blk_queue_flag_clear(QUEUE_FLAG_WC, q);
}

static void settle_live(struct bs_disk *bd)
{
	const struct queue_limits *kept = &bd->kept.limits;
	const struct queue_limits *was = &bd->offer.limits;
	struct request_queue *q = bd->disk->queue;
	struct queue_limits *now = &q->limits;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(seen_limits); i++)
		if (*limit_at(now, i) == mark(*limit_at(kept, i)))
			*limit_at(now, i) = *limit_at(&bd->fresh_limits, i);
	bd->next.limits = *now;
	now->max_sectors = user_choice(kept->max_sectors, was->max_sectors,
				       now->max_sectors);
	now->max_discard_sectors = user_choice(kept->max_discard_sectors,
					       was->max_discard_sectors,
					       now->max_discard_sectors);
	settle_cache(bd);
}

void bs_offer_refresh(struct bs_disk *bd)
{
	const unsigned long cache = BIT(QUEUE_FLAG_HW_WC) | BIT(QUEUE_FLAG_FUA);
	struct queue_limits lim = bd->kept.limits;

	if (bd->tags)
		return;
	/* What users chose of these is told by the difference. */
	lim.max_sectors = bd->offer.limits.max_sectors;
	lim.max_discard_sectors = bd->offer.limits.max_discard_sectors;
	bd->offer.limits = lim;
	bd->offer.flags = (bd->offer.flags & ~cache) | (bd->kept.flags & cache);
}

#endif /* BS_LIMITS_AT_ALLOC */

/**
 * bs_limits_settle() - the incoming driver has told all its limits
 * @bd: shadow
 */
void bs_limits_settle(struct bs_disk *bd)
{
	struct request_queue *q = bd->disk->queue;

	settle_live(bd);
	q->rq_timeout = bd->kept.rq_timeout;
	bd->disk->bdi->ra_pages = bd->kept.ra_pages;
	bd->disk->bdi->io_pages = bd->kept.io_pages;
}

/**
 * bs_offer_note() - note what a driver offers that registers its first disk
 * @bd: shadow
 */
void bs_offer_note(struct bs_disk *bd)
{
	struct bs_offer *o = &bd->offer;

	o->limits = bd->disk->queue->limits;
	o->flags = bd->disk->queue->queue_flags;
	o->fops = bd->drv_fops;
	o->capacity = get_capacity(bd->disk);
	o->read_only = test_bit(GD_READ_ONLY, &bd->disk->state);
}
