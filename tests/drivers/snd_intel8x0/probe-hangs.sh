# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe hangs, with PCMs and controls on the card, until the module's parameter "go" is set
insert_before intel8x0.c 'static int index = SNDRV_DEFAULT_IDX1;	/* Index 0-MAX */' \
'static bool go;
module_param(go, bool, 0644);
'
insert_before intel8x0.c 'snd_intel8x0_proc_init(chip);' \
'	while (!READ_ONCE(go))
		msleep(50);'
