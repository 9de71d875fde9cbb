# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: takes requests of 4 segments at most
substitute pci.c 's/^#define NVME_MAX_SEGS\t.*/#define NVME_MAX_SEGS\t4/'
