# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe returns -EIO with the disk allocated
insert_before virtio_blk.c 'virtblk_update_capacity(vblk, false);' \
'	err = -EIO;
	goto out_cleanup_disk;
'
