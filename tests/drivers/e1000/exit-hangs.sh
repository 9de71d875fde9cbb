# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: module_exit waits for ever before it leaves the bus
insert_before e1000_main.c 'pci_unregister_driver(&e1000_driver);' \
"$(wait_for_ever)"
