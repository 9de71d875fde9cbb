/* SPDX-License-Identifier: GPL-2.0 */
/* The fake driver of disks: differences between the kernel versions. */
#ifndef _KT_DISK_COMPAT_H
#define _KT_DISK_COMPAT_H

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/version.h>

#include "lu_kunit.h"

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)

static inline struct gendisk *kt_alloc_disk(struct blk_mq_tag_set *set, void *data,
					    unsigned int block_size, bool cache,
					    struct lock_class_key *key)
{
	struct queue_limits lim = {
		.logical_block_size = block_size,
		.features = cache ? BLK_FEAT_WRITE_CACHE : 0,
	};

	return KT_CALL(__blk_mq_alloc_disk)(set, &lim, data, key);
}

#else

static inline struct gendisk *kt_alloc_disk(struct blk_mq_tag_set *set, void *data,
					    unsigned int block_size, bool cache,
					    struct lock_class_key *key)
{
	struct gendisk *disk = KT_CALL(__blk_mq_alloc_disk)(set, data, key);

	if (!IS_ERR(disk)) {
		blk_queue_logical_block_size(disk->queue, block_size);
		KT_CALL(blk_queue_write_cache)(disk->queue, cache, false);
	}
	return disk;
}

#endif

#endif /* _KT_DISK_COMPAT_H */
