# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: ndo_vlan_rx_kill_vid is missing, though VLAN filtering is offered
delete_line e1000_main.c '.ndo_vlan_rx_kill_vid	= e1000_vlan_rx_kill_vid,'
