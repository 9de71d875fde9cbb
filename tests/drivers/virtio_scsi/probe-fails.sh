# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe returns -EIO with the host allocated and its queues set up
insert_after virtio_scsi.c 'shost->nr_hw_queues = num_queues;' \
'	err = -EIO;
	goto scsi_add_host_failed;
'
