# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: plays and records 16 bits only
substitute ens1370.c 's/SNDRV_PCM_FMTBIT_U8 | //'
