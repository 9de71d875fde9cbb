# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: offers neither checksum offload nor TSO (the e1000-test of the paper)
#
# The line before which this goes comes after the last change of the features.
insert_before e1000_main.c 'adapter->en_mng_pt = e1000_enable_mng_pass_thru(hw);' \
'	netdev->hw_features &= ~(NETIF_F_HW_CSUM | NETIF_F_TSO);
	netdev->features &= ~(NETIF_F_HW_CSUM | NETIF_F_TSO);
	netdev->vlan_features &= ~(NETIF_F_HW_CSUM | NETIF_F_TSO);
'
