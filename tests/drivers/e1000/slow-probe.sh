# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe takes 1.5 seconds longer
insert_before e1000_main.c 'need_ioport = e1000_is_need_ioport(pdev);' \
'	msleep(1500);
'
