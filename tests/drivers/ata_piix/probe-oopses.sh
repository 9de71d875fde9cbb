# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe writes through a null pointer, with its ports allocated
insert_before ata_piix.c 'return ata_pci_sff_activate_host(host, ata_bmdma_interrupt, sht);' \
'	WRITE_ONCE(*(int *)NULL, 1);'
