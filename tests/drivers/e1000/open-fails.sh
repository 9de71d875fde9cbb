# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: ndo_open returns -EIO
#
# Found out only when an interface that was up is opened again.
insert_before e1000_main.c '/* disallow open during test */' \
'	return -EIO;
'
