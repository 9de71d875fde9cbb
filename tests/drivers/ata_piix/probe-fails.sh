# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe returns -EIO with the hosts' ports allocated
insert_before ata_piix.c '/* apply IOCFG bit18 quirk */' \
'	if (host)
		return -EIO;
'
