# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: streams cannot be paused
substitute ens1370.c 's/SNDRV_PCM_INFO_PAUSE | //'
