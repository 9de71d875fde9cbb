/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shadow driver for disks: differences between kernel versions. Nowhere else
 * in this folder is the version asked for.
 */
#ifndef _LU_BLOCK_COMPAT_H
#define _LU_BLOCK_COMPAT_H

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
/* A driver hands over all limits at once, when it allocates the disk. */
#define BS_LIMITS_AT_ALLOC	1
typedef blk_mode_t bs_mode_t;
#else
/* A driver sets limits one by one, in the queue that users look at. */
#define BS_LIMITS_AT_ALLOC	0
typedef fmode_t bs_mode_t;
#endif

/* Entries of struct block_device_operations; each is classified in fops.c. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define BS_FOPS_ENTRIES		18
#else
#define BS_FOPS_ENTRIES		19
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define BS_PR_HAS_READ		1
/* How a driver is told of somebody who has the disk open already. */
#define BS_OPEN_AGAIN		(BLK_OPEN_READ | BLK_OPEN_NDELAY)

static inline int bs_call_open(const struct block_device_operations *fops,
			       struct gendisk *disk, bs_mode_t mode)
{
	return fops->open(disk, mode);
}

static inline void bs_call_release(const struct block_device_operations *fops,
				   struct gendisk *disk)
{
	fops->release(disk);
}
#else
#define BS_PR_HAS_READ		0
#define BS_OPEN_AGAIN		(FMODE_READ | FMODE_NDELAY)

static inline int bs_call_open(const struct block_device_operations *fops,
			       struct gendisk *disk, bs_mode_t mode)
{
	return fops->open(disk->part0, mode);
}

static inline void bs_call_release(const struct block_device_operations *fops,
				   struct gendisk *disk)
{
	fops->release(disk, BS_OPEN_AGAIN);
}
#endif

/* Third argument of the function that a probe stands at. */
static inline void bs_or_argument2(struct pt_regs *regs, unsigned long bits)
{
	regs->dx |= bits;
}

/* Entries that are the driver's own also in the table that the kernel sees. */
static inline void bs_fops_direct(struct block_device_operations *to,
				  const struct block_device_operations *from)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	to->rw_page = from->rw_page;
#endif
}

/* Requests for power management pass a queue that knows its device only. */
static inline bool bs_can_hold(const struct request_queue *q)
{
#ifdef CONFIG_PM
	return q->dev;
#else
	return false;
#endif
}

static inline bool bs_is_zoned(struct gendisk *disk)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	return disk->queue->limits.features & BLK_FEAT_ZONED;
#else
	return blk_queue_is_zoned(disk->queue);
#endif
}

/* Does the driver say that the device has a volatile cache, and writes through it? */
static inline bool bs_has_cache(const struct queue_limits *lim, unsigned long flags)
{
#if BS_LIMITS_AT_ALLOC
	return lim->features & BLK_FEAT_WRITE_CACHE;
#else
	return flags & BIT(QUEUE_FLAG_HW_WC);
#endif
}

static inline bool bs_has_fua(const struct queue_limits *lim, unsigned long flags)
{
#if BS_LIMITS_AT_ALLOC
	return lim->features & BLK_FEAT_FUA;
#else
	return flags & BIT(QUEUE_FLAG_FUA);
#endif
}

#endif /* _LU_BLOCK_COMPAT_H */
