# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe succeeds, and the work item that should register the card fails
insert_before hda_intel.c 'err = snd_card_register(chip->card);' \
'	err = -EIO;
	if (err)
		goto out_free;
'
