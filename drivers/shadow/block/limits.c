// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: limits of a queue that is in use
 *
 * Three parties write them: the driver what the device can do, the block core
 * what follows from it, users what they prefer. An incoming driver has to
 * start from fresh capabilities, or it would be thought to have what it never
 * mentioned; constraints may be inherited, they cost nothing.
 *
 * A driver hands over its limits when it allocates the disk, or sets them in the
 * queue that users look at, at once or one by one. Those that are looked at
 * without a reference on the frozen queue (discarding and the like, the cache)
 * keep their old value meanwhile, off by one where that tells whether the driver
 * has set it.
 */
#include "block_shadow.h"

#include <linux/backing-dev.h>

/* As good as @value for users, and yet another one. */
static unsigned int mark(unsigned int value)
{
	return value > 1 ? value - 1 : 2 * value;
}

/* Looked at by submitters that hold no reference on the queue. */
static const unsigned short seen_limits[] = {
#if BS_LIMITS_AT_ALLOC
	offsetof(struct queue_limits, max_hw_discard_sectors),
#else
	offsetof(struct queue_limits, max_discard_sectors),
#endif
	offsetof(struct queue_limits, max_write_zeroes_sectors),
	offsetof(struct queue_limits, max_secure_erase_sectors),
};

static unsigned int *limit_at(const struct queue_limits *lim, size_t i)
{
	return (void *)lim + seen_limits[i];
}

#if BS_LIMITS_AT_ALLOC

/* A flush that is dropped is lost; one more than the driver wants does no harm. */
#define SEEN_FEATURES (BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA)

#define USER_FEATURES (BLK_FEAT_ROTATIONAL | BLK_FEAT_ADD_RANDOM |		\
		       BLK_FEAT_IO_STAT | BLK_FEAT_STABLE_WRITES)

/* What the driver says, with what was in force where users look. */
static void seen_keep(struct queue_limits *lim, const struct queue_limits *kept)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(seen_limits); i++)
		if (*limit_at(kept, i))
			*limit_at(lim, i) = mark(*limit_at(kept, i));
	lim->features |= kept->features & SEEN_FEATURES;
}

/* What it has not set since it began is what it said before. */
static void seen_resolve(struct queue_limits *lim, const struct queue_limits *kept,
			 const struct queue_limits *said)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(seen_limits); i++)
		if (*limit_at(kept, i) && *limit_at(lim, i) == mark(*limit_at(kept, i)))
			*limit_at(lim, i) = *limit_at(said, i);
}

/* Constraints of a driver that sets them later, in what is there. */
static void inherit_constraints(struct queue_limits *lim, const struct queue_limits *kept)
{
	if (lim->logical_block_size)
		return;
	lim->logical_block_size = kept->logical_block_size;
	lim->physical_block_size = kept->physical_block_size;
	lim->io_min = kept->io_min;
	lim->dma_alignment = kept->dma_alignment;
	lim->discard_granularity = kept->discard_granularity;
}

static int set_with_seen(struct bs_disk *bd, const struct queue_limits *said)
{
	struct queue_limits lim = *said;
	int err;

	seen_keep(&lim, &bd->kept.limits);
	err = queue_limits_set(bd->disk->queue, &lim);
	bd->next.limits = *said;
	return err;
}

/**
 * bs_limits_commit() - an incoming driver sets limits after it got the disk
 * @bd: shadow of a disk that it has not registered yet
 * @lim: from queue_limits_start_update(), and changed
 *
 * Return: as queue_limits_commit_update().
 */
int bs_limits_commit(struct bs_disk *bd, struct queue_limits *lim)
{
	const struct queue_limits *kept = &bd->kept.limits;
	struct queue_limits said = *lim;
	int err;

	seen_resolve(&said, kept, &bd->next.limits);
	seen_keep(lim, kept);
	err = queue_limits_commit_update(bd->disk->queue, lim);
	if (!err)
		bd->next.limits = said;
	return err;
}

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
	inherit_constraints(&new, kept);
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
	return set_with_seen(bd, &new);
}

/* What the driver said is in force from its registration on. */
static void settle_own(struct bs_disk *bd)
{
	struct request_queue *q = bd->disk->queue;
	struct queue_limits lim = queue_limits_start_update(q);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(seen_limits); i++)
		*limit_at(&lim, i) = *limit_at(&bd->next.limits, i);
	lim.features = (lim.features & ~SEEN_FEATURES) |
		       (bd->next.limits.features & SEEN_FEATURES);
	if (queue_limits_commit_update(q, &lim))
		pr_warn("%s: limits not set\n", bd->disk->disk_name);
	bd->next.limits = q->limits;
	bd->next.flags = q->queue_flags;
}

static void settle_borrowed(struct bs_disk *bd)
{
	struct request_queue *q = bd->disk->queue;
	struct queue_limits lim = queue_limits_start_update(q);

	bd->next.limits = lim;
	bd->next.flags = q->queue_flags;
	lim.features = (lim.features & ~USER_FEATURES) |
		       (bd->kept.limits.features & USER_FEATURES);
	/* A flush more than the driver wants does no harm, one less may. */
	lim.features |= bd->kept.limits.features & BLK_FEAT_WRITE_CACHE;
	if (queue_limits_commit_update(q, &lim))
		pr_warn("%s: settings of users not restored\n", bd->disk->disk_name);
}

static void settle_live(struct bs_disk *bd)
{
	if (bd->tags)
		settle_own(bd);
	else
		settle_borrowed(bd);
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

/* Where discarding is told, and yet another value. */
static unsigned int mark_up(unsigned int granularity)
{
	return granularity ? granularity + 1 : 0;
}

/*
 * A driver may look whether discarding has been set already, and leave it then.
 * One that says the granularity and not the maximum means the one that it finds.
 */
static void settle_discard(struct bs_disk *bd, struct queue_limits *now)
{
	const struct queue_limits *kept = &bd->kept.limits, *was = &bd->offer.limits;

	if (now->discard_granularity == mark_up(kept->discard_granularity)) {
		now->discard_granularity = kept->discard_granularity;
		return;
	}
	if (!bd->tags || !kept->max_discard_sectors ||
	    now->max_discard_sectors != mark(kept->max_discard_sectors))
		return;
	now->max_discard_sectors = was->max_discard_sectors;
	now->max_hw_discard_sectors = was->max_hw_discard_sectors;
	now->max_discard_segments = was->max_discard_segments;
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
	start.discard_granularity = mark_up(start.discard_granularity);
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

	settle_discard(bd, now);
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
