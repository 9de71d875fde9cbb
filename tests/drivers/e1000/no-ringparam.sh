# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: the ethtool operations get_ringparam and set_ringparam are missing
delete_line e1000_ethtool.c '.get_ringparam		= e1000_get_ringparam,'
delete_line e1000_ethtool.c '.set_ringparam		= e1000_set_ringparam,'
