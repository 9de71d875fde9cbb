# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: uses one queue, whatever the device offers
insert_before virtio_scsi.c 'num_targets = virtscsi_config_get(vdev, max_target) + 1;' \
'	num_queues = 1;'
