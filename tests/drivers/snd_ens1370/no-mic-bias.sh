# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: the control 'Mic +5V bias' is missing
replace_line ens1370.c 'for (idx = 0; idx < ES1370_CONTROLS; idx++) {' \
'	for (idx = 0; idx < ES1370_CONTROLS - 1; idx++) {'
