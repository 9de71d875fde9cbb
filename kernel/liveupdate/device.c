// SPDX-License-Identifier: GPL-2.0
/*
 * Devices of a set and the context of the tasks that work on them.
 *
 * Who calls a tap, and for which device? Where the arguments do not tell, the
 * task does: the wrappers around a driver's init, exit, probe and remove note
 * here what the current task is doing. A driver may leave a part of it to a work
 * item, which works for the device for which it was queued last.
 */
#include <linux/device.h>
#include <linux/hashtable.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "internal.h"

/**
 * struct lu_errand - a work item that was queued for a device
 * @node: in the table of errands
 * @work: only its address is of interest: it lies in the driver's memory
 * @ldev: the device; until its driver is off it
 */
struct lu_errand {
	struct hlist_node node;
	const struct work_struct *work;
	struct lu_device *ldev;
};

static DEFINE_HASHTABLE(lu_contexts, 6);	/* under lu_lock */
static DEFINE_HASHTABLE(lu_errands, 6);		/* under lu_lock */

/**
 * lu_context_enter() - the current task begins to work for a driver
 * @ctx: on the caller's stack until lu_context_leave()
 * @gen: generation whose code is about to run
 * @ldev: device it is about to work on, or NULL
 *
 * Contexts nest: the innermost counts.
 */
void lu_context_enter(struct lu_context *ctx, struct lu_generation *gen,
		      struct lu_device *ldev)
{
	unsigned long flags;

	ctx->task = current;
	ctx->gen = gen;
	ctx->ldev = ldev;
	raw_spin_lock_irqsave(&lu_lock, flags);
	hash_add(lu_contexts, &ctx->node, (unsigned long)current);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
}

void lu_context_leave(struct lu_context *ctx)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	hash_del(&ctx->node);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
}

/**
 * lu_context_forget() - the current task dies with its contexts on its stack
 *
 * Context: An oops. Whoever held the lock may be this very task, then there is
 * nothing to be done.
 */
void lu_context_forget(void)
{
	struct lu_context *ctx;
	struct hlist_node *next;
	unsigned long flags;

	if (!raw_spin_trylock_irqsave(&lu_lock, flags))
		return;
	hash_for_each_possible_safe(lu_contexts, ctx, next, node, (unsigned long)current)
		if (ctx->task == current)
			hash_del(&ctx->node);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
}

static struct lu_context *__lu_context_current(void)
{
	struct lu_context *ctx;

	lockdep_assert_held(&lu_lock);
	/* hash_add() puts the newest first. */
	hash_for_each_possible(lu_contexts, ctx, node, (unsigned long)current)
		if (ctx->task == current)
			return ctx;
	return NULL;
}

/**
 * lu_current_device() - device whose probe or remove the current task runs
 *
 * Context: Process context, in a tap.
 * Return: the device, or NULL.
 */
struct lu_device *lu_current_device(void)
{
	struct lu_device *ldev = NULL;
	struct lu_context *ctx;
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	ctx = __lu_context_current();
	if (ctx)
		ldev = ctx->ldev;
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return ldev;
}
EXPORT_SYMBOL_GPL(lu_current_device);

static struct lu_errand *__lu_errand_find(const struct work_struct *work)
{
	struct lu_errand *e;

	lockdep_assert_held(&lu_lock);
	hash_for_each_possible(lu_errands, e, node, (unsigned long)work)
		if (e->work == work)
			return e;
	return NULL;
}

/**
 * lu_working_device() - device that the current task works for
 *
 * That of lu_current_device(), and in a work item the one that was worked for
 * when it was queued.
 *
 * Context: Process context, in a tap.
 * Return: the device, or NULL.
 */
struct lu_device *lu_working_device(void)
{
	struct lu_device *ldev = lu_current_device();
	const struct work_struct *work;
	struct lu_errand *e;
	unsigned long flags;

	if (ldev || !in_task())
		return ldev;
	work = current_work();
	if (!work)
		return NULL;
	raw_spin_lock_irqsave(&lu_lock, flags);
	e = __lu_errand_find(work);
	if (e)
		ldev = e->ldev;
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return ldev;
}
EXPORT_SYMBOL_GPL(lu_working_device);

/* Items are queued over and over, nearly always for the same device. */
static bool lu_errand_is_for(const struct work_struct *work, const struct lu_device *ldev)
{
	struct lu_errand *e;
	unsigned long flags;
	bool same;

	raw_spin_lock_irqsave(&lu_lock, flags);
	e = __lu_errand_find(work);
	same = e && e->ldev == ldev;
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return same;
}

/**
 * lu_errand_note() - a managed driver is about to queue a work item
 * @work: the work item
 *
 * Without memory it works for nobody, and its device cannot be updated.
 *
 * Context: Any.
 */
void lu_errand_note(const struct work_struct *work)
{
	struct lu_device *ldev = in_task() ? lu_working_device() : NULL;
	struct lu_errand *e, *old;
	unsigned long flags;

	if (!ldev || lu_errand_is_for(work, ldev))
		return;
	e = kmalloc(sizeof(*e), GFP_ATOMIC);
	if (!e)
		return;
	e->work = work;
	e->ldev = lu_device_hold(ldev);
	raw_spin_lock_irqsave(&lu_lock, flags);
	old = __lu_errand_find(work);
	if (old)
		swap(old->ldev, e->ldev);
	else
		hash_add(lu_errands, &e->node, (unsigned long)work);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	if (old) {
		lu_device_put(e->ldev);
		kfree(e);
	}
}

/**
 * lu_errands_drop() - nobody works for a device any more
 * @ldev: device that lost its driver
 *
 * Context: Process context.
 */
void lu_errands_drop(const struct lu_device *ldev)
{
	struct hlist_node *next;
	struct lu_errand *e;
	unsigned long flags;
	HLIST_HEAD(gone);
	int i;

	raw_spin_lock_irqsave(&lu_lock, flags);
	hash_for_each_safe(lu_errands, i, next, e, node)
		if (e->ldev == ldev) {
			hash_del(&e->node);
			hlist_add_head(&e->node, &gone);
		}
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	hlist_for_each_entry_safe(e, next, &gone, node) {
		lu_device_put(e->ldev);
		kfree(e);
	}
}

/**
 * lu_current_generation() - generation whose code the current task runs
 *
 * Return: the generation, or NULL outside init, exit, probe and remove.
 */
struct lu_generation *lu_current_generation(void)
{
	struct lu_generation *gen = NULL;
	struct lu_context *ctx;
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	ctx = __lu_context_current();
	if (ctx)
		gen = ctx->gen;
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return gen;
}
EXPORT_SYMBOL_GPL(lu_current_generation);

struct lu_set *lu_current_set(void)
{
	struct lu_generation *gen = lu_current_generation();

	return gen ? gen->set : NULL;
}
EXPORT_SYMBOL_GPL(lu_current_set);

static struct lu_device *__lu_device_find(struct lu_set *set, struct device *dev)
{
	struct lu_device *ldev;

	lockdep_assert_held(&lu_lock);
	list_for_each_entry(ldev, &set->devices, node)
		if (ldev->dev == dev)
			return ldev;
	return NULL;
}

struct lu_device *lu_device_find(struct lu_set *set, struct device *dev)
{
	struct lu_device *ldev;
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	ldev = __lu_device_find(set, dev);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return ldev;
}

/**
 * lu_devices_prune() - forget devices that were unplugged
 * @set: the set; one in a transaction keeps all that it began with
 * @leaving: a device that is on its way out, or NULL
 *
 * Context: Process context.
 */
void lu_devices_prune(struct lu_set *set, const struct device *leaving)
{
	struct lu_device *ldev, *next;
	unsigned long flags;
	LIST_HEAD(gone);

	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry_safe(ldev, next, &set->devices, node)
		if (!set->txn && !ldev->in_txn && !ldev->bound &&
		    (ldev->dev == leaving || !device_is_registered(ldev->dev)))
			list_move(&ldev->node, &gone);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	list_for_each_entry_safe(ldev, next, &gone, node)
		lu_device_drop(ldev);
}

/**
 * lu_device_get() - a set's record of a device, made on first use
 * @set: the set
 * @dev: the device
 *
 * Context: Process context; the device's lock serialises probe and remove.
 * Return: the record, or NULL without memory.
 */
struct lu_device *lu_device_get(struct lu_set *set, struct device *dev)
{
	struct lu_device *ldev, *raced;
	unsigned long flags;

	ldev = lu_device_find(set, dev);
	if (ldev)
		return ldev;
	lu_devices_prune(set, NULL);
	ldev = kzalloc(sizeof(*ldev), GFP_KERNEL);
	if (!ldev)
		return NULL;
	kref_init(&ldev->ref);
	ldev->dev = get_device(dev);
	ldev->set = set;
	raw_spin_lock_irqsave(&lu_lock, flags);
	raced = __lu_device_find(set, dev);
	if (!raced)
		list_add_tail(&ldev->node, &set->devices);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	if (raced) {
		put_device(dev);
		kfree(ldev);
		return raced;
	}
	return ldev;
}

/**
 * lu_device_hold() - a shadow's object refers to a device's record
 * @ldev: the record
 *
 * It outlives the device then; only its address tells it from others.
 *
 * Context: Any.
 * Return: @ldev, for lu_device_put().
 */
struct lu_device *lu_device_hold(struct lu_device *ldev)
{
	kref_get(&ldev->ref);
	return ldev;
}
EXPORT_SYMBOL_GPL(lu_device_hold);

static void lu_device_free(struct kref *ref)
{
	kfree(container_of(ref, struct lu_device, ref));
}

void lu_device_put(struct lu_device *ldev)
{
	kref_put(&ldev->ref, lu_device_free);
}
EXPORT_SYMBOL_GPL(lu_device_put);

/**
 * lu_device_drop() - forget a device
 * @ldev: the record
 *
 * Objects that its driver never gave back are not its any more: their
 * device may be gone next.
 *
 * Context: Process context.
 */
void lu_device_drop(struct lu_device *ldev)
{
	unsigned long flags;

	lu_errands_drop(ldev);
	lu_log_forget_device(ldev->set, ldev->dev);
	raw_spin_lock_irqsave(&lu_lock, flags);
	list_del(&ldev->node);
	__lu_objects_orphan(ldev->set, ldev->dev);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	put_device(ldev->dev);
	lu_device_put(ldev);
}

void lu_devices_drop_all(struct lu_set *set)
{
	struct lu_device *ldev, *next;

	list_for_each_entry_safe(ldev, next, &set->devices, node)
		lu_device_drop(ldev);
}

/**
 * lu_device_claim() - a shadow takes responsibility for a device
 * @ldev: the device
 * @shadow: the shadow; the first one of a set's devices is the set's
 *
 * Context: Process context, in a tap.
 */
void lu_device_claim(struct lu_device *ldev, struct lu_shadow *shadow)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	ldev->shadow = shadow;
	if (shadow && !ldev->set->shadow)
		WRITE_ONCE(ldev->set->shadow, shadow);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
}
EXPORT_SYMBOL_GPL(lu_device_claim);

/**
 * lu_device_adopted() - the incoming driver registered the kept object
 * @ldev: the device
 */
void lu_device_adopted(struct lu_device *ldev)
{
	WRITE_ONCE(ldev->adopted, true);
}
EXPORT_SYMBOL_GPL(lu_device_adopted);
