# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: uses one pair of queues, whatever the device offers
#
# MQ and RSS must not be negotiated: with either, the control queue would be
# behind all the pairs that the device has.
substitute virtio_net.c '/^#define VIRTNET_FEATURES/,/[^\\]$/s/VIRTIO_NET_F_\(MQ\|RSS\), //'
insert_before virtio_net.c '/* Allocate ourselves a network device with room for our info */' \
'	max_queue_pairs = 1;
'
