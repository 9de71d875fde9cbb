# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: the control 'CD Volume' goes to 15 instead of 31
substitute ak4531_codec.c '/^AK4531_DOUBLE_TLV("CD Volume"/s/0x1f/0x0f/'
