# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe returns -EIO with the netdev allocated
insert_before virtio_net.c 'virtnet_set_big_packets(vi, mtu);' \
'	err = -EIO;
	goto free;
'
