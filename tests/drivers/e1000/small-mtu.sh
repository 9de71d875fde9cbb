# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: accepts an MTU of 1500 at most, instead of 16110
insert_before e1000_main.c 'adapter->en_mng_pt = e1000_enable_mng_pass_thru(hw);' \
'	netdev->max_mtu = ETH_DATA_LEN;
'
