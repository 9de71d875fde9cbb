/* SPDX-License-Identifier: GPL-2.0 */
/* All that differs for the suites between the kernel versions we build on. */
#ifndef _KT_COMPAT_H
#define _KT_COMPAT_H

#include <linux/device.h>
#include <linux/module.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* Memory of a module: 6.4 replaced two layouts by an array of regions. */
static inline void kt_module_set_text(struct module *mod, void *base, unsigned int size)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	mod->mem[MOD_TEXT].base = base;
	mod->mem[MOD_TEXT].size = size;
#else
	mod->core_layout.base = base;
	mod->core_layout.size = size;
#endif
}

/* Data is a part of the one layout of a real module; ours has it elsewhere. */
static inline void kt_module_set_data(struct module *mod, void *base, unsigned int size)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	mod->mem[MOD_DATA].base = base;
	mod->mem[MOD_DATA].size = size;
#else
	mod->init_layout.base = base;
	mod->init_layout.size = size;
#endif
}

/* A bus's match takes a const driver since 6.11. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define kt_const_driver const
#else
#define kt_const_driver
#endif

#endif /* _KT_COMPAT_H */
