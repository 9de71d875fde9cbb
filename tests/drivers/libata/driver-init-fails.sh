# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: init of ata_piix returns -EIO, after that of the library succeeded
insert_before ata_piix.c 'rc = pci_register_driver(&piix_pci_driver);' \
'	return -EIO;
'
