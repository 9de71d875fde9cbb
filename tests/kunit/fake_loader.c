// SPDX-License-Identifier: GPL-2.0
/*
 * A fake of the kernel's module loader: takes a version of the fake driver
 * through the same steps, and past the same hooks, as insmod and rmmod would.
 */
#include <linux/elf.h>
#include <linux/slab.h>

#include "lu_kunit.h"

enum {
	SEC_NULL,
	SEC_TEXT,
	SEC_INIT_TEXT,
	SEC_DATA,
	SEC_PERCPU,
	SEC_NOTE,
	SEC_STRTAB,
	SEC_COUNT,
};

/* What of a module's file the hooks look at. */
struct kt_elf {
	Elf64_Ehdr hdr;
	Elf64_Shdr sections[SEC_COUNT];
	char names[128];
};

struct kt_loaded {
	struct module *mod;
	struct kt_elf elf;
	const void *import;
};

static struct kt_loaded kt_loaded[KT_VERSIONS];

/* The kernel's own function behind a tap, and the tap. */

int kt_tap_original(int x)
{
	return x + 1;
}

int kt_tap_function(int x)
{
	return x + 1000;
}

struct lu_tap kt_taps[] = {
	{ .name = "kt_tap_original", .func = kt_tap_function, .kind = LU_TAP_OBJECT },
	{ .name = "kt_tap_second", .func = kt_tap_function, .kind = LU_TAP_CONFIG },
};

const size_t kt_nr_taps = ARRAY_SIZE(kt_taps);

static struct lu_kernel_symbol kt_original_symbol;

static const void *kt_find_symbol(void)
{
	struct lu_kernel_symbol *s = &kt_original_symbol;

	s->value_offset = (long)kt_tap_original - (long)&s->value_offset;
	s->name_offset = (long)kt_taps[0].name - (long)&s->name_offset;
	return s;
}

/* A module's directory in /sys/module. */

static void kt_mkobj_release(struct kobject *kobj)
{
}

static const struct kobj_type kt_mkobj_ktype = {
	.release = kt_mkobj_release,
};

static int kt_sysfs_add(struct module *mod)
{
	mod->mkobj.mod = mod;
	mod->mkobj.kobj.kset = THIS_MODULE->mkobj.kobj.kset;
	return kobject_init_and_add(&mod->mkobj.kobj, &kt_mkobj_ktype, NULL, "%s", mod->name);
}

static void kt_section(struct kt_elf *elf, unsigned int nr, const char *name,
		       unsigned long flags, const void *addr, size_t size)
{
	size_t at = nr == 1 ? 1 : elf->sections[nr - 1].sh_name +
		    strlen(elf->names + elf->sections[nr - 1].sh_name) + 1;

	strscpy(elf->names + at, name, sizeof(elf->names) - at);
	elf->sections[nr].sh_name = at;
	elf->sections[nr].sh_flags = flags;
	elf->sections[nr].sh_addr = (unsigned long)addr;
	elf->sections[nr].sh_size = size;
}

static void kt_elf_make(struct kt_elf *elf, const struct kt_version *v)
{
	memset(elf, 0, sizeof(*elf));
	elf->hdr.e_shnum = SEC_COUNT;
	elf->hdr.e_shstrndx = SEC_STRTAB;
	kt_section(elf, SEC_TEXT, ".text", SHF_ALLOC, v->init, 1);
	kt_section(elf, SEC_INIT_TEXT, ".init.text", SHF_ALLOC, v->init, 1);
	kt_section(elf, SEC_DATA, ".data", SHF_ALLOC | SHF_WRITE, v->data, sizeof(*v->data));
	kt_section(elf, SEC_PERCPU, ".data..percpu", SHF_ALLOC | SHF_WRITE, v->data, 8);
	kt_section(elf, SEC_NOTE, ".note.gnu.build-id", SHF_ALLOC, v->build_id,
		   sizeof(Elf64_Nhdr) + 4 + LU_BUILD_ID_MAX);
	kt_section(elf, SEC_STRTAB, ".shstrtab", 0, NULL, sizeof(elf->names));
	elf->sections[SEC_STRTAB].sh_offset = offsetof(struct kt_elf, names);
}

/* Memory of a module: from the first of its functions to the last, and its data. */
static void kt_place(struct module *mod, const struct kt_version *v)
{
	const unsigned long functions[] = {
		(unsigned long)v->init, (unsigned long)v->exit,
		(unsigned long)v->probe, (unsigned long)v->remove,
		(unsigned long)v->timer, (unsigned long)v->work,
		(unsigned long)v->irq, (unsigned long)v->thread,
	};
	unsigned long low = functions[0], high = functions[0];
	unsigned int i;

	for (i = 1; i < ARRAY_SIZE(functions); i++) {
		low = min(low, functions[i]);
		high = max(high, functions[i]);
	}
	kt_module_set_text(mod, (void *)low, high - low + 1);
	kt_module_set_data(mod, v->data, sizeof(*v->data));
}

static struct module *kt_module_new(unsigned int nr, const char *args)
{
	const struct kt_version *v = kt_version_get(nr);
	struct module *mod = kzalloc(sizeof(*mod), GFP_KERNEL);

	if (!mod)
		return NULL;
	mod->args = kstrdup(args, GFP_KERNEL);
	if (!mod->args) {
		kfree(mod);
		return NULL;
	}
	mod->state = MODULE_STATE_UNFORMED;
	strscpy(mod->name, KT_NAME, sizeof(mod->name));
	mod->version = v->version;
	mod->init = v->init;
	mod->exit = kt.behaviour[nr].no_exit ? NULL : v->exit;
	mod->kp = v->params;
	mod->num_kp = v->nr_params;
	mutex_init(&mod->param_lock);
	INIT_LIST_HEAD(&mod->source_list);
	INIT_LIST_HEAD(&mod->target_list);
	/* One that keeps it loaded, one of the loader's. */
	atomic_set(&mod->refcnt, 2);
	kt_place(mod, v);
	return mod;
}

static void kt_module_delete(struct kt_loaded *l)
{
	kfree(l->mod->args);
	kfree(l->mod);
	l->mod = NULL;
	l->import = NULL;
}

static int kt_parse_args(struct module *mod)
{
	const char *value;
	unsigned int i;
	int err = 0;

	for (i = 0; i < mod->num_kp && !err; i++) {
		size_t len = strlen(mod->kp[i].name);

		if (strncmp(mod->args, mod->kp[i].name, len) || mod->args[len] != '=')
			continue;
		value = mod->args + len + 1;
		err = mod->kp[i].ops->set(value, &mod->kp[i]);
	}
	return err;
}

/* What is loaded has pristine data, whatever an earlier test did with it. */
static void kt_data_load(const struct kt_version *v)
{
	memset(&v->data->drv.driver, 0, sizeof(v->data->drv.driver));
	v->data->drv.driver.name = KT_NAME;
	v->data->drv.probe = v->probe;
	v->data->drv.remove = v->remove;
	v->data->drv.tapped = false;
	memset(&v->data->strange, 0, sizeof(v->data->strange));
	v->data->debug = 7;
	v->data->starts = 0;
}

static void kt_layout(struct kt_loaded *l)
{
	struct module *mod = l->mod;

	kt_hook_modstruct(mod);
	kt_hook_frob(&l->elf.hdr, l->elf.sections, l->elf.names, mod);
	l->import = kt_hook_resolve(mod, "kt_tap_original", kt_find_symbol());
	kt_hook_finalize(&l->elf.hdr, l->elf.sections, mod);
}

/**
 * kt_load() - as insmod of a version of the fake driver
 * @nr: the version
 * @args: its parameters
 *
 * Return: 0, or the error that insmod would see.
 */
int kt_load(unsigned int nr, const char *args)
{
	const struct kt_version *v = kt_version_get(nr);
	struct kt_loaded *l = &kt_loaded[nr];
	struct module *mod;
	int err;

	if (l->mod)
		return -EEXIST;
	mod = kt_module_new(nr, args);
	if (!mod)
		return -ENOMEM;
	l->mod = mod;
	kt_elf_make(&l->elf, v);
	kt_data_load(v);
	kt_layout(l);

	mod->state = MODULE_STATE_COMING;
	err = kt_hook_notify(mod, MODULE_STATE_COMING);
	if (err)
		goto err_delete;
	err = kt_parse_args(mod) ?: kt_sysfs_add(mod) ?: mod->init();
	if (err < 0) {
		mod->state = MODULE_STATE_GOING;
		kt_hook_notify(mod, MODULE_STATE_GOING);
		goto err_sysfs;
	}
	mod->state = MODULE_STATE_LIVE;
	kt_hook_notify(mod, MODULE_STATE_LIVE);
	module_put(mod);
	return 0;

err_sysfs:
	if (mod->mkobj.kobj.state_initialized) {
		kobject_del(&mod->mkobj.kobj);
		kobject_put(&mod->mkobj.kobj);
	}
err_delete:
	kt_module_delete(l);
	return err;
}

/**
 * kt_load_break_off() - a load that fails where the loader tells nobody
 * @nr: the version
 */
void kt_load_break_off(unsigned int nr)
{
	struct kt_loaded *l = &kt_loaded[nr];

	l->mod = kt_module_new(nr, "");
	if (!l->mod)
		return;
	kt_elf_make(&l->elf, kt_version_get(nr));
	kt_layout(l);
	kt_module_delete(l);
}

/**
 * kt_unload() - as rmmod
 * @nr: the version
 *
 * Return: 0, or the error that rmmod would see.
 */
int kt_unload(unsigned int nr)
{
	struct kt_loaded *l = &kt_loaded[nr];
	struct module *mod = l->mod;

	if (!mod)
		return -ENOENT;
	if (atomic_cmpxchg(&mod->refcnt, 1, 0) != 1)
		return -EWOULDBLOCK;
	mod->state = MODULE_STATE_GOING;
	if (mod->exit)
		mod->exit();
	kt_hook_notify(mod, MODULE_STATE_GOING);
	kobject_del(&mod->mkobj.kobj);
	kobject_put(&mod->mkobj.kobj);
	kt_module_delete(l);
	return 0;
}

/* Stands in for call_usermodehelper() in the core: rmmod NAME. */
int kt_usermodehelper(const char *path, char **argv, char **envp, int wait)
{
	unsigned int i;
	int err = -ENOENT;

	if (strcmp(path, "/usr/sbin/rmmod"))
		return -ENOENT;
	kt.rmmods++;
	for (i = 0; i < KT_VERSIONS; i++)
		if (kt_loaded[i].mod && !strcmp(kt_loaded[i].mod->name, argv[1])) {
			err = kt_unload(i);
			break;
		}
	/* rmmod's exit status, as wait() has it */
	return err ? 1 << 8 : 0;
}

/* Is a section of this name left in the loader's copy of the file? */
bool kt_has_section(unsigned int nr, const char *name)
{
	const struct kt_elf *elf = &kt_loaded[nr].elf;
	unsigned int i;

	for (i = 1; i < SEC_COUNT; i++)
		if (!strcmp(elf->names + elf->sections[i].sh_name, name))
			return true;
	return false;
}

struct module *kt_module(unsigned int nr)
{
	return kt_loaded[nr].mod;
}

/* What the loader bound the driver's one import to. */
const void *kt_import(unsigned int nr)
{
	return kt_loaded[nr].import;
}

struct lu_generation *kt_generation(unsigned int nr)
{
	struct lu_module *m = kt_loaded[nr].mod ? lu_module_of(kt_loaded[nr].mod) : NULL;

	return m ? m->gen : NULL;
}
