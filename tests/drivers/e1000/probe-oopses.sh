# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe writes through a null pointer once the netdev is allocated
insert_after e1000_main.c 'adapter = netdev_priv(netdev);' \
'	WRITE_ONCE(*(int *)NULL, 1);'
