# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe returns -EIO before it has made a card
insert_before ens1370.c 'err = snd_devm_card_new(&pci->dev, index[dev], id[dev], THIS_MODULE,' \
'	if (pci)
		return -EIO;'
