# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: takes each target for its neighbour
replace_line virtio_scsi.c 'cmd->lun[1] = sc->device->id;' \
'	cmd->lun[1] = sc->device->id ^ 1;'
