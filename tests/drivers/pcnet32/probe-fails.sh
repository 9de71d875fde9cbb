# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe returns -EIO with netdev, regions and DMA memory allocated
insert_before pcnet32.c '/* prior to register_netdev, dev->name is not yet correct */' \
'	ret = -EIO;
	goto err_free_ring;
'
