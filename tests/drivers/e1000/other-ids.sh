# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: its device table names one device that does not exist
substitute e1000_main.c '/^\tINTEL_E1000_ETHERNET_DEVICE(0x/d'
insert_before e1000_main.c '/* required last entry */' \
'	INTEL_E1000_ETHERNET_DEVICE(0xFFFE),'
