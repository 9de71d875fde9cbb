/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shadow driver for disks: what its files share.
 *
 * DOC: objects and locks
 *
 * Two objects outlive a driver. A struct bs_tags stands for a tag set: drivers
 * embed theirs in memory that they free, so the block core is given one of
 * ours, and the driver's is a mirror of it. A struct bs_disk stands for a
 * gendisk with its request queue.
 *
 * The block core calls the driver's queue_rq and completion functions itself,
 * so requests pay nothing. Of the gendisk's table (@fops) it sees a copy, so
 * that an ioctl can wait while no driver answers.
 *
 * bs_mutex guards the lists and nests inside everything. The queue's
 * sysfs_lock orders what initialises requests against a change of scheduler.
 * @mode is written by the transaction only.
 */
#ifndef _LU_BLOCK_SHADOW_H
#define _LU_BLOCK_SHADOW_H

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/idr.h>
#include <linux/kref.h>
#include <linux/shadow_driver.h>
#include <linux/wait.h>

#include "compat.h"

/**
 * enum bs_mode - what a shadow does at the moment
 * @BS_NEW: allocated by the driver, not in service
 * @BS_PASSIVE: in service; the shadow only observes
 * @BS_ACTIVE: requests wait; drivers come and go
 */
enum bs_mode {
	BS_NEW,
	BS_PASSIVE,
	BS_ACTIVE,
};

/**
 * struct bs_gate - calls of a driver that are not requests
 * @closed: they wait
 * @calls: those under way
 * @wq: for both
 */
struct bs_gate {
	bool closed;
	atomic_t calls;
	wait_queue_head_t wq;
};

/**
 * struct bs_tags - shadow of a tag set
 * @list: in the list of all, oldest first
 * @id: position in that list
 * @ldev: the bus device that it belongs to
 * @turn: number of tag sets that the driver had for the device before this one
 * @spy_lock: one disk at a time is allocated on it
 * @set: what the block core knows
 * @drv: the driver's own, a mirror of @set; NULL while no driver has it
 * @drv_ops: the driver's table; @set.ops is this or the one of nobody
 * @mode: see &enum bs_mode
 * @handed: a driver has it
 * @drv_requests: that driver initialised the requests
 * @other_queues: number of queues on it that no shadow knows
 */
struct bs_tags {
	struct list_head list;
	u64 id;
	struct lu_device *ldev;
	unsigned int turn;
	struct mutex spy_lock;
	struct blk_mq_tag_set set;
	struct blk_mq_tag_set *drv;
	const struct blk_mq_ops *drv_ops;
	enum bs_mode mode;
	bool handed;
	bool drv_requests;
	unsigned int other_queues;
};

/**
 * struct bs_offer - what a driver says of its disk
 * @limits: limits of the queue, without users' choices
 * @flags: flags of the queue
 * @fops: table of the disk
 * @capacity: in sectors
 * @read_only: the device cannot be written to
 */
struct bs_offer {
	struct queue_limits limits;
	unsigned long flags;
	const struct block_device_operations *fops;
	sector_t capacity;
	bool read_only;
};

/**
 * struct bs_kept - what is the kernel's or the user's
 *
 * Noted at quiesce; put back over what the incoming driver writes.
 */
struct bs_kept {
	struct queue_limits limits;
	unsigned long flags;
	unsigned int rq_timeout;
	unsigned long ra_pages;
	unsigned long io_pages;
	int major;
	int first_minor;
	int minors;
	int disk_flags;
	unsigned short events;
	unsigned short event_flags;
	char name[DISK_NAME_LEN];
};

/**
 * struct bs_disk - shadow of a disk
 * @node: in the table that taps search by @disk
 * @list: in the list of all, oldest first
 * @id: position in that list
 * @ref: the object's life, each walk of the list, each call under way
 * @disk: the kept object
 * @tags: its tag set; NULL: the queue belongs to somebody else, see borrowed.c
 * @ldev: the bus device that it stands for
 * @set: driver's set of a disk that is unregistered, or NULL
 * @mode: see &enum bs_mode
 * @handed: @disk is in the hands of a driver
 * @adopted: that driver registered it
 * @unregistered: and has unregistered it since
 * @strays: number of drivers that gave it up without having put it yet
 * @drv_queue: that driver initialised the hardware contexts
 * @fops: table that the kernel sees, allocated
 * @drv_fops: table of the driver
 * @new_fops: table that an incoming driver has put into the disk
 * @opens_lock: guards @opens and @told
 * @opens: how often it is open
 * @told: of how many the driver knows
 * @groups: attributes of the driver
 * @view: what stands for them, see view.c
 * @groups_present: they are in sysfs
 * @settings: their values before the update
 * @flush: flush request of each hardware context
 * @nr_flush: their number
 * @gate: for calls of the driver's table
 * @quiesced: requests were stopped by us
 * @reclaim: while requests wait: not those of who makes memory free
 * @fresh_limits: limits that a fresh queue has
 * @fresh_flags: flags that a fresh queue has
 * @offer: what the driver in service offers
 * @next: what the incoming driver offers
 * @kept: see &struct bs_kept
 * @lent: a driver has written into it since the quiesce
 * @prepared: of a borrowed queue: an update may be under way
 * @held: users' requests wait, commands pass
 * @awake: runtime references that drivers took and did not give back in it
 */
struct bs_disk {
	struct hlist_node node;
	struct list_head list;
	u64 id;
	struct kref ref;
	struct rcu_head rcu;

	struct gendisk *disk;
	struct bs_tags *tags;
	struct lu_device *ldev;
	struct lu_set *set;

	enum bs_mode mode;
	bool handed;
	bool adopted;
	bool unregistered;
	unsigned int strays;
	bool drv_queue;

	struct bs_fops *fops;
	const struct block_device_operations *drv_fops;
	const struct block_device_operations *new_fops;
	struct mutex opens_lock;
	unsigned int opens;
	unsigned int told;
	const struct attribute_group **groups;
	struct bs_view *view;
	bool groups_present;
	struct list_head settings;

	struct request **flush;
	unsigned int nr_flush;

	struct bs_gate gate;
	bool quiesced;
	struct bs_reclaim *reclaim;

	struct queue_limits fresh_limits;
	unsigned long fresh_flags;
	struct bs_offer offer;
	struct bs_offer next;
	struct bs_kept kept;
	bool lent;

	bool prepared;
	bool held;
	int awake;
};

/* Freed when no task can be between fetching the table and calling an entry. */
struct bs_fops {
	struct block_device_operations ops;
	struct rcu_head rcu;
	struct bs_disk *bd;
};

static inline bool bs_in_update(const struct bs_disk *bd)
{
	return READ_ONCE(bd->mode) == BS_ACTIVE;
}

/* The transaction under way on the set; taps are not told it. */
static inline struct lu_txn *bs_lu_txn(const struct lu_device *ldev)
{
	return lu_txn_of(ldev->set);
}

/* object.c: life cycle, lookup */
extern struct lu_shadow block_lu_shadow;
unsigned int bs_slack(void);
struct bs_disk *bs_find(const struct gendisk *disk);
struct bs_disk *bs_get(const struct gendisk *disk);
struct bs_disk *bs_find_queue(const struct request_queue *q);
void bs_put(struct bs_disk *bd);
struct bs_disk *bs_next(struct lu_txn *txn, struct bs_disk *prev);
struct bs_disk *bs_next_to_hand_out(struct bs_tags *t);
void bs_track(struct gendisk *disk, struct lu_device *ldev, struct bs_tags *t,
	      struct request **flush, unsigned int nr_flush);
void bs_untrack(struct bs_disk *bd);
struct bs_tags *bs_tags_find(const struct blk_mq_tag_set *drv);
struct bs_tags *bs_tags_next_to_hand_out(struct lu_device *ldev);
unsigned int bs_tags_turn(const struct lu_device *ldev);
unsigned int bs_tags_disks(const struct bs_tags *t);
bool bs_tags_in_update(const struct bs_tags *t);
void bs_tags_track(struct bs_tags *t);
void bs_tags_untrack(struct bs_tags *t);
bool bs_all_adopted(const struct lu_device *ldev);
void bs_linger(struct bs_disk *bd);
struct bs_disk *bs_gone_to_part(struct lu_txn *txn);
struct bs_disk *bs_take_gone(const struct device *dev, bool *active);
void bs_forget_gone(struct bs_disk *bd);
void bs_gone_each(struct lu_txn *txn);
void bs_tags_free_all(struct lu_device *ldev);

#define bs_for_each(bd, txn)						\
	for ((bd) = bs_next(txn, NULL); (bd); (bd) = bs_next(txn, bd))

/* tags.c: a tag set and its requests change hands */
int bs_tags_alloc(struct lu_device *ldev, struct blk_mq_tag_set *drv);
int bs_tags_hand_out(struct bs_tags *t, struct blk_mq_tag_set *drv);
void bs_tags_leave(struct bs_tags *t);
void bs_tags_forget(struct bs_tags *t);
void bs_tags_free(struct bs_tags *t);
void bs_tags_mirror(struct bs_tags *t);
int bs_queue_enter_driver(struct bs_disk *bd, void *queuedata);
void bs_queue_leave_driver(struct bs_disk *bd);
void bs_queue_drop_driver(struct bs_disk *bd);
struct gendisk *bs_spy_alloc(struct bs_tags *t,
			     struct gendisk *(*alloc)(struct bs_tags *t, void *arg),
			     void *arg);

/* disk.c: a disk changes hands */
struct gendisk *bs_hand_out(struct bs_disk *bd, void *queuedata,
			    struct queue_limits *lim);
void bs_redress(struct bs_disk *bd);
int bs_adopt(struct bs_disk *bd, struct device *parent,
	     const struct attribute_group **groups);
void bs_registered(struct bs_disk *bd, const struct attribute_group **groups);
void bs_conceal_del(struct bs_disk *bd);
void bs_conceal_put(struct bs_disk *bd);
void bs_put_later(struct bs_disk *bd);
bool bs_put_stray(struct bs_disk *bd);
void bs_keep(struct bs_disk *bd);
void bs_give_back(struct bs_disk *bd);
unsigned int bs_groups_create(struct bs_disk *bd);
void bs_groups_remove(struct bs_disk *bd);

/* attrs.c: what users wrote to the driver's attributes */
void bs_settings_save(struct device *dev, const struct attribute_group **groups,
		      struct list_head *settings);
unsigned int bs_settings_restore(struct device *dev, const struct attribute_group **groups,
				 struct list_head *settings);
void bs_settings_forget(struct list_head *settings);

/* view.c: attributes of a disk whose table is a library's */
const struct attribute_group **bs_view_groups(struct bs_disk *bd,
					      const struct attribute_group **groups);
void bs_view_drop(struct bs_disk *bd);

/* limits.c */
int bs_limits_begin(struct bs_disk *bd, struct queue_limits *lim);
void bs_limits_settle(struct bs_disk *bd);
#if BS_LIMITS_AT_ALLOC
int bs_limits_commit(struct bs_disk *bd, struct queue_limits *lim);
#endif
void bs_offer_note(struct bs_disk *bd);
void bs_offer_refresh(struct bs_disk *bd);

/* fops.c */
int bs_dress(struct bs_disk *bd);
void bs_undress(struct bs_disk *bd);
void bs_fops_drop(struct bs_disk *bd);
void bs_fops_update(struct bs_disk *bd);

/* opens.c: users that have the disk open */
int bs_opens_open(struct gendisk *disk, bs_mode_t mode);
void bs_opens_release(struct gendisk *disk);
void bs_opens_end(struct bs_disk *bd);
void bs_opens_forget(struct bs_disk *bd);
int bs_opens_begin(struct bs_disk *bd);
void bs_opens_settle(struct bs_disk *bd);

/* reserve.c */
extern const struct pr_ops bs_pr_ops;

/* borrowed.c: disks on a queue that belongs to somebody else */
int bs_borrowed_prepare(struct bs_disk *bd);
void bs_borrowed_unprepare(struct bs_disk *bd);
struct gendisk *bs_borrowed_alloc(struct request_queue *q, struct lock_class_key *lkclass,
				  struct lock_class_key *own);
void bs_hold_begin(struct bs_disk *bd);
void bs_hold_end(struct bs_disk *bd);

/* reclaim.c: who does not wait for a queue */
int bs_reclaim_init(void);
void bs_reclaim_exit(void);
struct bs_reclaim *bs_reclaim_begin(struct request_queue *q, unsigned long deadline);
void bs_reclaim_end(struct bs_reclaim **held_queue, struct lu_set *set, const char *name);
void bs_reclaim_give_up(struct request_queue *q);
void bs_reserve_take(void);
void bs_reserve_drop(void);

/* attrs.c: what users wrote to a driver's own device */
void bs_nodes_added(struct device *dev);
void bs_nodes_deleted(struct device *dev);
void bs_nodes_forget(struct lu_txn *txn);
int bs_nodes_replay(struct lu_txn *txn);
void bs_nodes_settle(struct lu_txn *txn);
void bs_nodes_exit(void);

/* gate.c */
void bs_gate_init(struct bs_gate *g);
bool bs_gate_try(struct bs_gate *g);
int bs_gate_enter(struct bs_gate *g);
void bs_gate_leave(struct bs_gate *g);
int bs_gate_close(struct bs_gate *g, unsigned long deadline);
void bs_gate_open(struct bs_gate *g);

/* quiesce.c, verify.c */
int bs_refusal(struct bs_disk *bd, struct lu_txn *txn);
int bs_quiesce_all(struct lu_txn *txn, unsigned long deadline);
void bs_resume_all(struct lu_txn *txn);
int bs_queue_freeze_wait(struct request_queue *q, const char *name,
			 unsigned long deadline);
void bs_queue_sync(struct request_queue *q);
void bs_verify(struct bs_disk *bd, struct lu_txn *txn);

/* numbers.c: majors and indices stay */
int bs_major_get(unsigned int major, const char *name, void (*probe)(dev_t devt));
void bs_major_put(unsigned int major, const char *name);
void bs_majors_settle(struct lu_txn *txn);
int bs_index_get(struct ida *ida, unsigned int min, unsigned int max, gfp_t gfp);
void bs_index_put(struct ida *ida, unsigned int id);
void bs_indices_forget(const struct lu_device *ldev);
void bs_indices_settle(struct lu_txn *txn);
void bs_numbers_exit(void);

/* unplug.c: a device vanishes in mid-update */
extern const struct block_device_operations bs_nobody_fops;

static inline bool bs_has_parted(const struct bs_disk *bd)
{
	return READ_ONCE(bd->drv_fops) == &bs_nobody_fops;
}

void bs_retire(struct bs_disk *bd);
int bs_part_all(struct lu_txn *txn, unsigned long deadline);
void bs_unplug_watch(struct lu_txn *txn);
void bs_unplug_unwatch(struct lu_txn *txn);
void bs_unplug_lock(void);
void bs_unplug_unlock(void);

/* refs.c: users' references on the driver's module follow the disk */
struct module *bs_owner_next(struct lu_txn *txn, const struct bs_disk *bd);
bool bs_refs_moved(struct lu_txn *txn, const struct module *from);
void bs_refs_begin(struct lu_txn *txn, struct module *from, struct module *to);
void bs_refs_wait(struct lu_txn *txn);
void bs_refs_settle(struct lu_txn *txn);

/* hosts.c: the same for SCSI hosts, where the kernel has them */
#if IS_ENABLED(CONFIG_SCSI)
int bh_prepare(struct lu_txn *txn);
void bh_unprepare(struct lu_txn *txn);
int bh_quiesce_all(struct lu_txn *txn, unsigned long deadline);
void bh_detached(struct lu_txn *txn);
void bh_wait_probed(struct lu_txn *txn);
int bh_verify_all(struct lu_txn *txn);
void bh_resume_all(struct lu_txn *txn);
void bh_bury_all(struct device *dev);
void bh_each_bus(struct lu_txn *txn, void (*fn)(struct lu_txn *txn, struct lu_device *ldev));
int bh_ata_init(void);
void bh_ata_exit(void);
#else
static inline int bh_ata_init(void) { return 0; }
static inline void bh_ata_exit(void) { }
static inline int bh_prepare(struct lu_txn *txn) { return 0; }
static inline void bh_unprepare(struct lu_txn *txn) { }
static inline int bh_quiesce_all(struct lu_txn *txn, unsigned long deadline) { return 0; }
static inline void bh_detached(struct lu_txn *txn) { }
static inline void bh_wait_probed(struct lu_txn *txn) { }
static inline int bh_verify_all(struct lu_txn *txn) { return 0; }
static inline void bh_resume_all(struct lu_txn *txn) { }
static inline void bh_bury_all(struct device *dev) { }
static inline void bh_each_bus(struct lu_txn *txn,
			       void (*fn)(struct lu_txn *txn, struct lu_device *ldev)) { }
#endif

/* host_taps.c */
extern struct lu_tap host_taps[];
extern const size_t host_nr_taps;

/* unit_taps.c */
extern struct lu_tap unit_taps[];
extern const size_t unit_nr_taps;

/* taps.c */
extern struct lu_tap block_taps[];
extern const size_t block_nr_taps;

#endif /* _LU_BLOCK_SHADOW_H */
