# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe waits for ever as bus master, with its regions requested
insert_before e1000_main.c 'err = pci_save_state(pdev);' \
"$(wait_for_ever)"
