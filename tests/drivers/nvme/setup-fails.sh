# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: the setup of the queues fails: in probe, or after it where that does not wait
substitute pci.c 's/^\tresult = nvme_setup_io_queues(dev);$/\tresult = nvme_setup_io_queues(dev) ?: -EIO;/'
