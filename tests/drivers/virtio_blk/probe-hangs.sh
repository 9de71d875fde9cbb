# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe hangs, with the disk allocated, until the module's parameter "go" is set
insert_before virtio_blk.c '#include <linux/module.h>' '#include <linux/delay.h>'
insert_before virtio_blk.c 'static unsigned int num_request_queues;' \
'static bool go;
module_param(go, bool, 0644);
'
insert_before virtio_blk.c 'virtblk_update_capacity(vblk, false);' \
'	while (!READ_ONCE(go))
		msleep(50);'
