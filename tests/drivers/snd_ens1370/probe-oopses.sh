# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe writes through a null pointer, with PCMs and controls on the card
insert_before ens1370.c 'err = snd_ensoniq_midi(ensoniq, 0);' \
'	WRITE_ONCE(*(int *)NULL, 1);'
