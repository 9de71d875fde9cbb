# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: uses one pair of queues, whatever the device offers
#
# MQ and RSS must not be accepted: with either, the control queue would be
# behind all the pairs that the device has. Nor may they leave the driver's
# table, for the core insists that a driver asks only for what is in it.
substitute virtio_net.c '/^static int virtnet_validate(/,/^}/s/^\tif (virtio_has_feature(vdev, VIRTIO_NET_F_MTU)) {$/\t__virtio_clear_bit(vdev, VIRTIO_NET_F_MQ);\n\t__virtio_clear_bit(vdev, VIRTIO_NET_F_RSS);\n\n&/'
insert_before virtio_net.c '/* Allocate ourselves a network device with room for our info */' \
'	max_queue_pairs = 1;
'
