# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe returns -EIO with the card made, before it is registered in a work item
insert_before hda_intel.c 'if (schedule_probe)' \
'	if (card) {
		err = -EIO;
		goto out_free;
	}
'
