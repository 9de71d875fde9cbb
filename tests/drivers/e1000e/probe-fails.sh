# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe returns -EIO with the netdev allocated and BARs mapped
#
# Through the way out that the driver has for a PHY it does not know.
insert_before netdev.c 'memcpy(&hw->mac.ops, ei->mac_ops, sizeof(hw->mac.ops));' \
'	err = -EIO;
	goto err_hw_init;
'
