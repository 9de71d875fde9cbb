// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: who makes memory free does not wait for a disk without a driver
 *
 * Requests wait where they are submitted. A task that writes pages out, to have
 * memory for something else, may meanwhile be needed for the update itself:
 * kthreadd creates the threads that drivers ask for in their probes, kdevtmpfs
 * their nodes, and anybody may hold a lock that such a probe takes. If it waited
 * for the disk, the disk would wait for it.
 *
 * So its bios are kept, and submitted when the disk has a driver; to the task
 * they are under way. Kernel threads go on at once. User tasks wait for as long as
 * an update usually takes: until then no memory has to be found for them. kswapd
 * waits in any case, since nobody waits for it.
 *
 * The probe stands at the beginning of the way that only those take whose queue
 * cannot be entered.
 *
 * What the incoming driver needs, memory for its queues and threads, is made free
 * before the outgoing one goes, so that there hardly is anything to write out.
 */
#include "block_shadow.h"

#include <linux/gfp.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/wait.h>

#define PATIENCE	(2 * HZ)
#define RESERVE_PAGES	((16UL << 20) >> PAGE_SHIFT)
#define RESERVE_SHARE	64	/* of small machines' memory */

static DEFINE_MUTEX(reserve_mutex);
static LIST_HEAD(reserve);	/* pages, by their lru */

static DEFINE_RAW_SPINLOCK(reclaim_lock);
static LIST_HEAD(held_queues);
static struct bio_list ready = BIO_EMPTY_LIST;
static DECLARE_WAIT_QUEUE_HEAD(went_on);

/* Caller is in an RCU read-side critical section. */
static struct bs_reclaim *held(const struct request_queue *q)
{
	struct bs_reclaim *r;

	list_for_each_entry_rcu(r, &held_queues, list)
		if (READ_ONCE(r->q) == q)
			return r;
	return NULL;
}

static bool is_held(const struct request_queue *q)
{
	bool ret;

	rcu_read_lock();
	ret = held(q);
	rcu_read_unlock();
	return ret;
}

static void be_patient(const struct request_queue *q)
{
	struct bs_reclaim *r;
	long left = 0;

	rcu_read_lock();
	r = held(q);
	if (r)
		left = r->until - jiffies;
	rcu_read_unlock();
	if (left > 0)
		wait_event_timeout(went_on, !is_held(q), left);
}

/* In the place of __bio_queue_enter(). What it returns says that the bio was seen to. */
static noinline int keep_bio(struct request_queue *q, struct bio *bio)
{
	struct bs_reclaim *r;
	unsigned long flags;

	if (!(current->flags & PF_KTHREAD))
		be_patient(q);
	raw_spin_lock_irqsave(&reclaim_lock, flags);
	r = held(q);
	if (r)
		bio_list_add(&r->bios, bio);
	raw_spin_unlock_irqrestore(&reclaim_lock, flags);
	if (!r)
		submit_bio_noacct(bio);
	return -EBUSY;
}

static bool may_not_wait(const struct bio *bio)
{
	return (current->flags & (PF_MEMALLOC | PF_KSWAPD)) == PF_MEMALLOC &&
	       !(bio->bi_opf & REQ_NOWAIT);
}

/* __bio_queue_enter(q, bio) */
static int pre_queue_enter(struct kprobe *kp, struct pt_regs *regs)
{
	const struct request_queue *q = (void *)regs_get_kernel_argument(regs, 0);
	const struct bio *bio = (void *)regs_get_kernel_argument(regs, 1);

	if (!may_not_wait(bio) || !is_held(q))
		return 0;
	instruction_pointer_set(regs, (unsigned long)keep_bio);
	return 1;
}

/* A probe that has one is neither made a jump, nor shared with who replaces functions. */
static void post_queue_enter(struct kprobe *kp, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe hook = {
	.symbol_name = "__bio_queue_enter",
	.pre_handler = pre_queue_enter,
	.post_handler = post_queue_enter,
};

/**
 * bs_reserve_take() - have memory made free while the disks have a driver
 *
 * As much as there is without a fight.
 *
 * Context: Process context; sleeps.
 */
void bs_reserve_take(void)
{
	unsigned long n = min(RESERVE_PAGES, totalram_pages() / RESERVE_SHARE);
	struct page *page;

	mutex_lock(&reserve_mutex);
	while (n--) {
		page = alloc_page(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
		if (!page)
			break;
		list_add(&page->lru, &reserve);
	}
	mutex_unlock(&reserve_mutex);
}

/**
 * bs_reserve_drop() - it is for who needs it now
 *
 * Context: Process context.
 */
void bs_reserve_drop(void)
{
	struct page *page, *next;

	mutex_lock(&reserve_mutex);
	list_for_each_entry_safe(page, next, &reserve, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
	mutex_unlock(&reserve_mutex);
}

/**
 * bs_reclaim_begin() - who makes memory free does not wait for a queue from now on
 * @r: state; zeroed, or ended before
 * @q: the queue, about to be held
 * @deadline: of the step that holds it, in jiffies
 *
 * Context: Process context.
 */
void bs_reclaim_begin(struct bs_reclaim *r, struct request_queue *q, unsigned long deadline)
{
	long limit = (long)(deadline - jiffies) / 2;
	unsigned long flags;

	/* Less than the limit of a step: one may wait for who waits here. */
	r->until = jiffies + clamp_t(long, limit, 0, PATIENCE);
	r->q = q;
	bio_list_init(&r->bios);
	raw_spin_lock_irqsave(&reclaim_lock, flags);
	list_add_rcu(&r->list, &held_queues);
	raw_spin_unlock_irqrestore(&reclaim_lock, flags);
}

/**
 * bs_reclaim_end() - the queue can be entered again
 * @r: state, to be freed after a grace period of RCU only; nothing happens if the
 *	queue was not held
 *
 * Its bios are for bs_reclaim_submit().
 *
 * Context: Any.
 */
void bs_reclaim_end(struct bs_reclaim *r)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&reclaim_lock, flags);
	if (r->q) {
		list_del_rcu(&r->list);
		bio_list_merge(&ready, &r->bios);
		WRITE_ONCE(r->q, NULL);
	}
	raw_spin_unlock_irqrestore(&reclaim_lock, flags);
	wake_up_all(&went_on);
}

/**
 * bs_reclaim_submit() - submit what was kept for queues that are held no longer
 *
 * Context: Process context; sleeps, for the disk may be busy.
 * Return: how many there were.
 */
unsigned int bs_reclaim_submit(void)
{
	unsigned int n = 0;
	struct bio_list bios;
	struct blk_plug plug;
	unsigned long flags;
	struct bio *bio;

	raw_spin_lock_irqsave(&reclaim_lock, flags);
	bios = ready;
	bio_list_init(&ready);
	raw_spin_unlock_irqrestore(&reclaim_lock, flags);
	blk_start_plug(&plug);
	for (; (bio = bio_list_pop(&bios)); n++)
		submit_bio_noacct(bio);
	blk_finish_plug(&plug);
	return n;
}

/**
 * bs_reclaim_init() - begin to watch who waits for queues
 *
 * Return: 0 or what register_kprobe() says.
 */
int bs_reclaim_init(void)
{
	return register_kprobe(&hook);
}

void bs_reclaim_exit(void)
{
	unregister_kprobe(&hook);
}
