# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: says that the disk cannot be written to
replace_line virtio_blk.c 'if (virtio_has_feature(vdev, VIRTIO_BLK_F_RO))' '	if (true)'
