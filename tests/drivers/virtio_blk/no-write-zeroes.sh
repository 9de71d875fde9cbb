# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: does not look whether the device can write zeroes
replace_line virtio_blk.c 'if (virtio_has_feature(vdev, VIRTIO_BLK_F_WRITE_ZEROES)) {' '	if (false) {'
