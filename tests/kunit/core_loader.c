// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks of the core in the module loader, callable by the fake loader with
 * the arguments that the kernel's loader would have in its registers.
 */
#include "lu_kunit.h"

#include "../../kernel/liveupdate/loader.c"

static struct pt_regs kt_regs(const void *a, const void *b, const void *c, const void *d)
{
	return (struct pt_regs) {
		.di = (unsigned long)a,
		.si = (unsigned long)b,
		.dx = (unsigned long)c,
		.cx = (unsigned long)d,
	};
}

/* check_modstruct_version(info, mod) */
int kt_hook_modstruct(struct module *mod)
{
	struct pt_regs regs = kt_regs(NULL, mod, NULL, NULL);

	return lu_pre_modstruct(NULL, &regs);
}

/* module_frob_arch_sections(hdr, sechdrs, secstrings, mod) */
int kt_hook_frob(void *hdr, void *sechdrs, void *secstrings, struct module *mod)
{
	struct pt_regs regs = kt_regs(hdr, sechdrs, secstrings, mod);

	return lu_pre_frob(NULL, &regs);
}

/* module_finalize(hdr, sechdrs, mod) */
int kt_hook_finalize(void *hdr, void *sechdrs, struct module *mod)
{
	struct pt_regs regs = kt_regs(hdr, sechdrs, mod, NULL);

	return lu_pre_finalize(NULL, &regs);
}

/* resolve_symbol(mod, info, name, ownername) is about to return @ksym. */
const void *kt_hook_resolve(struct module *mod, const char *name, const void *ksym)
{
	struct pt_regs regs = kt_regs(mod, NULL, name, NULL);
	struct kretprobe_instance *ri;
	const void *ret = ksym;

	ri = kzalloc(sizeof(*ri) + lu_kretprobe_resolve.data_size, GFP_KERNEL);
	if (!ri)
		return ERR_PTR(-ENOMEM);
	if (!lu_resolve_entry(ri, &regs)) {
		regs.ax = (unsigned long)ksym;
		lu_resolve_return(ri, &regs);
		ret = (const void *)regs.ax;
	}
	kfree(ri);
	return ret;
}

int kt_hook_notify(struct module *mod, unsigned long state)
{
	return notifier_to_errno(lu_module_notify(&lu_module_nb, state, mod));
}

bool kt_is_init_stub(int (*init)(void))
{
	return init == lu_init_stub;
}
