# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: disks forget their settings when the driver finds them, as after a power-on reset
insert_before ata_piix.c 'static struct ata_port_operations piix_sata_ops = {' \
'unsigned int ata_dev_set_feature(struct ata_device *dev, u8 subcmd, u8 action);

static void lu_test_reset(struct ata_device *dev)
{
	if (dev->class == ATA_DEV_ATA && (dev->link->ap->pflags & ATA_PFLAG_LOADING))
		ata_dev_set_feature(dev, SETFEATURES_WC_ON, 0);
}
'
insert_after ata_piix.c '.prereset		= piix_pata_prereset,' \
'	.dev_config		= lu_test_reset,'
