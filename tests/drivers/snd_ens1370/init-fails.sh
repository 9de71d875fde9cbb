# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: init returns -EIO before it registers with the bus
replace_line ens1370.c 'module_pci_driver(ens137x_driver);' \
'static bool registers;

static int __init ens1370_init(void)
{
	return registers ? pci_register_driver(&ens137x_driver) : -EIO;
}
module_init(ens1370_init);

static void __exit ens1370_exit(void)
{
	pci_unregister_driver(&ens137x_driver);
}
module_exit(ens1370_exit);'
