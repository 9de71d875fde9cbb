# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: uses one queue, whatever the device offers
insert_before virtio_blk.c 'num_poll_vqs = min_t(unsigned int, poll_queues, num_vqs - 1);' \
'	num_vqs = 1;'
