# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: takes requests of 4 segments at most
substitute virtio_blk.c 's/^\tsg_elems = min_t(u32, sg_elems, VIRTIO_BLK_MAX_SG_ELEMS - 2);$/\tsg_elems = 4;/'
