# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe returns -EIO before it has allocated anything of the block layer
insert_after virtio_blk.c 'mutex_init(&vblk->vdev_mutex);' \
'	err = -EIO;
	goto out_free_vblk;
'
