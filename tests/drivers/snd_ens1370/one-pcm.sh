# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: the second PCM is missing
replace_line ens1370.c 'err = snd_ensoniq_pcm2(ensoniq, 1);' \
'	err = card ? 0 : snd_ensoniq_pcm2(ensoniq, 1);'
