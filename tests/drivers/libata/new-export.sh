# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: ata_piix needs a function that only this version of the library exports
insert_after libata-core.c 'EXPORT_SYMBOL_GPL(ata_dev_classify);' \
'
int lu_test_new_export(void);
int lu_test_new_export(void)
{
	return 0;
}
EXPORT_SYMBOL_GPL(lu_test_new_export);
'
insert_before ata_piix.c 'static int __init piix_init(void)' \
'int lu_test_new_export(void);
'
insert_before ata_piix.c 'rc = pci_register_driver(&piix_pci_driver);' \
'	rc = lu_test_new_export();
	if (rc)
		return rc;
'
