// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Hooks in the module loader
 *
 * Five places in the kernel's module loader make a stock driver updatable:
 *
 * - check_modstruct_version() runs before the check for duplicates: a second
 *   module of a managed name gets a suffix and is loaded beside the first.
 * - module_frob_arch_sections() runs before the layout is decided: sections
 *   that the loader would free or protect after init are renamed, so that init
 *   can run again.
 * - resolve_symbol() returns the address of an import: those in the table of
 *   taps are bound to us. Versions have been checked by then. Where it finds a
 *   symbol that two generations export, see exports.c.
 * - module_finalize() knows where each section ended up.
 * - the MODULE_STATE_COMING notifier puts our stub in the place of init.
 *
 * The first four are kprobes and must not sleep; all that may fail for a
 * reason worth telling is done in the notifier, which can refuse the load.
 */
#include <linux/elf.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "internal.h"

/* Parallel loads that may be inside resolve_symbol() at one time. */
#define LU_RESOLVE_INSTANCES	256
#define LU_LOAD_INSTANCES	64

static struct kretprobe lu_kretprobe_resolve;
static unsigned int lu_module_seq;		/* under lu_lock */
static atomic_t lu_unbound = ATOMIC_INIT(0);	/* imports that were missed */

static struct lu_module *__lu_loading(const char *load_name)
{
	struct lu_module *m;

	lockdep_assert_held(&lu_lock);
	list_for_each_entry(m, &lu_modules, node)
		if (m->loader == current && m->phase == LU_MOD_LOADING &&
		    !strcmp(m->load_name, load_name))
			return m;
	return NULL;
}

static struct lu_module *lu_loading(const char *load_name)
{
	struct lu_module *m;
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	m = __lu_loading(load_name);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return m;
}

/* A free name of the form plain__N, without the dots that libkmod cuts off. */
static bool __lu_suffixed_name(struct lu_set *set, const char *plain, char *dst)
{
	struct lu_module *m;
	bool taken;

	lockdep_assert_held(&lu_lock);
	do {
		if (snprintf(dst, MODULE_NAME_LEN, "%s__%u", plain,
			     set->next_suffix++) >= MODULE_NAME_LEN)
			return false;
		taken = false;
		list_for_each_entry(m, &lu_modules, node)
			taken |= !strcmp(m->load_name, dst);
	} while (taken);
	return true;
}

/* check_modstruct_version(info, mod): may rename @mod. */
static int lu_pre_modstruct(struct kprobe *kp, struct pt_regs *regs)
{
	struct module *mod = (void *)regs_get_kernel_argument(regs, 1);
	struct lu_module *m, *other, *next, *live = NULL;
	unsigned long flags;

	if (!lu_is_managed(mod->name))
		return 0;
	m = kzalloc(sizeof(*m), GFP_ATOMIC);
	if (!m)
		return 0;	/* loads without taps; the notifier says so */
	strscpy(m->name, mod->name, sizeof(m->name));
	strscpy(m->load_name, mod->name, sizeof(m->load_name));
	INIT_LIST_HEAD(&m->imports);
	INIT_LIST_HEAD(&m->gen_node);
	m->loader = current;
	m->since = jiffies;

	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry_safe(other, next, &lu_modules, node) {
		if (other->phase == LU_MOD_LIVE && !strcmp(other->name, m->name) &&
		    other->gen && other->gen->role == LU_ROLE_RUNNING)
			live = other;
		/* This task's last load failed, or it would not be here. */
		if (other->phase == LU_MOD_LOADING && other->loader == current)
			other->since = jiffies - ULONG_MAX / 4;
	}
	if (live && __lu_suffixed_name(live->gen->set, m->name, m->load_name))
		strscpy(mod->name, m->load_name, sizeof(mod->name));
	m->seq = ++lu_module_seq;
	list_add(&m->node, &lu_modules);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return 0;
}

/* Sections that the loader would free after init or make read-only then. */
static bool lu_section_is_transient(const char *name)
{
	return strstarts(name, ".init") || !strcmp(name, ".data..ro_after_init");
}

/* module_frob_arch_sections(hdr, sechdrs, secstrings, mod) */
static int lu_pre_frob(struct kprobe *kp, struct pt_regs *regs)
{
	const Elf_Ehdr *hdr = (void *)regs_get_kernel_argument(regs, 0);
	Elf_Shdr *sechdrs = (void *)regs_get_kernel_argument(regs, 1);
	char *secstrings = (void *)regs_get_kernel_argument(regs, 2);
	struct module *mod = (void *)regs_get_kernel_argument(regs, 3);
	unsigned int i;

	if (!lu_loading(mod->name))
		return 0;
	for (i = 1; i < hdr->e_shnum; i++)
		if (lu_section_is_transient(secstrings + sechdrs[i].sh_name))
			secstrings[sechdrs[i].sh_name] = '_';
	return 0;
}

struct lu_resolve {
	struct module *mod;
	struct lu_module *m;
	const char *name;
};

static int lu_resolve_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct module *mod = (void *)regs_get_kernel_argument(regs, 0);
	struct lu_resolve *r = (void *)ri->data;

	r->mod = mod;
	r->m = lu_loading(mod->name);
	r->name = (const char *)regs_get_kernel_argument(regs, 2);
	return 0;
}

/* The tap's module has to stay for as long as the driver does. */
static bool lu_module_pin(struct lu_module *m, struct module *owner)
{
	unsigned int i;

	for (i = 0; i < m->nr_pins; i++)
		if (m->pins[i] == owner)
			return true;
	if (m->nr_pins == LU_MAX_PINS || !try_module_get(owner))
		return false;
	m->pins[m->nr_pins++] = owner;
	return true;
}

static unsigned long lu_ksym_value(const struct lu_kernel_symbol *ksym)
{
	return (unsigned long)&ksym->value_offset + ksym->value_offset;
}

/* resolve_symbol(mod, info, name, ownername) returned a kernel symbol. */
static int lu_resolve_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct lu_kernel_symbol *ksym = (void *)regs_return_value(regs);
	struct lu_resolve *r = (void *)ri->data;
	struct lu_module *lib;
	struct lu_import *imp;
	struct lu_tap *tap;

	if (IS_ERR_OR_NULL(ksym))
		return 0;
	lib = lu_module_of_address(lu_ksym_value(ksym));
	if (lib && lu_link_add(r->mod, lib)) {
		regs_set_return_value(regs, (unsigned long)ERR_PTR(-ENOMEM));
		return 0;
	}
	if (!r->m)
		return 0;
	tap = lu_tap_find(r->name);
	if (tap && !lu_module_pin(r->m, tap->owner)) {
		atomic_inc(&lu_unbound);
		tap = NULL;
	}
	if (tap) {
		WRITE_ONCE(tap->orig, (void *)lu_ksym_value(ksym));
		regs_set_return_value(regs, (unsigned long)&tap->ksym);
	}
	imp = kmalloc(struct_size(imp, name, strlen(r->name) + 1), GFP_ATOMIC);
	if (imp) {
		imp->tap = tap;
		strcpy(imp->name, r->name);
		list_add_tail(&imp->node, &r->m->imports);
	}
	return 0;
}

/* Writable sections whose content is the driver's own. */
static bool lu_section_is_data(const Elf_Shdr *s, const char *name)
{
	if (!(s->sh_flags & SHF_ALLOC) || !(s->sh_flags & SHF_WRITE) || !s->sh_size)
		return false;
	if (strstarts(name, ".data..percpu"))
		return false;
	return strstarts(name, ".data") || strstarts(name, ".bss") ||
	       strstarts(name, "_data") || strstarts(name, "_init.data") ||
	       strstarts(name, ".exit.data");
}

static void lu_note_build_id(struct lu_module *m, const void *note, size_t len)
{
	const Elf64_Nhdr *n = note;
	size_t desc = sizeof(*n) + ALIGN(n->n_namesz, 4);

	if (len < sizeof(*n) || n->n_type != 3 /* NT_GNU_BUILD_ID */ ||
	    desc + n->n_descsz > len)
		return;
	m->build_id_len = min_t(unsigned int, n->n_descsz, LU_BUILD_ID_MAX);
	memcpy(m->build_id, note + desc, m->build_id_len);
}

/* module_finalize(hdr, sechdrs, mod): sections have their final addresses. */
static int lu_pre_finalize(struct kprobe *kp, struct pt_regs *regs)
{
	const Elf_Ehdr *hdr = (void *)regs_get_kernel_argument(regs, 0);
	const Elf_Shdr *s = (void *)regs_get_kernel_argument(regs, 1);
	struct module *mod = (void *)regs_get_kernel_argument(regs, 2);
	const char *names = (void *)hdr + s[hdr->e_shstrndx].sh_offset;
	struct lu_module *m = lu_loading(mod->name);
	unsigned int i, n = 0;

	if (!m)
		return 0;
	m->mod = mod;
	lu_events_hold(m, mod);
	/* Before the loader looks whether somebody else exports the same. */
	if (strcmp(m->name, m->load_name))
		lu_exports_hide(m, mod);
	for (i = 1; i < hdr->e_shnum; i++)
		n += lu_section_is_data(&s[i], names + s[i].sh_name);
	m->sections = kcalloc(n, sizeof(*m->sections), GFP_ATOMIC);
	if (!m->sections && n) {
		m->mod = NULL;	/* the notifier refuses it */
		return 0;
	}
	for (i = 1; i < hdr->e_shnum; i++) {
		const char *name = names + s[i].sh_name;

		if (!strcmp(name, ".note.gnu.build-id"))
			lu_note_build_id(m, (void *)s[i].sh_addr, s[i].sh_size);
		if (!lu_section_is_data(&s[i], name))
			continue;
		m->sections[m->nr_sections].addr = (void *)s[i].sh_addr;
		m->sections[m->nr_sections++].len = s[i].sh_size;
	}
	return 0;
}

/*
 * The stub that runs as a managed module's init, in the task that loads it:
 * the first generation starts, a further one waits for its turn.
 */
static int lu_init_stub(void)
{
	struct lu_module *m, *found = NULL;
	struct lu_generation *gen;
	struct lu_context ctx;
	struct lu_set *set;
	unsigned long flags;
	int err;

	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry(m, &lu_modules, node)
		if (m->phase == LU_MOD_COMING && m->loader == current)
			found = m;
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	if (WARN_ON(!found))
		return -ENOENT;
	m = found;
	gen = m->gen;
	set = gen->set;
	m->mod->init = m->init;

	err = lu_snapshot_take(m) ?: lu_params_save(m);
	if (err)
		return err;
	if (gen->role == LU_ROLE_STAGED) {
		/* Until its init has run there is nothing for exit to undo. */
		m->mod->exit = lu_exit_nop;
		lu_timeline(set, "staged %s", m->load_name);
	} else {
		lu_events_register(m);
		lu_context_enter(&ctx, gen, NULL);
		err = m->init ? m->init() : 0;
		lu_context_leave(&ctx);
		if (err < 0)
			return err;
		m->inited = true;
	}
	mutex_lock(&set->lock);
	m->phase = LU_MOD_LIVE;
	if (gen->role == LU_ROLE_RUNNING && set->state == LU_EMPTY)
		lu_set_change_state(set, LU_RUNNING);
	/* This one, or one that waited when the former running one went. */
	if (set->state == LU_RUNNING && set->gens[LU_ROLE_STAGED])
		lu_set_change_state(set, LU_STAGED);
	lu_generation_set_role(gen, gen->role);
	mutex_unlock(&set->lock);
	return 0;
}

/* Which role does a newcomer play? Caller holds the set's lock. */
static struct lu_generation *lu_generation_for(struct lu_set *set, struct lu_module *m)
{
	bool staged = strcmp(m->name, m->load_name);
	enum lu_role role = staged ? LU_ROLE_STAGED : LU_ROLE_RUNNING;

	lockdep_assert_held(&set->lock);
	if (set->gens[role]) {
		pr_err("liveupdate: %s: a generation is staged already; update or discard it first\n",
		       set->name);
		return ERR_PTR(-EBUSY);
	}
	return lu_generation_add(set, role) ?: ERR_PTR(-ENOMEM);
}

static int lu_module_coming(struct lu_module *m)
{
	struct lu_generation *gen;
	struct lu_set *set;
	unsigned long flags;
	int err = 0;

	if (!lu_module_pin(m, THIS_MODULE))
		return -EBUSY;
	if (m->mod->init && !m->mod->exit) {
		/* It runs as always; its record keeps the taps in place. */
		pr_notice("liveupdate: %s has no exit function, it cannot be updated\n",
			  m->name);
		m->phase = LU_MOD_LIVE;
		return 0;
	}
	m->args = kstrdup(m->mod->args, GFP_KERNEL);
	if (!m->args)
		return -ENOMEM;
again:
	set = lu_set_get_or_create(m->name);
	if (!set)
		return -ENOMEM;
	mutex_lock(&set->lock);
	if (set->dying) {
		mutex_unlock(&set->lock);
		lu_set_put(set);
		goto again;
	}
	gen = set->busy ? ERR_PTR(-EBUSY) : lu_generation_for(set, m);
	if (IS_ERR(gen)) {
		err = PTR_ERR(gen);
		/* a set made for nothing */
		if (!set->gens[LU_ROLE_RUNNING] && !set->gens[LU_ROLE_STAGED] &&
		    !set->gens[LU_ROLE_KEPT])
			lu_set_retire(set);
		goto out_unlock;
	}
	raw_spin_lock_irqsave(&lu_lock, flags);
	m->gen = gen;
	m->phase = LU_MOD_COMING;
	list_add_tail(&m->gen_node, &gen->modules);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	m->init = m->mod->init;
	m->exit = m->mod->exit;
	m->mod->init = lu_init_stub;
out_unlock:
	mutex_unlock(&set->lock);
	lu_set_put(set);
	return err;
}

static void lu_module_going(struct lu_module *m)
{
	struct lu_generation *gen = m->gen;
	struct lu_set *set;
	unsigned long flags;
	unsigned int role;
	bool empty = true;

	if (!gen) {
		raw_spin_lock_irqsave(&lu_lock, flags);
		list_del(&m->node);
		raw_spin_unlock_irqrestore(&lu_lock, flags);
		lu_module_free(m);
		return;
	}
	lu_links_drop_lib(m);
	/* The last one gone, the set goes too, but not before it is unlocked. */
	set = lu_set_get(gen->set);
	mutex_lock(&set->lock);
	raw_spin_lock_irqsave(&lu_lock, flags);
	list_del(&m->node);
	list_del(&m->gen_node);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	if (list_empty(&gen->modules)) {
		if (gen->role == LU_ROLE_RUNNING && set->state != LU_EMPTY)
			lu_set_change_state(set, LU_EMPTY);
		if (gen->role == LU_ROLE_STAGED && set->state == LU_STAGED)
			lu_set_change_state(set, LU_RUNNING);
		lu_generation_remove(gen);
	}
	for (role = LU_ROLE_RUNNING; role < LU_ROLE_COUNT; role++)
		empty &= !set->gens[role];
	if (empty)
		lu_set_retire(set);
	mutex_unlock(&set->lock);
	lu_set_put(set);
	lu_module_free(m);
}

static void lu_module_refused(struct lu_module *m, struct module *mod)
{
	unsigned long flags;

	/* A refused load is not announced as going. */
	lu_links_drop(mod);
	if (!m)
		return;
	raw_spin_lock_irqsave(&lu_lock, flags);
	list_del(&m->node);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	lu_module_free(m);
}

static int lu_module_announced(struct module *mod)
{
	struct lu_module *m = lu_loading(mod->name);
	int err;

	err = lu_links_settle(mod, m && strcmp(m->name, m->load_name));
	if (err) {
		pr_err("liveupdate: %s: links against a driver that is being replaced, load refused; try again\n",
		       mod->name);
		lu_module_refused(m, mod);
		return err;
	}
	if (!m && !lu_is_managed(mod->name))
		return 0;
	if (!m || m->mod != mod || atomic_xchg(&lu_unbound, 0) || lu_exports_missed() ||
	    xchg(&lu_kretprobe_resolve.nmissed, 0)) {
		pr_err("liveupdate: %s: taps could not be bound, load refused; try again\n",
		       mod->name);
		lu_links_drop(mod);
		return -EAGAIN;
	}
	err = lu_module_coming(m);
	if (err)
		lu_module_refused(m, mod);
	return err;
}

static int lu_module_notify(struct notifier_block *nb, unsigned long state, void *data)
{
	struct module *mod = data;
	struct lu_module *m;

	switch (state) {
	case MODULE_STATE_COMING:
		return notifier_from_errno(lu_module_announced(mod));
	case MODULE_STATE_GOING:
		m = lu_module_of(mod);
		if (m)
			lu_module_going(m);
		lu_links_drop(mod);
		return NOTIFY_OK;
	default:
		return NOTIFY_DONE;
	}
}

static struct notifier_block lu_module_nb = {
	.notifier_call = lu_module_notify,
};

static struct kprobe lu_kprobes[] = {
	{ .symbol_name = "check_modstruct_version",   .pre_handler = lu_pre_modstruct },
	{ .symbol_name = "module_frob_arch_sections", .pre_handler = lu_pre_frob },
	{ .symbol_name = "module_finalize",	      .pre_handler = lu_pre_finalize },
};

static struct kretprobe lu_kretprobe_resolve = {
	.kp.symbol_name = "resolve_symbol",
	.entry_handler = lu_resolve_entry,
	.handler = lu_resolve_return,
	.data_size = sizeof(struct lu_resolve),
	.maxactive = LU_RESOLVE_INSTANCES,
};

static void lu_reap(struct work_struct *work)
{
	lu_module_reap_stale(false);
}

static DECLARE_WORK(lu_reap_work, lu_reap);

/*
 * load_module() returned. A record that is still loading is of a load that
 * failed before the notifier was called: what it holds must not keep modules.
 */
static int lu_load_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct lu_module *m;
	unsigned long flags;
	bool any = false;

	lu_links_drop_failed();
	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry(m, &lu_modules, node)
		if (m->loader == current && m->phase == LU_MOD_LOADING) {
			while (m->nr_pins)
				module_put(m->pins[--m->nr_pins]);
			m->mod = NULL;
			m->phase = LU_MOD_FAILED;
			any = true;
		}
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	if (any)
		schedule_work(&lu_reap_work);
	return 0;
}

/* Without it, records of failed loads go when their time is up. */
static struct kretprobe lu_kretprobe_load = {
	.kp.symbol_name = "load_module",
	.handler = lu_load_return,
	.maxactive = LU_LOAD_INSTANCES,
};

static bool lu_load_hooked;

/**
 * lu_loader_init() - put the hooks into the module loader
 *
 * Return: 0, or the error of the hook that this kernel does not allow.
 */
int lu_loader_init(void)
{
	unsigned int i;
	int err;

	err = register_kretprobe(&lu_kretprobe_resolve);
	if (err) {
		pr_err("liveupdate: no hook at resolve_symbol: %d\n", err);
		return err;
	}
	for (i = 0; i < ARRAY_SIZE(lu_kprobes); i++) {
		err = register_kprobe(&lu_kprobes[i]);
		if (err) {
			pr_err("liveupdate: no hook at %s: %d\n",
			       lu_kprobes[i].symbol_name, err);
			goto err_kprobes;
		}
	}
	err = lu_exports_init();
	if (err)
		goto err_kprobes;
	err = register_module_notifier(&lu_module_nb);
	if (!err) {
		lu_load_hooked = !register_kretprobe(&lu_kretprobe_load);
		return 0;
	}
	lu_exports_exit();
err_kprobes:
	while (i--)
		unregister_kprobe(&lu_kprobes[i]);
	unregister_kretprobe(&lu_kretprobe_resolve);
	return err;
}

void lu_loader_exit(void)
{
	unsigned int i;

	unregister_module_notifier(&lu_module_nb);
	for (i = 0; i < ARRAY_SIZE(lu_kprobes); i++)
		unregister_kprobe(&lu_kprobes[i]);
	unregister_kretprobe(&lu_kretprobe_resolve);
	lu_exports_exit();
	if (lu_load_hooked)
		unregister_kretprobe(&lu_kretprobe_load);
	cancel_work_sync(&lu_reap_work);
	lu_module_reap_stale(true);
	lu_links_exit();
}
