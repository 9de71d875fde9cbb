# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: does not look whether the device can discard
substitute virtio_blk.c 's/^\tif (virtio_has_feature(vdev, VIRTIO_BLK_F_DISCARD)) {$/\tif (false) {/'
substitute virtio_blk.c 's/^\tif (virtio_has_feature(vdev, VIRTIO_BLK_F_DISCARD) ||$/\tif (false \&\&/'
