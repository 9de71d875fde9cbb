// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Exports of two generations at once
 *
 * A staged library exports the same symbols as the running one. Whoever is
 * loaded is to be bound to the running one, but for a staged module, which is
 * to be bound to a staged library where there is one: they are to run together.
 *
 * So the exports of what does not run are hidden from the module loader: its
 * tables are as good as empty. A staged module that looks for a symbol gets it
 * from the hidden tables, before the loader compares versions and takes its
 * reference.
 */
#include <linux/bsearch.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "compat.h"
#include "internal.h"

/* Parallel searches for symbols; each is short. */
#define LU_FIND_INSTANCES	64

/**
 * lu_exports_hide() - nobody finds a module's exports any more
 * @m: the module
 * @mod: its kernel object, which @m may not have yet
 *
 * Context: Any. Those that found one hold a reference.
 */
void lu_exports_hide(struct lu_module *m, struct module *mod)
{
	if (m->exports_hidden)
		return;
	m->nr_syms = mod->num_syms;
	m->nr_gpl_syms = mod->num_gpl_syms;
	WRITE_ONCE(mod->num_syms, 0);
	WRITE_ONCE(mod->num_gpl_syms, 0);
	m->exports_hidden = true;
}

/**
 * lu_exports_show() - a module's exports can be found again
 * @m: the module
 */
void lu_exports_show(struct lu_module *m)
{
	if (!m->exports_hidden)
		return;
	WRITE_ONCE(m->mod->num_syms, m->nr_syms);
	WRITE_ONCE(m->mod->num_gpl_syms, m->nr_gpl_syms);
	m->exports_hidden = false;
}

static int lu_cmp_ksym(const void *name, const void *sym)
{
	const struct lu_kernel_symbol *ksym = sym;

	return strcmp(name, (const char *)&ksym->name_offset + ksym->name_offset);
}

/* The tables are sorted by name. */
static const struct lu_kernel_symbol *lu_export_in(const void *table, unsigned int n,
						   const char *name)
{
	return bsearch(name, table, n, sizeof(struct lu_kernel_symbol), lu_cmp_ksym);
}

/**
 * lu_export_find() - look for a symbol among a module's hidden exports
 * @m: the module
 * @fsa: what is looked for; filled in if it is there
 *
 * Return: true if it is.
 */
bool lu_export_find(const struct lu_module *m, struct lu_find_symbol *fsa)
{
	const struct lu_kernel_symbol *ksym;
	const void *syms = m->mod->syms;
	bool gpl = false;

	if (!m->exports_hidden)
		return false;
	ksym = lu_export_in(syms, m->nr_syms, fsa->name);
	if (!ksym && fsa->gplok) {
		gpl = true;
		syms = m->mod->gpl_syms;
		ksym = lu_export_in(syms, m->nr_gpl_syms, fsa->name);
	}
	if (!ksym)
		return false;
	fsa->owner = m->mod;
	fsa->sym = ksym;
	fsa->license = gpl;
	fsa->crc = gpl ? m->mod->gpl_crcs : m->mod->crcs;
	if (fsa->crc)
		fsa->crc += ksym - (const struct lu_kernel_symbol *)syms;
	return true;
}

/* Does the current task load a module that will be staged? */
static bool __lu_loads_staged(void)
{
	struct lu_module *m;

	lockdep_assert_held(&lu_lock);
	/* The newest is first. */
	list_for_each_entry(m, &lu_modules, node)
		if (m->loader == current && m->phase == LU_MOD_LOADING)
			return strcmp(m->name, m->load_name);
	return false;
}

/**
 * lu_export_redirect() - a symbol is looked for in the module loader
 * @fsa: what is looked for, and what was found
 *
 * Context: Any, in the task that loads a module.
 * Return: true if a staged library has it, and @fsa says so.
 */
bool lu_export_redirect(struct lu_find_symbol *fsa)
{
	struct lu_module *m;
	unsigned long flags;
	bool found = false;

	raw_spin_lock_irqsave(&lu_lock, flags);
	if (__lu_loads_staged())
		list_for_each_entry(m, &lu_modules, node)
			if (m->phase == LU_MOD_LIVE && m->gen &&
			    m->gen->role == LU_ROLE_STAGED && lu_export_find(m, fsa)) {
				found = true;
				break;
			}
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return found;
}

/* find_symbol(fsa) */
static int lu_find_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	*(void **)ri->data = (void *)regs_get_kernel_argument(regs, 0);
	return 0;
}

static int lu_find_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	if (lu_export_redirect(*(void **)ri->data))
		regs_set_return_value(regs, true);
	return 0;
}

static struct kretprobe lu_kretprobe_find = {
	.kp.symbol_name = "find_symbol",
	.entry_handler = lu_find_entry,
	.handler = lu_find_return,
	.data_size = sizeof(void *),
	.maxactive = LU_FIND_INSTANCES,
};

/**
 * lu_exports_missed() - a search went by without us
 *
 * Return: true if any did since the last call: what was loaded meanwhile may be
 *	bound to the wrong library.
 */
bool lu_exports_missed(void)
{
	return xchg(&lu_kretprobe_find.nmissed, 0);
}

int lu_exports_init(void)
{
	int err = register_kretprobe(&lu_kretprobe_find);

	if (err)
		pr_err("liveupdate: no hook at find_symbol: %d\n", err);
	return err;
}

void lu_exports_exit(void)
{
	unregister_kretprobe(&lu_kretprobe_find);
}
