// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: persistent reservations
 *
 * They are the device's, and stay. Calls pass the gate. One table for all
 * disks, for it is fetched and used without any lock.
 */
#include "block_shadow.h"

#include <linux/pr.h>

static struct bs_disk *enter(struct block_device *bdev, int *err)
{
	struct bs_disk *bd = bs_get(bdev->bd_disk);

	*err = bd ? bs_gate_enter(&bd->gate) : -ENXIO;
	if (!*err && bd->drv_fops->pr_ops)
		return bd;
	if (!*err) {
		bs_gate_leave(&bd->gate);
		*err = -EOPNOTSUPP;
	}
	if (bd)
		bs_put(bd);
	return NULL;
}

static void leave(struct bs_disk *bd)
{
	bs_gate_leave(&bd->gate);
	bs_put(bd);
}

/* Calls the driver's function of that name, if it has one. */
#define CALL(_f, _bdev, ...)							\
({										\
	int _err;								\
	struct bs_disk *_bd = enter(_bdev, &_err);				\
										\
	if (_bd) {								\
		const struct pr_ops *_ops = _bd->drv_fops->pr_ops;		\
										\
		_err = _ops->_f ? _ops->_f(_bdev, ##__VA_ARGS__) : -EOPNOTSUPP;	\
		leave(_bd);							\
	}									\
	_err;									\
})

static int bs_pr_register(struct block_device *bdev, u64 old_key, u64 new_key, u32 flags)
{
	return CALL(pr_register, bdev, old_key, new_key, flags);
}

static int bs_pr_reserve(struct block_device *bdev, u64 key, enum pr_type type, u32 flags)
{
	return CALL(pr_reserve, bdev, key, type, flags);
}

static int bs_pr_release(struct block_device *bdev, u64 key, enum pr_type type)
{
	return CALL(pr_release, bdev, key, type);
}

static int bs_pr_preempt(struct block_device *bdev, u64 old_key, u64 new_key,
			 enum pr_type type, bool abort)
{
	return CALL(pr_preempt, bdev, old_key, new_key, type, abort);
}

static int bs_pr_clear(struct block_device *bdev, u64 key)
{
	return CALL(pr_clear, bdev, key);
}

#if BS_PR_HAS_READ
static int bs_pr_read_keys(struct block_device *bdev, struct pr_keys *keys)
{
	return CALL(pr_read_keys, bdev, keys);
}

static int bs_pr_read_reservation(struct block_device *bdev, struct pr_held_reservation *rsv)
{
	return CALL(pr_read_reservation, bdev, rsv);
}
#endif

const struct pr_ops bs_pr_ops = {
	.pr_register = bs_pr_register,
	.pr_reserve = bs_pr_reserve,
	.pr_release = bs_pr_release,
	.pr_preempt = bs_pr_preempt,
	.pr_clear = bs_pr_clear,
#if BS_PR_HAS_READ
	.pr_read_keys = bs_pr_read_keys,
	.pr_read_reservation = bs_pr_read_reservation,
#endif
};
