// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: the table of a disk
 *
 * The block core sees a copy of the driver's table. Requests do not go through
 * it. What does (an ioctl, the geometry) is rare and passes the gate.
 */
#include "block_shadow.h"

#include <linux/rcupdate.h>
#include <linux/slab.h>

/* An entry that a later kernel adds has to be looked at. */
static_assert(sizeof(struct block_device_operations) == BS_FOPS_ENTRIES * sizeof(void *));

static void gate_leave(struct bs_disk *bd)
{
	bs_gate_leave(&bd->gate);
	bs_put(bd);
}

/* Shadow of a disk in which the driver may be called, for gate_leave(). */
static struct bs_disk *gate_enter(struct gendisk *disk, int *err)
{
	struct bs_disk *bd = bs_get(disk);

	*err = bd ? bs_gate_enter(&bd->gate) : -ENXIO;
	if (!*err)
		return bd;
	if (bd)
		bs_put(bd);
	return NULL;
}

/* A call that must not wait; refused while no driver answers. */
static struct bs_disk *gate_enter_now(struct gendisk *disk)
{
	struct bs_disk *bd = bs_get(disk);

	if (bd && !bs_gate_try(&bd->gate)) {
		bs_put(bd);
		bd = NULL;
	}
	return bd;
}

static int bs_ioctl(struct block_device *bdev, bs_mode_t mode, unsigned int cmd,
		    unsigned long arg)
{
	int err;
	struct bs_disk *bd = gate_enter(bdev->bd_disk, &err);

	if (!bd)
		return err;
	err = bd->drv_fops->ioctl ? bd->drv_fops->ioctl(bdev, mode, cmd, arg) : -ENOTTY;
	gate_leave(bd);
	return err;
}

static int bs_compat_ioctl(struct block_device *bdev, bs_mode_t mode, unsigned int cmd,
			   unsigned long arg)
{
	int err;
	struct bs_disk *bd = gate_enter(bdev->bd_disk, &err);

	if (!bd)
		return err;
	err = bd->drv_fops->compat_ioctl ?
	      bd->drv_fops->compat_ioctl(bdev, mode, cmd, arg) : -ENOIOCTLCMD;
	gate_leave(bd);
	return err;
}

static int bs_getgeo(struct block_device *bdev, struct hd_geometry *geo)
{
	int err;
	struct bs_disk *bd = gate_enter(bdev->bd_disk, &err);

	if (!bd)
		return err;
	err = bd->drv_fops->getgeo ? bd->drv_fops->getgeo(bdev, geo) : -ENOTTY;
	gate_leave(bd);
	return err;
}

static int bs_set_read_only(struct block_device *bdev, bool ro)
{
	int err;
	struct bs_disk *bd = gate_enter(bdev->bd_disk, &err);

	if (!bd)
		return err;
	err = bd->drv_fops->set_read_only ? bd->drv_fops->set_read_only(bdev, ro) : 0;
	gate_leave(bd);
	return err;
}

static int bs_get_unique_id(struct gendisk *disk, u8 id[16], enum blk_unique_id type)
{
	int err;
	struct bs_disk *bd = gate_enter(disk, &err);

	if (!bd)
		return err;
	err = bd->drv_fops->get_unique_id ?
	      bd->drv_fops->get_unique_id(disk, id, type) : -EOPNOTSUPP;
	gate_leave(bd);
	return err;
}

/* Asked every now and then; nothing is lost if it has nothing to tell once. */
static unsigned int bs_check_events(struct gendisk *disk, unsigned int clearing)
{
	struct bs_disk *bd = gate_enter_now(disk);
	unsigned int events = 0;

	if (!bd)
		return 0;
	if (bd->drv_fops->check_events)
		events = bd->drv_fops->check_events(disk, clearing);
	gate_leave(bd);
	return events;
}

static void bs_unlock_native_capacity(struct gendisk *disk)
{
	struct bs_disk *bd = gate_enter_now(disk);

	if (!bd)
		return;
	if (bd->drv_fops->unlock_native_capacity)
		bd->drv_fops->unlock_native_capacity(disk);
	gate_leave(bd);
}

static char *bs_devnode(struct gendisk *disk, umode_t *mode)
{
	struct bs_disk *bd = gate_enter_now(disk);
	char *name = NULL;

	if (!bd)
		return NULL;
	if (bd->drv_fops->devnode)
		name = bd->drv_fops->devnode(disk, mode);
	gate_leave(bd);
	return name;
}

#if BS_LIMITS_AT_ALLOC
static int bs_open(struct gendisk *disk, bs_mode_t mode)
{
	return bs_opens_open(disk, mode);
}

static void bs_release(struct gendisk *disk)
{
	bs_opens_release(disk);
}
#else
static int bs_open(struct block_device *bdev, bs_mode_t mode)
{
	return bs_opens_open(bdev->bd_disk, mode);
}

static void bs_release(struct gendisk *disk, bs_mode_t mode)
{
	bs_opens_release(disk);
}
#endif

/* The last user of a disk is gone, which its driver gave up before. */
static void bs_free_disk(struct gendisk *disk)
{
	bs_retire(container_of(disk->fops, struct bs_fops, ops)->bd);
}

#define BS_WRAP(_f) WRITE_ONCE(to->_f, from->_f ? bs_##_f : NULL)

/**
 * bs_fops_update() - the table that the kernel sees follows the driver's
 * @bd: shadow with @drv_fops set
 *
 * The owner does not: users' references have to follow it, see refs.c.
 */
void bs_fops_update(struct bs_disk *bd)
{
	const struct block_device_operations *from = bd->drv_fops;
	struct block_device_operations *to = &bd->fops->ops;

	BS_WRAP(ioctl);
	BS_WRAP(getgeo);
	BS_WRAP(set_read_only);
	BS_WRAP(get_unique_id);
	BS_WRAP(check_events);
	BS_WRAP(unlock_native_capacity);
	BS_WRAP(devnode);
	/* The kernel's own calls the other entry, and must not pass the gate twice. */
	if (from->compat_ioctl == blkdev_compat_ptr_ioctl)
		WRITE_ONCE(to->compat_ioctl, blkdev_compat_ptr_ioctl);
	else
		BS_WRAP(compat_ioctl);
	/* Also where this driver does not want to know: another one may. */
	to->open = bs_open;
	to->release = bs_release;
	WRITE_ONCE(to->pr_ops, from->pr_ops ? &bs_pr_ops : NULL);
	bs_fops_direct(to, from);
	to->alternative_gpt_sector = from->alternative_gpt_sector;
	/* Disks with one of these are never updated, see bs_refusal(). */
	to->submit_bio = from->submit_bio;
	to->poll_bio = from->poll_bio;
	to->report_zones = from->report_zones;
	to->swap_slot_free_notify = from->swap_slot_free_notify;
	/* Calls the driver's. */
	to->free_disk = bs_free_disk;
}

/**
 * bs_dress() - let the kernel see our table
 * @bd: shadow of a disk that is about to be registered
 *
 * Return: 0 or -ENOMEM.
 */
int bs_dress(struct bs_disk *bd)
{
	struct bs_fops *fops;

	if (!bd->disk->fops)
		return -EINVAL;
	fops = kzalloc(sizeof(*fops), GFP_KERNEL);
	if (!fops)
		return -ENOMEM;
	bd->fops = fops;
	bd->drv_fops = bd->disk->fops;
	bs_fops_update(bd);
	fops->bd = bd;
	fops->ops.owner = bd->drv_fops->owner;
	bd->disk->fops = &fops->ops;
	return 0;
}

static void fops_free(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct bs_fops, rcu));
}

/**
 * bs_fops_drop() - the table that the kernel saw is not needed any more
 * @bd: shadow
 */
void bs_fops_drop(struct bs_disk *bd)
{
	struct bs_fops *fops = bd->fops;

	bd->fops = NULL;
	/* The kernel fetches the table, then an entry, without any lock. */
	call_rcu_tasks(&fops->rcu, fops_free);
}

/**
 * bs_undress() - let the kernel see the driver's own table again
 * @bd: shadow that impersonates nobody
 */
void bs_undress(struct bs_disk *bd)
{
	if (!bd->fops)
		return;
	if (bd->disk->fops == &bd->fops->ops)
		WRITE_ONCE(bd->disk->fops, bd->drv_fops);
	bs_fops_drop(bd);
}
