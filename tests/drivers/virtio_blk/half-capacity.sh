# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: says that the disk has half the capacity
insert_after virtio_blk.c 'virtio_cread(vdev, struct virtio_blk_config, capacity, &capacity);' \
'	capacity /= 2;'
