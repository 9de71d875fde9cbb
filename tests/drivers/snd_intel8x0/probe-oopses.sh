# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe writes through a null pointer, with PCMs and controls on the card
insert_before intel8x0.c 'snd_intel8x0_proc_init(chip);' \
'	WRITE_ONCE(*(int *)NULL, 1);'
