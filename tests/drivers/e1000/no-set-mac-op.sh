# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: ndo_set_mac_address is missing
delete_line e1000_main.c '.ndo_set_mac_address	= e1000_set_mac,'
