# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe returns -EIO with the controller registered
insert_before pci.c 'result = nvme_setup_prp_pools(dev);' \
'	result = -EIO;
	goto out_dev_unmap;
'
