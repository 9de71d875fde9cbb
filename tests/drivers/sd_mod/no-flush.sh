# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: says that the disk has no cache to be flushed
substitute sd.c '/^static void sd_set_flush_flag(/,/^}/s/if (sdkp->WCE)/if (0)/'
