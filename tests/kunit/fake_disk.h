/* SPDX-License-Identifier: GPL-2.0 */
/* The fake driver as a driver of disks that answer from memory. */
#ifndef _KT_FAKE_DISK_H
#define _KT_FAKE_DISK_H

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/idr.h>

#include "lu_kunit.h"

#define KT_DISK_SECTORS	256

/**
 * struct kt_disk_offer - what a version offers, and where it fails
 * @queues: hardware queues
 * @depth: requests of each
 * @reserved: those of them that are reserved
 * @flags: of the tag set
 * @payload: bytes of its part of a request
 * @block_size: logical block size
 * @sectors: capacity
 * @no_cache: it has no volatile cache to flush
 * @no_geometry: it does not tell a geometry
 * @request_fails: number of the init_request that fails on the first device, from 1 on, or 0
 * @context_fails: init_hctx of the second queue fails
 * @late_err: what probe returns after it allocated its disk
 */
struct kt_disk_offer {
	unsigned int queues;
	unsigned int depth;
	unsigned int reserved;
	unsigned int flags;
	unsigned int payload;
	unsigned int block_size;
	sector_t sectors;
	bool no_cache;
	bool no_geometry;
	int request_fails;
	bool context_fails;
	int late_err;
};

/**
 * struct kt_disk_seen - what a version was told, and did
 * @requests: requests that it initialised and did not give up since
 * @contexts: the same of hardware contexts
 * @init_calls: calls of init_request for the first device
 * @served: requests that it answered
 * @flushes: those of them that were a flush
 * @dirty: requests that it did not find empty
 * @foreign: requests in its hands that it had not initialised
 * @freed: calls of free_disk
 */
struct kt_disk_seen {
	atomic_t requests;
	atomic_t contexts;
	atomic_t init_calls;
	atomic_t served;
	atomic_t flushes;
	atomic_t dirty;
	atomic_t foreign;
	atomic_t freed;
};

/**
 * struct kt_disk_env - the stage of the suite
 * @offer: of each version
 * @seen: by each version
 * @ida: numbers of disks, of each version
 * @store: contents of the disk on each device
 * @hold: requests are not answered until kt_disk_release()
 * @held: those that wait
 * @lock: of @held
 * @between: called by probe before it allocates anything
 * @during: called by probe when it has its disk, not yet registered
 */
struct kt_disk_env {
	struct kt_disk_offer offer[KT_VERSIONS];
	struct kt_disk_seen seen[KT_VERSIONS];
	struct ida ida[KT_VERSIONS];
	u8 *store[KT_DEVICES];
	bool hold;
	struct list_head held;
	spinlock_t lock;
	void (*between)(unsigned int nr, unsigned int device);
	void (*during)(unsigned int nr, unsigned int device);
};

extern struct kt_disk_env kt_disks;

int kt_disk_reset(void);
void kt_disk_free(void);
struct gendisk *kt_disk_of(unsigned int device);
int kt_disk_index(unsigned int device);
unsigned int kt_disk_release(void);

#endif /* _KT_FAKE_DISK_H */
