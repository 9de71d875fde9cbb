# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe hangs, with PCMs and controls on the card, until the module's parameter "go" is set
insert_before ens1370.c 'static int index[SNDRV_CARDS] = SNDRV_DEFAULT_IDX;	/* Index 0-MAX */' \
'static bool go;
module_param(go, bool, 0644);
'
insert_before ens1370.c 'err = snd_ensoniq_midi(ensoniq, 0);' \
'	while (!READ_ONCE(go))
		msleep(50);'
