# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: queues of 64 requests
substitute pci.c 's/^static unsigned int io_queue_depth = 1024;$/static unsigned int io_queue_depth = 64;/'
