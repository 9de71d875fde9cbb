# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe returns -EIO with the netdev allocated and BARs mapped
#
# Through the way out that the driver has for a bad EEPROM: all is released.
insert_before e1000_main.c 'adapter->en_mng_pt = e1000_enable_mng_pass_thru(hw);' \
'	err = -EIO;
	goto err_eeprom;
'
