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
 * they are under way. Kernel threads go on at once. kswapd does for some bios, since
 * others may wait for it. User tasks wait for as long as an update usually takes:
 * until then no memory has to be found for them; then some of theirs are kept too.
 *
 * The probe stands at the beginning of the way that only those take whose queue
 * cannot be entered.
 *
 * What the incoming driver needs, memory for its queues and threads, is made free
 * before the outgoing one goes, so that there hardly is anything to write out.
 */
#include "block_shadow.h"

#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/kprobes.h>
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#define PATIENCE	(2 * HZ)
#define KEEP_MAX	256	/* of kswapd's bios, and of users', for each queue */
#define RESERVE_PAGES	((16UL << 20) >> PAGE_SHIFT)
#define RESERVE_SHARE	64	/* of small machines' memory */

enum { FROM_KTHREAD, FROM_KSWAPD, FROM_USER, FROM_NR };

/**
 * struct bs_reclaim - a queue for which who makes memory free does not wait
 * @list: in the list of all
 * @q: the queue; NULL when it can be entered again
 * @until: in jiffies; users wait until then
 * @bios: kept for it
 * @nr: their number, by who they are from
 * @work: submits them
 * @ref: held by who holds the queue, and by @work
 * @rcu: for freeing it
 */
struct bs_reclaim {
	struct list_head list;
	struct request_queue *q;
	unsigned long until;
	struct bio_list bios;
	unsigned int nr[FROM_NR];
	struct work_struct work;
	struct kref ref;
	struct rcu_head rcu;
};

static DEFINE_MUTEX(reserve_mutex);
static LIST_HEAD(reserve);	/* pages, by their lru */

static DEFINE_RAW_SPINLOCK(reclaim_lock);
static LIST_HEAD(held_queues);
static DECLARE_WAIT_QUEUE_HEAD(went_on);
static struct workqueue_struct *submitter;
static atomic_t diverted;	/* tasks in keep_bio() */

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

static int who_is_it(void)
{
	if (current->flags & PF_KSWAPD)
		return FROM_KSWAPD;
	return current->flags & PF_KTHREAD ? FROM_KTHREAD : FROM_USER;
}

/* Return: false if it has to wait. */
static bool try_keep(struct request_queue *q, struct bio *bio, int from)
{
	struct bs_reclaim *r;
	unsigned long flags;
	bool room = true;

	raw_spin_lock_irqsave(&reclaim_lock, flags);
	r = held(q);
	if (r)
		room = from == FROM_KTHREAD || r->nr[from] < KEEP_MAX;
	if (r && room) {
		bio_list_add(&r->bios, bio);
		r->nr[from]++;
	}
	raw_spin_unlock_irqrestore(&reclaim_lock, flags);
	if (!r)
		submit_bio_noacct(bio);
	return room;
}

/* In the place of __bio_queue_enter(). What it returns says that the bio was seen to. */
static noinline int keep_bio(struct request_queue *q, struct bio *bio)
{
	int from = who_is_it();

	if (from == FROM_USER)
		be_patient(q);
	while (!try_keep(q, bio, from))
		wait_event(went_on, !is_held(q));
	if (atomic_dec_and_test(&diverted))
		wake_up_all(&went_on);
	return -EBUSY;
}

/* Not whoever has PF_MEMALLOC: some file systems' threads have it for life. */
static bool may_not_wait(const struct bio *bio)
{
	return current->reclaim_state && !(bio->bi_opf & REQ_NOWAIT);
}

/* __bio_queue_enter(q, bio) */
static int pre_queue_enter(struct kprobe *kp, struct pt_regs *regs)
{
	const struct request_queue *q = (void *)regs_get_kernel_argument(regs, 0);
	const struct bio *bio = (void *)regs_get_kernel_argument(regs, 1);

	if (!may_not_wait(bio) || !is_held(q))
		return 0;
	atomic_inc(&diverted);
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
	unsigned int noio = current->flags & PF_MEMALLOC_NOIO;
	struct page *page;

	current->flags &= ~PF_MEMALLOC_NOIO;
	mutex_lock(&reserve_mutex);
	while (n--) {
		page = alloc_page(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
		if (!page)
			break;
		list_add(&page->lru, &reserve);
	}
	mutex_unlock(&reserve_mutex);
	current->flags |= noio;
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

static void reclaim_free(struct kref *ref)
{
	kfree_rcu(container_of(ref, struct bs_reclaim, ref), rcu);
}

/* As long as it takes: the disk may be busy. Who submitted a bio holds its disk. */
static void submit_kept(struct work_struct *work)
{
	struct bs_reclaim *r = container_of(work, struct bs_reclaim, work);
	struct blk_plug plug;
	struct bio *bio;

	blk_start_plug(&plug);
	while ((bio = bio_list_pop(&r->bios)))
		submit_bio_noacct(bio);
	blk_finish_plug(&plug);
	kref_put(&r->ref, reclaim_free);
}

/**
 * bs_reclaim_begin() - who makes memory free does not wait for a queue from now on
 * @q: the queue, about to be held
 * @deadline: of the step that holds it, in jiffies
 *
 * Context: Process context; sleeps.
 * Return: what bs_reclaim_end() takes the address of; NULL without memory, and all
 * wait.
 */
struct bs_reclaim *bs_reclaim_begin(struct request_queue *q, unsigned long deadline)
{
	struct bs_reclaim *r = kzalloc(sizeof(*r), GFP_KERNEL);
	long limit = (long)(deadline - jiffies) / 2;
	unsigned long flags;

	if (!r)
		return NULL;
	kref_init(&r->ref);
	INIT_WORK(&r->work, submit_kept);
	bio_list_init(&r->bios);
	/* Less than the limit of a step: one may wait for who waits here. */
	r->until = jiffies + clamp_t(long, limit, 0, PATIENCE);
	r->q = q;
	raw_spin_lock_irqsave(&reclaim_lock, flags);
	list_add_rcu(&r->list, &held_queues);
	raw_spin_unlock_irqrestore(&reclaim_lock, flags);
	return r;
}

/* Another one may hold the queue too: then that one's end is the end. */
static unsigned int end_locked(struct bs_reclaim *r)
{
	struct request_queue *q = r->q;
	struct bs_reclaim *other;
	unsigned int n;

	lockdep_assert_held(&reclaim_lock);
	if (!q)
		return 0;
	list_del_rcu(&r->list);
	WRITE_ONCE(r->q, NULL);
	n = bio_list_size(&r->bios);
	if (!n)
		return 0;
	other = held(q);
	if (other) {
		bio_list_merge(&other->bios, &r->bios);
		bio_list_init(&r->bios);
		return 0;
	}
	kref_get(&r->ref);
	queue_work(submitter, &r->work);
	return n;
}

/**
 * bs_reclaim_end() - the queue can be entered again
 * @held_queue: where the caller keeps what bs_reclaim_begin() returned, NULL
 *	included; it is NULL afterwards
 * @set: whose timeline tells of bios that are submitted now, or NULL
 * @name: of the disk, for the timeline
 *
 * Context: Any.
 */
void bs_reclaim_end(struct bs_reclaim **held_queue, struct lu_set *set, const char *name)
{
	struct bs_reclaim *r = *held_queue;
	unsigned long flags;
	unsigned int n;

	*held_queue = NULL;
	if (!r)
		return;
	raw_spin_lock_irqsave(&reclaim_lock, flags);
	n = end_locked(r);
	raw_spin_unlock_irqrestore(&reclaim_lock, flags);
	wake_up_all(&went_on);
	kref_put(&r->ref, reclaim_free);
	if (n && set)
		lu_timeline(set, "%s: %u bios of who made memory free go on", name, n);
}

/**
 * bs_reclaim_give_up() - a disk goes without us: who waits for its queue is told so
 * @q: the queue
 *
 * No timeline tells of it: there need be no update.
 *
 * Context: Any.
 */
void bs_reclaim_give_up(struct request_queue *q)
{
	struct bs_reclaim *r, *next;
	unsigned long flags;

	raw_spin_lock_irqsave(&reclaim_lock, flags);
	list_for_each_entry_safe(r, next, &held_queues, list)
		if (r->q == q)
			end_locked(r);
	raw_spin_unlock_irqrestore(&reclaim_lock, flags);
	wake_up_all(&went_on);
}

/**
 * bs_reclaim_init() - begin to watch who waits for queues
 *
 * Return: 0, -ENOMEM, or what register_kprobe() says.
 */
int bs_reclaim_init(void)
{
	int err;

	submitter = alloc_workqueue("shadow_block", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!submitter)
		return -ENOMEM;
	err = register_kprobe(&hook);
	if (err)
		destroy_workqueue(submitter);
	return err;
}

/**
 * bs_reclaim_exit() - no longer watch; no queue is held
 *
 * Context: Process context; sleeps until no task is in keep_bio(). The last may
 * still be about to leave it.
 */
void bs_reclaim_exit(void)
{
	unregister_kprobe(&hook);
	wait_event(went_on, !atomic_read(&diverted));
	destroy_workqueue(submitter);
}
