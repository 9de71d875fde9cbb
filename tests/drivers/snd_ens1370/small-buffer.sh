# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: buffers of 32 KiB at most
substitute ens1370.c 's/^\t\.buffer_bytes_max =\t(128\*1024),$/\t.buffer_bytes_max =\t(32*1024),/'
