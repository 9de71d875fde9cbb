# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: the driver's init returns -EIO, with the library's done
insert_before pci.c 'return pci_register_driver(&nvme_driver);' \
'	if (use_threaded_interrupts >= 0)
		return -EIO;'
