# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: queues of 16 requests
insert_before virtio_blk.c 'memset(&vblk->tag_set, 0, sizeof(vblk->tag_set));' \
'	queue_depth = 16;'
