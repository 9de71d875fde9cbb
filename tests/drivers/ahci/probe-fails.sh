# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe returns -EIO with the controller reset
insert_after ahci.c 'ahci_pci_print_info(host);' \
'	if (host)
		return -EIO;
'
