# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe returns -EIO with the card made, and PCMs and controls on it
insert_before intel8x0.c 'snd_intel8x0_proc_init(chip);' \
'	if (card)
		return -EIO;
'
