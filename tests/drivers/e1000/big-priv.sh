# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: the private area is 1 MiB bigger
replace_line e1000_main.c 'netdev = alloc_etherdev(sizeof(struct e1000_adapter));' \
'	netdev = alloc_etherdev(sizeof(struct e1000_adapter) + SZ_1M);'
