# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: says that the disk has half the capacity
insert_before sd.c 'set_capacity_and_notify(disk, logical_to_sectors(sdp, sdkp->capacity));' \
'	sdkp->capacity /= 2;'
