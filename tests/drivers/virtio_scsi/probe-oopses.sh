# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe writes through a null pointer, with the host allocated and the queues set up
insert_before virtio_scsi.c 'err = scsi_add_host(shost, &vdev->dev);' \
'	WRITE_ONCE(*(int *)NULL, 1);'
