# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe waits for ever, the device not yet enabled
insert_before e1000_main.c 'need_ioport = e1000_is_need_ioport(pdev);' \
"$(wait_for_ever)"
