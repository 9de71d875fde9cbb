# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: ndo_change_mtu refuses every MTU but 1500
#
# The verdict cannot see this; replaying an MTU that the user has set does.
insert_before e1000_main.c '/* Adapter-specific max frame size limits. */' \
'	if (new_mtu != ETH_DATA_LEN)
		return -EINVAL;
'
