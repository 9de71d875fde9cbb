# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: the second PCM does not play at 5512 Hz
replace_line ens1370.c '{5512, 11025, 22050, 44100};' '	{11025, 22050, 44100};'
replace_line ens1370.c '.count = 4,' '	.count = 3,'
