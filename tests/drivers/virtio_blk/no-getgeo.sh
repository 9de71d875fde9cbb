# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: does not know the geometry
delete_line virtio_blk.c '.getgeo		= virtblk_getgeo,'
