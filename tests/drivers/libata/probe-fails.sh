# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe of ata_piix returns -EIO, that of ahci does not
insert_before ata_piix.c '/* apply IOCFG bit18 quirk */' \
'	if (host)
		return -EIO;
'
