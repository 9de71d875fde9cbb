# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: does not know the geometry
delete_line sd.c '.getgeo			= sd_getgeo,'
