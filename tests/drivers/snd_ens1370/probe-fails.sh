# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe returns -EIO with the card made, and PCMs and controls on it
insert_before ens1370.c 'err = snd_ensoniq_midi(ensoniq, 0);' \
'	if (card)
		return -EIO;'
