// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: who has a disk open
 *
 * A driver that counts its openers is told of each. One that goes is told that
 * all have closed the disk, at the moment at which the block core would: after
 * the disk was unregistered. One that comes is told that all have opened it,
 * when it registers the disk. Opening and closing never waits for an update:
 * what happens meanwhile is told to the driver that is there in the end.
 */
#include "block_shadow.h"

#include <linux/slab.h>

static int tell_open(struct bs_disk *bd, bs_mode_t mode)
{
	int err = 0;

	lockdep_assert_held(&bd->opens_lock);
	if (bd->drv_fops->open)
		err = bs_call_open(bd->drv_fops, bd->disk, mode);
	if (!err)
		bd->told++;
	return err;
}

static void tell_release(struct bs_disk *bd)
{
	lockdep_assert_held(&bd->opens_lock);
	bd->told--;
	if (bd->drv_fops->release)
		bs_call_release(bd->drv_fops, bd->disk);
}

/* The driver's view becomes ours, as far as it plays along. */
static int tell(struct bs_disk *bd)
{
	int err = 0;

	while (bd->told > bd->opens)
		tell_release(bd);
	while (bd->told < bd->opens && !err)
		err = tell_open(bd, BS_OPEN_AGAIN);
	return err;
}

/**
 * bs_opens_open() - somebody opens a disk
 * @disk: the disk
 * @mode: how
 *
 * Return: what the driver says; 0 while there is none.
 */
int bs_opens_open(struct gendisk *disk, bs_mode_t mode)
{
	struct bs_disk *bd = bs_get(disk);
	int err = 0;

	if (!bd)
		return -ENXIO;
	mutex_lock(&bd->opens_lock);
	if (bs_gate_try(&bd->gate)) {
		err = tell_open(bd, mode);
		bs_gate_leave(&bd->gate);
	}
	if (!err)
		bd->opens++;
	mutex_unlock(&bd->opens_lock);
	bs_put(bd);
	return err;
}

/**
 * bs_opens_release() - somebody closes a disk
 * @disk: the disk
 */
void bs_opens_release(struct gendisk *disk)
{
	struct bs_disk *bd = bs_get(disk);

	if (!bd)
		return;
	mutex_lock(&bd->opens_lock);
	bd->opens--;
	if (bs_gate_try(&bd->gate)) {
		if (bd->told > bd->opens)
			tell_release(bd);
		bs_gate_leave(&bd->gate);
	}
	mutex_unlock(&bd->opens_lock);
	bs_put(bd);
}

/**
 * bs_opens_end() - the outgoing driver's openers are gone, for it
 * @bd: shadow of a disk that the driver gives up; the gate is closed
 */
void bs_opens_end(struct bs_disk *bd)
{
	mutex_lock(&bd->opens_lock);
	while (bd->told)
		tell_release(bd);
	mutex_unlock(&bd->opens_lock);
}

/**
 * bs_opens_forget() - a driver is gone without a word
 * @bd: shadow; nothing of the driver is called any more
 */
void bs_opens_forget(struct bs_disk *bd)
{
	mutex_lock(&bd->opens_lock);
	bd->told = 0;
	mutex_unlock(&bd->opens_lock);
}

/**
 * bs_opens_begin() - the incoming driver learns who has its disk open
 * @bd: shadow of a disk that is being registered; the gate is closed
 *
 * Return: 0, or what the driver says.
 */
int bs_opens_begin(struct bs_disk *bd)
{
	int err;

	mutex_lock(&bd->opens_lock);
	err = tell(bd);
	mutex_unlock(&bd->opens_lock);
	return err;
}

/**
 * bs_opens_settle() - open the gate, with the driver told of all that came and went
 * @bd: shadow of a disk whose queue runs
 */
void bs_opens_settle(struct bs_disk *bd)
{
	mutex_lock(&bd->opens_lock);
	if (tell(bd))
		pr_warn("%s: its driver refuses to be told that it is open\n",
			bd->disk->disk_name);
	bs_gate_open(&bd->gate);
	mutex_unlock(&bd->opens_lock);
}
