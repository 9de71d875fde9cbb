// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Generations
 *
 * A generation is one loaded version of a driver set. Both versions are in
 * memory during an update. A module's init may run any number of times: before
 * each run its data is made pristine; in between its exit has run exactly once,
 * and while it has, the loader finds a function that does nothing in its place.
 */
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "internal.h"

/* Stands in for the exit of a module whose own exit has run, or must not. */
void lu_exit_nop(void)
{
}

bool lu_generation_inited(const struct lu_generation *gen)
{
	const struct lu_module *m;

	list_for_each_entry(m, &gen->modules, gen_node)
		if (m->inited)
			return true;
	return false;
}

static int lu_call_exit(void *data)
{
	struct lu_module *m = data;

	m->exit();
	return 0;
}

static int lu_call_init(void *data)
{
	struct lu_module *m = data;

	return m->init();
}

static void lu_module_run_exit(struct lu_module *m, bool force)
{
	struct lu_context ctx;

	if (!m->inited)
		return;
	m->mod->exit = lu_exit_nop;
	if (!force && m->exit) {
		lu_context_enter(&ctx, m->gen, NULL);
		lu_guard_call(m->gen, lu_call_exit, m);
		lu_context_leave(&ctx);
	}
	m->inited = false;
	lu_events_unregister(m);
}

/**
 * lu_generation_exit() - run the exits, from the dependents down
 * @gen: the generation
 * @force: do not run them; the caller releases what the driver holds
 *
 * Context: Process context, without locks.
 */
void lu_generation_exit(struct lu_generation *gen, bool force)
{
	struct lu_module *m;

	list_for_each_entry_reverse(m, &gen->modules, gen_node) {
		if (READ_ONCE(gen->wedged))
			break;	/* this thread was given up */
		lu_module_run_exit(m, force);
	}
}

/**
 * lu_generation_abandon() - a thread is lost in a generation's exit
 * @gen: the generation
 *
 * Its memory has to stay for as long as the thread might wake up.
 */
void lu_generation_abandon(struct lu_generation *gen)
{
	struct lu_module *m;

	WRITE_ONCE(gen->wedged, true);
	list_for_each_entry(m, &gen->modules, gen_node) {
		m->inited = false;
		m->mod->exit = lu_exit_nop;
		__module_get(m->mod);
		lu_events_unregister(m);
	}
}

/* The module of the same plain name in another generation. */
static struct lu_module *lu_counterpart(const struct lu_module *m, struct lu_generation *gen)
{
	struct lu_module *c;

	if (!gen)
		return NULL;
	list_for_each_entry(c, &gen->modules, gen_node)
		if (!strcmp(c->name, m->name))
			return c;
	return NULL;
}

static int lu_module_run_init(struct lu_module *m, struct lu_generation *model)
{
	struct lu_context ctx;
	int err = 0;

	lu_snapshot_restore(m);
	lu_params_restore(m, lu_counterpart(m, model));
	lu_events_register(m);
	if (m->init) {
		lu_context_enter(&ctx, m->gen, NULL);
		err = lu_guard_call(m->gen, lu_call_init, m);
		lu_context_leave(&ctx);
	}
	if (err < 0) {
		lu_events_unregister(m);
		return err;
	}
	m->inited = true;
	m->mod->exit = m->exit;
	return 0;
}

/**
 * lu_generation_init() - run the inits, from the library up
 * @gen: generation whose exits have run, or whose inits never have
 * @model: generation whose parameters to take over, or NULL
 *
 * Context: Process context, without locks.
 * Return: 0, or the error of the init that failed, with none in effect.
 */
int lu_generation_init(struct lu_generation *gen, struct lu_generation *model)
{
	struct lu_module *m;
	int err;

	list_for_each_entry(m, &gen->modules, gen_node) {
		err = lu_module_run_init(m, model);
		if (err) {
			lu_generation_exit(gen, false);
			return err;
		}
	}
	return 0;
}

/**
 * lu_generation_save_params() - note the parameters before exits run
 * @gen: the generation
 *
 * Return: 0 or -ENOMEM.
 */
int lu_generation_save_params(struct lu_generation *gen)
{
	struct lu_module *m;
	int err;

	list_for_each_entry(m, &gen->modules, gen_node) {
		err = lu_params_save(m);
		if (err)
			return err;
	}
	return 0;
}

/**
 * lu_generation_get() - keep a generation's modules from being unloaded
 * @gen: the generation, or NULL
 *
 * Return: true, or false if one of them is on its way out.
 */
bool lu_generation_get(struct lu_generation *gen)
{
	struct lu_module *m;

	if (!gen)
		return true;
	list_for_each_entry(m, &gen->modules, gen_node)
		if (m->phase != LU_MOD_LIVE || !try_module_get(m->mod))
			goto undo;
	return true;
undo:
	list_for_each_entry_continue_reverse(m, &gen->modules, gen_node)
		module_put(m->mod);
	return false;
}

void lu_generation_put(struct lu_generation *gen)
{
	struct lu_module *m;

	if (!gen)
		return;
	list_for_each_entry(m, &gen->modules, gen_node)
		module_put(m->mod);
}

/**
 * lu_generation_move_refs() - users' references follow the objects
 * @from: outgoing generation
 * @to: incoming generation
 *
 * Who opened a device under @from holds a reference on its module and will
 * drop it on the module that owns the operations then, which is @to's.
 * References of modules that link against @from stay: they are no users.
 *
 * Context: Both generations are held by lu_generation_get().
 */
void lu_generation_move_refs(struct lu_generation *from, struct lu_generation *to)
{
	struct lu_module *m, *c;
	int refs;

	list_for_each_entry(m, &from->modules, gen_node) {
		c = lu_counterpart(m, to);
		if (!c)
			continue;
		refs = module_refcount(m->mod) - 1;	/* ours */
		if (from->wedged)
			refs--;				/* ours for ever */
		refs -= lu_links_count(m);
		for (; refs > 0; refs--) {
			__module_get(c->mod);
			module_put(m->mod);
		}
	}
}

/**
 * lu_generation_show_exports() - may modules be bound to a generation?
 * @gen: the generation
 * @show: they may, for it runs
 */
void lu_generation_show_exports(struct lu_generation *gen, bool show)
{
	struct lu_module *m;

	list_for_each_entry(m, &gen->modules, gen_node) {
		if (show)
			lu_exports_show(m);
		else
			lu_exports_hide(m, m->mod);
	}
}

/*
 * What a module links against shows it among its holders. The list is the
 * module's own, and complete since it was loaded.
 */
static void lu_module_rename_links(struct lu_module *m, const char *name)
{
	struct module_use *use;

	list_for_each_entry(use, &m->mod->target_list, target_list)
		if (use->target->holders_dir &&
		    sysfs_rename_link(use->target->holders_dir, &m->mod->mkobj.kobj,
				      m->mod->name, name))
			pr_debug("liveupdate: %s has no holder %s\n", use->target->name,
				 m->mod->name);
}

static int lu_module_rename(struct lu_module *m, const char *name)
{
	int err = kobject_rename(&m->mod->mkobj.kobj, name);

	if (err)
		return err;
	lu_module_rename_links(m, name);
	/*
	 * Readers compare names without a lock of ours; whoever looks in this
	 * moment finds neither name, never a wrong module.
	 */
	strscpy(m->mod->name, name, sizeof(m->mod->name));
	strscpy(m->load_name, name, sizeof(m->load_name));
	return 0;
}

/**
 * lu_generation_swap_names() - give the plain names to a generation
 * @plain: generation that gets the plain names
 * @other: generation that had them
 *
 * Names in sysfs and in the list of modules; both generations are loaded.
 */
void lu_generation_swap_names(struct lu_generation *plain, struct lu_generation *other)
{
	char suffixed[MODULE_NAME_LEN], swap[MODULE_NAME_LEN];
	struct lu_module *m, *c;

	list_for_each_entry(m, &plain->modules, gen_node) {
		c = lu_counterpart(m, other);
		if (!c || !strcmp(m->load_name, m->name))
			continue;
		strscpy(suffixed, m->load_name, sizeof(suffixed));
		snprintf(swap, sizeof(swap), "%.*s__swap", (int)MODULE_NAME_LEN - 8, m->name);
		if (lu_module_rename(m, swap))
			continue;
		if (lu_module_rename(c, suffixed)) {
			lu_module_rename(m, suffixed);
			continue;
		}
		lu_module_rename(m, m->name);
	}
}

static const char * const lu_rmmod_paths[] = {
	"/sbin/rmmod", "/usr/sbin/rmmod", "/bin/rmmod", "/usr/bin/rmmod",
};

static int lu_module_unload(const char *name)
{
	static char * const envp[] = {
		"HOME=/", "PATH=/sbin:/bin:/usr/sbin:/usr/bin", NULL
	};
	int err = -ENOENT;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lu_rmmod_paths) && err == -ENOENT; i++) {
		char *argv[] = { (char *)lu_rmmod_paths[i], (char *)name, NULL };

		err = call_usermodehelper(argv[0], argv, (char **)envp, UMH_WAIT_PROC);
	}
	if (err > 0)
		err = -EBUSY;
	return err;
}

/**
 * lu_generation_unload() - unload modules whose exit has run
 * @gen: staged or kept generation; freed when its last module goes
 *
 * The module loader offers unloading to user space only, so rmmod is run, as
 * the kernel runs modprobe to load one.
 *
 * Context: Process context, without locks.
 * Return: 0, or an error with the module that is left named in the log.
 */
int lu_generation_unload(struct lu_generation *gen)
{
	char names[8][MODULE_NAME_LEN];
	unsigned int n = 0, i;
	struct lu_module *m;
	int err, ret = 0;

	list_for_each_entry_reverse(m, &gen->modules, gen_node)
		if (n < ARRAY_SIZE(names))
			strscpy(names[n++], m->load_name, MODULE_NAME_LEN);
	for (i = 0; i < n; i++) {
		err = lu_module_unload(names[i]);
		if (err) {
			pr_err("liveupdate: %s: not unloaded (%d); run rmmod %s\n",
			       names[i], err, names[i]);
			ret = err;
		}
	}
	return ret;
}
