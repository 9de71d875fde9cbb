# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: takes requests of 4 segments at most
insert_before virtio_scsi.c 'shost->sg_tablesize = sg_elems;' \
'	sg_elems = 4;'
