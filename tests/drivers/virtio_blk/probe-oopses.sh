# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe writes through a null pointer, with the disk allocated
insert_before virtio_blk.c 'virtblk_update_capacity(vblk, false);' \
'	WRITE_ONCE(*(int *)NULL, 1);'
