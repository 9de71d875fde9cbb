# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: logical blocks of 4096 bytes
#
# Limits are set in the queue (6.1) or in a structure of their own (6.12).
if grep -q 'struct queue_limits \*lim' virtio_blk.c; then
	insert_before virtio_blk.c '/* Use topology information if available */' \
'	lim->logical_block_size = 4096;
'
else
	insert_before virtio_blk.c '/* Use topology information if available */' \
'	blk_queue_logical_block_size(q, 4096);
'
fi
