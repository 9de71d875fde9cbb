# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: queues of 64 requests, whatever the parameter says
substitute pci.c 's/NVME_CAP_MQES(dev->ctrl.cap) + 1,$/64,/'
