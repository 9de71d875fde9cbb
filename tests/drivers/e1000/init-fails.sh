# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: module_init returns -ENOMEM before it registers with the bus
insert_before e1000_main.c 'pr_info("%s\n", e1000_driver_string);' \
'	return -ENOMEM;
'
