// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: a tag set and its requests change hands
 *
 * Requests, hardware contexts and flush requests belong to the block core and
 * stay; what the driver has in them is taken down by the outgoing driver's
 * functions and set up by the incoming driver's, at the moments at which the
 * block core would do so::
 *
 *	outgoing driver: del_gendisk  -> bs_queue_leave_driver()
 *	                 free_tag_set -> bs_tags_leave()
 *	incoming driver: alloc_tag_set -> bs_tags_hand_out()
 *	                 alloc_disk    -> bs_queue_enter_driver()
 *
 * The queue is frozen throughout, so that no request is in use. A change of
 * scheduler allocates requests also meanwhile: in between it finds a table
 * that is nobody's.
 */
#include "block_shadow.h"

#include <linux/slab.h>

/* The queue is frozen: only a disk that has no driver any more can be asked. */
static blk_status_t nobody_queue_rq(struct blk_mq_hw_ctx *hctx,
				    const struct blk_mq_queue_data *data)
{
	return BLK_STS_IOERR;
}

static const struct blk_mq_ops nobody_ops = {
	.queue_rq = nobody_queue_rq,
};

/**
 * struct walk - one pass over requests
 * @t: their tag set
 * @enter: initialise, or else exit
 * @done: requests treated
 * @limit: end after so many
 */
struct walk {
	struct bs_tags *t;
	bool enter;
	unsigned int done;
	unsigned int limit;
};

static int walk_request(struct walk *w, struct request *rq, unsigned int idx)
{
	const struct blk_mq_ops *ops = w->t->drv_ops;
	int err = 0;

	if (!rq || w->done >= w->limit)
		return 0;
	if (w->enter) {
		memset(blk_mq_rq_to_pdu(rq), 0, w->t->set.cmd_size);
		if (ops->init_request)
			err = ops->init_request(w->t->drv, rq, idx, w->t->set.numa_node);
	} else if (ops->exit_request) {
		ops->exit_request(w->t->drv, rq, idx);
	}
	if (!err)
		w->done++;
	return err;
}

static int walk_tags(struct walk *w, struct blk_mq_tags *tags, unsigned int idx)
{
	unsigned int i;
	int err = 0;

	if (!tags)
		return 0;
	for (i = 0; i < tags->nr_tags && !err; i++)
		err = walk_request(w, tags->static_rqs[i], idx);
	return err;
}

static int walk_driver_tags(struct walk *w)
{
	struct blk_mq_tag_set *set = &w->t->set;
	unsigned int i;
	int err = 0;

	if (set->shared_tags)
		return walk_tags(w, set->shared_tags, BLK_MQ_NO_HCTX_IDX);
	for (i = 0; i < set->nr_hw_queues && !err; i++)
		err = walk_tags(w, set->tags[i], i);
	return err;
}

static int walk_queue(struct walk *w, struct bs_disk *bd)
{
	struct request_queue *q = bd->disk->queue;
	struct blk_mq_hw_ctx *hctx;
	unsigned long i;
	int err = 0;

	if (q->elevator && q->sched_shared_tags)
		err = walk_tags(w, q->sched_shared_tags, BLK_MQ_NO_HCTX_IDX);
	queue_for_each_hw_ctx(q, hctx, i) {
		if (!err && i < bd->nr_flush)
			err = walk_request(w, bd->flush[i], i);
		if (!err && q->elevator && !q->sched_shared_tags)
			err = walk_tags(w, hctx->sched_tags, i);
	}
	return err;
}

/* One pass; a failed one is undone. */
static int walk_all(struct bs_tags *t, struct bs_disk *bd, bool enter)
{
	struct walk w = { .t = t, .enter = enter, .limit = UINT_MAX };
	int err = bd ? walk_queue(&w, bd) : walk_driver_tags(&w);

	if (err && enter) {
		struct walk undo = { .t = t, .limit = w.done };

		if (bd)
			walk_queue(&undo, bd);
		else
			walk_driver_tags(&undo);
	}
	return err;
}

/**
 * bs_tags_mirror() - the driver's tag set shows what is in force
 * @t: shadow of a tag set that a driver has
 */
void bs_tags_mirror(struct bs_tags *t)
{
	struct blk_mq_tag_set *drv = t->drv;

	drv->tags = t->set.tags;
	drv->shared_tags = t->set.shared_tags;
	memcpy(drv->map, t->set.map, sizeof(drv->map));
	drv->nr_maps = t->set.nr_maps;
	drv->nr_hw_queues = t->set.nr_hw_queues;
	drv->queue_depth = t->set.queue_depth;
}

/**
 * bs_tags_alloc() - a managed driver allocates its first tag set
 * @ldev: device whose probe does it
 * @drv: the driver's structure
 *
 * Return: 0 or what the block core says.
 */
int bs_tags_alloc(struct lu_device *ldev, struct blk_mq_tag_set *drv)
{
	struct bs_tags *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int err;

	if (!t)
		return -ENOMEM;
	mutex_init(&t->spy_lock);
	t->ldev = ldev;
	t->turn = bs_tags_turn(ldev);
	t->set = *drv;
	t->set.cmd_size = ALIGN(drv->cmd_size, sizeof(long)) + bs_slack();
	err = blk_mq_alloc_tag_set(&t->set);
	if (err) {
		kfree(t);
		return err;
	}
	lu_device_hold(ldev);
	t->drv = drv;
	t->drv_ops = drv->ops;
	t->handed = true;
	t->drv_requests = true;
	t->mode = BS_PASSIVE;
	bs_tags_mirror(t);
	bs_tags_track(t);
	return 0;
}

static bool differs(struct bs_tags *t, const char *what, unsigned int was,
		    unsigned int now)
{
	struct lu_txn *txn = bs_lu_txn(t->ldev);

	if (was == now)
		return false;
	if (txn && !lu_txn_rolling_back(txn))
		lu_mismatch(txn, "%s: %s %u -> %u", dev_name(t->ldev->dev), what, was,
			    now);
	return true;
}

static bool shrinks(struct bs_tags *t, const char *what, unsigned int was, unsigned int now)
{
	return now < was && differs(t, what, was, now);
}

/*
 * Which queue is for what is only known to a driver, where they differ. What
 * blk_mq_alloc_tag_set() makes of their number otherwise: no more than CPUs.
 */
static bool queues_fit(struct bs_tags *t, const struct blk_mq_tag_set *drv)
{
	unsigned int was = t->set.nr_hw_queues, now = drv->nr_hw_queues;

	if (drv->nr_maps > 1 || t->set.nr_maps > 1)
		return !differs(t, "hardware queues", was, now);
	return !shrinks(t, "hardware queues", was, min(now, nr_cpu_ids));
}

/*
 * A tag set in use keeps its shape: what an incoming driver has more than that
 * stays idle, so that the way back is open. All that is missing is named.
 */
static bool tags_fit(struct bs_tags *t, const struct blk_mq_tag_set *drv)
{
	const unsigned int core_flags = BLK_MQ_F_TAG_QUEUE_SHARED;
	const struct blk_mq_tag_set *set = &t->set;
	bool bad = !queues_fit(t, drv);

	bad |= shrinks(t, "queue depth", set->queue_depth,
		       min_t(unsigned int, drv->queue_depth, BLK_MQ_MAX_DEPTH));
	bad |= differs(t, "reserved tags", set->reserved_tags, drv->reserved_tags);
	bad |= differs(t, "queue maps", set->nr_maps, max(drv->nr_maps, 1u));
	bad |= differs(t, "tag set flags", set->flags & ~core_flags,
		       drv->flags & ~core_flags);
	if (drv->cmd_size > set->cmd_size)
		bad |= differs(t, "request payload", set->cmd_size, drv->cmd_size);
	return !bad;
}

/**
 * bs_tags_hand_out() - an incoming driver allocates its tag set
 * @t: shadow of the kept one
 * @drv: the driver's structure
 *
 * Context: Process context, probe of the device.
 * Return: 0, -EOPNOTSUPP if it does not fit, or what the driver says.
 */
int bs_tags_hand_out(struct bs_tags *t, struct blk_mq_tag_set *drv)
{
	int err;

	if (!drv->ops || !drv->ops->queue_rq)
		return -EINVAL;
	if (!tags_fit(t, drv))
		return -EOPNOTSUPP;
	t->drv = drv;
	t->drv_ops = drv->ops;
	t->set.driver_data = drv->driver_data;
	t->set.timeout = drv->timeout;
	bs_tags_mirror(t);
	err = walk_all(t, NULL, true);
	if (err) {
		t->drv = NULL;
		return err;
	}
	t->drv_requests = true;
	t->handed = true;
	return 0;
}

static void tags_detach(struct bs_tags *t)
{
	struct blk_mq_tag_set *drv = t->drv;

	t->set.ops = &nobody_ops;
	t->set.driver_data = NULL;
	t->drv = NULL;
	t->drv_ops = NULL;
	t->drv_requests = false;
	t->handed = false;
	if (drv) {
		drv->tags = NULL;
		drv->shared_tags = NULL;
		memset(drv->map, 0, sizeof(drv->map));
	}
}

/**
 * bs_tags_leave() - an outgoing driver frees its tag set, which is kept
 * @t: its shadow
 */
void bs_tags_leave(struct bs_tags *t)
{
	if (!t->handed)
		return;
	if (t->drv_requests)
		walk_all(t, NULL, false);
	tags_detach(t);
}

/**
 * bs_tags_forget() - an outgoing driver did not free its tag set
 * @t: shadow of a kept one; nothing of the driver is called any more
 */
void bs_tags_forget(struct bs_tags *t)
{
	if (t->handed)
		tags_detach(t);
}

/**
 * bs_tags_free() - a driver frees its tag set for good
 * @t: its shadow
 */
void bs_tags_free(struct bs_tags *t)
{
	bs_tags_untrack(t);
	blk_mq_free_tag_set(&t->set);
	tags_detach(t);
	lu_device_put(t->ldev);
	kfree(t);
}

static int enter_contexts(struct bs_disk *bd)
{
	struct bs_tags *t = bd->tags;
	const struct blk_mq_ops *ops = t->drv_ops;
	struct blk_mq_hw_ctx *hctx;
	unsigned long i, done;
	int err = 0;

	queue_for_each_hw_ctx(bd->disk->queue, hctx, i) {
		hctx->driver_data = NULL;
		if (ops->init_hctx)
			err = ops->init_hctx(hctx, t->set.driver_data, i);
		if (err)
			break;
	}
	if (!err)
		return 0;
	done = i;
	queue_for_each_hw_ctx(bd->disk->queue, hctx, i)
		if (i < done && ops->exit_hctx)
			ops->exit_hctx(hctx, i);
	return -ENOMEM;
}

static void leave_contexts(struct bs_disk *bd)
{
	const struct blk_mq_ops *ops = bd->tags->drv_ops;
	struct blk_mq_hw_ctx *hctx;
	unsigned long i;

	queue_for_each_hw_ctx(bd->disk->queue, hctx, i) {
		if (ops->exit_hctx)
			ops->exit_hctx(hctx, i);
		hctx->driver_data = NULL;
	}
}

/**
 * bs_queue_enter_driver() - an incoming driver gets the kept queue
 * @bd: shadow of its disk; the tag set has been handed out
 * @queuedata: what the driver wants to find in the queue
 *
 * Return: 0 or what the driver says.
 */
int bs_queue_enter_driver(struct bs_disk *bd, void *queuedata)
{
	struct request_queue *q = bd->disk->queue;
	struct bs_tags *t = bd->tags;
	int err;

	mutex_lock(&q->sysfs_lock);
	q->queuedata = queuedata;
	q->mq_ops = t->drv_ops;
	t->set.ops = t->drv_ops;
	err = enter_contexts(bd);
	if (!err) {
		err = walk_all(t, bd, true);
		if (err)
			leave_contexts(bd);
	}
	if (err) {
		t->set.ops = &nobody_ops;
		q->mq_ops = &nobody_ops;
		q->queuedata = NULL;
	}
	bd->drv_queue = !err;
	mutex_unlock(&q->sysfs_lock);
	return err;
}

/**
 * bs_queue_drop_driver() - nothing of a driver is in the queue any more
 * @bd: shadow whose driver is gone, with or without a word
 */
void bs_queue_drop_driver(struct bs_disk *bd)
{
	struct request_queue *q = bd->disk->queue;

	mutex_lock(&q->sysfs_lock);
	bd->tags->set.ops = &nobody_ops;
	q->mq_ops = &nobody_ops;
	q->queuedata = NULL;
	bd->drv_queue = false;
	mutex_unlock(&q->sysfs_lock);
}

/**
 * bs_queue_leave_driver() - an outgoing driver gives the queue up, which is kept
 * @bd: its shadow; the queue is frozen
 */
void bs_queue_leave_driver(struct bs_disk *bd)
{
	struct request_queue *q = bd->disk->queue;

	if (!bd->drv_queue)
		return;
	mutex_lock(&q->sysfs_lock);
	walk_all(bd->tags, bd, false);
	leave_contexts(bd);
	mutex_unlock(&q->sysfs_lock);
	bs_queue_drop_driver(bd);
}

/* A table that learns which requests the block core initialises. */
struct spy {
	struct blk_mq_ops ops;
	const struct blk_mq_ops *drv_ops;
	struct bs_tags *t;
	struct request **flush;
	unsigned int nr;
};

static int spy_init_request(struct blk_mq_tag_set *set, struct request *rq,
			    unsigned int idx, unsigned int node)
{
	struct spy *spy = container_of(set->ops, struct spy, ops);

	/* Tags were initialised before, those of a scheduler come later. */
	if (idx < spy->nr)
		spy->flush[idx] = rq;
	if (!spy->drv_ops->init_request)
		return 0;
	return spy->drv_ops->init_request(set, rq, idx, node);
}

/**
 * bs_spy_alloc() - let the block core allocate a disk, and shadow it
 * @t: shadow of its tag set
 * @alloc: calls the block core
 * @arg: for @alloc
 *
 * Where the flush requests are is the block core's secret, but it initialises
 * them through the driver's table.
 *
 * Return: the disk or an ERR_PTR().
 */
struct gendisk *bs_spy_alloc(struct bs_tags *t,
			     struct gendisk *(*alloc)(struct bs_tags *t, void *arg),
			     void *arg)
{
	struct blk_mq_hw_ctx *hctx;
	struct gendisk *disk;
	struct spy *spy;
	unsigned long i;

	spy = kzalloc(sizeof(*spy), GFP_KERNEL);
	if (!spy)
		return ERR_PTR(-ENOMEM);
	spy->nr = t->set.nr_hw_queues;
	spy->flush = kcalloc(spy->nr, sizeof(*spy->flush), GFP_KERNEL);
	if (!spy->flush) {
		kfree(spy);
		return ERR_PTR(-ENOMEM);
	}
	spy->drv_ops = t->drv_ops;
	spy->ops = *t->drv_ops;
	spy->ops.init_request = spy_init_request;
	/* A driver with several disks may allocate them all at once. */
	mutex_lock(&t->spy_lock);
	t->set.ops = &spy->ops;
	disk = alloc(t, arg);
	t->set.ops = t->drv_ops;
	mutex_unlock(&t->spy_lock);
	if (IS_ERR(disk)) {
		kfree(spy->flush);
	} else {
		disk->queue->mq_ops = t->drv_ops;
		queue_for_each_hw_ctx(disk->queue, hctx, i)
			WARN_ON_ONCE(i < spy->nr && !spy->flush[i]);
		bs_track(disk, t->ldev, t, spy->flush, spy->nr);
	}
	kfree(spy);
	return disk;
}
