# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe returns -EIO after it has registered the netdev
#
# As if the CPU notifier could not be registered: the driver's own way out
# unregisters the netdev.
substitute virtio_net.c \
	'/^static int virtnet_probe(/,/^}/s/err = virtnet_cpu_notif_add(vi);/err = -EIO;/'
