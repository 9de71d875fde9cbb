// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Binder
 *
 * Which modules are managed, and which of their imports are bound to taps.
 * The binding itself is done by the kernel's own module loader, see loader.c:
 * no driver is rebuilt or edited, and its signature stays valid.
 */
#include <linux/ctype.h>
#include <linux/glob.h>
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/stringhash.h>

#include "internal.h"

struct lu_pattern {
	struct list_head node;
	char text[MODULE_NAME_LEN];
};

static LIST_HEAD(lu_patterns);			/* under lu_lock */
static DEFINE_HASHTABLE(lu_tap_table, 7);	/* under lu_lock */

static u32 lu_tap_hash(const char *name)
{
	return full_name_hash(NULL, name, strlen(name));
}

static struct lu_tap *__lu_tap_find(const char *name)
{
	struct lu_tap *tap;

	lockdep_assert_held(&lu_lock);
	hash_for_each_possible(lu_tap_table, tap, node, lu_tap_hash(name))
		if (!strcmp(tap->name, name))
			return tap;
	return NULL;
}

struct lu_tap *lu_tap_find(const char *name)
{
	struct lu_tap *tap;
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	tap = __lu_tap_find(name);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return tap;
}

/* Place-relative, as the loader reads it: both lie in module space. */
static void lu_tap_make_symbol(struct lu_tap *tap)
{
	tap->ksym.value_offset = (long)tap->func - (long)&tap->ksym.value_offset;
	tap->ksym.name_offset = (long)tap->name - (long)&tap->ksym.name_offset;
	tap->ksym.namespace_offset = 0;
}

/**
 * lu_taps_add() - add taps to the table
 * @taps: the taps; have to stay until lu_taps_del()
 * @nr: their number
 * @owner: module that holds their functions
 *
 * Drivers that are loaded from now on are bound to them.
 *
 * Context: Process context.
 * Return: 0, or -EEXIST with nothing added if a function is tapped already.
 */
int lu_taps_add(struct lu_tap *taps, size_t nr, struct module *owner)
{
	unsigned long flags;
	int err = 0;
	size_t i;

	raw_spin_lock_irqsave(&lu_lock, flags);
	for (i = 0; i < nr; i++) {
		if (__lu_tap_find(taps[i].name)) {
			pr_err("liveupdate: %s is tapped already\n", taps[i].name);
			err = -EEXIST;
			break;
		}
		taps[i].owner = owner;
		lu_tap_make_symbol(&taps[i]);
		hash_add(lu_tap_table, &taps[i].node, lu_tap_hash(taps[i].name));
	}
	while (err && i--)
		hash_del(&taps[i].node);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return err;
}

void lu_taps_del(struct lu_tap *taps, size_t nr)
{
	unsigned long flags;
	size_t i;

	raw_spin_lock_irqsave(&lu_lock, flags);
	for (i = 0; i < nr; i++)
		hash_del(&taps[i].node);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
}

static bool __lu_is_managed(const char *name)
{
	struct lu_pattern *p;

	lockdep_assert_held(&lu_lock);
	list_for_each_entry(p, &lu_patterns, node)
		if (glob_match(p->text, name))
			return true;
	return false;
}

/**
 * lu_is_managed() - does a pattern match this module name?
 * @name: plain name, with underscores
 *
 * We never manage ourselves, whatever the patterns say.
 *
 * Context: Any.
 */
bool lu_is_managed(const char *name)
{
	unsigned long flags;
	bool ret;

	if (!strcmp(name, "liveupdate") || strstarts(name, "shadow_"))
		return false;
	raw_spin_lock_irqsave(&lu_lock, flags);
	ret = __lu_is_managed(name);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return ret;
}

/* A module name or a glob; '-' stands for '_' but in a range in brackets. */
static int lu_pattern_normalize(char *dst, const char *src)
{
	size_t i, len = strlen(src);
	bool range = false;

	if (!len || len >= MODULE_NAME_LEN)
		return -EINVAL;
	for (i = 0; i <= len; i++) {
		char c = src[i];

		if (c && !isalnum(c) && !strchr("_-*?[]!", c))
			return -EINVAL;
		range = range ? c != ']' : c == '[';
		dst[i] = c == '-' && !range ? '_' : c;
	}
	return 0;
}

/*
 * Loaded modules, as far as sysfs shows them: the loader's list is not for
 * modules to walk. Returns how many modules match and have no taps.
 */
static unsigned int lu_count_loaded(const char *pattern, bool *builtin)
{
	struct kset *kset = THIS_MODULE->mkobj.kobj.kset;
	unsigned int found = 0;
	struct kobject *k;

	spin_lock(&kset->list_lock);
	list_for_each_entry(k, &kset->list, entry) {
		struct module *mod = container_of(k, struct module_kobject, kobj)->mod;

		if (!kobject_name(k) || !glob_match(pattern, kobject_name(k)))
			continue;
		if (!mod)
			*builtin = true;
		else if (!lu_module_of(mod))
			found++;
	}
	spin_unlock(&kset->list_lock);
	return found;
}

/**
 * lu_manage() - manage drivers by name from their next load on
 * @pattern: module name or glob
 *
 * Context: Process context.
 * Return: 0; -EINVAL if it is no name; -EBUSY if a driver of that very name is
 *	loaded without taps; -EEXIST if it is managed already; -EOPNOTSUPP if it
 *	is built in.
 */
int lu_manage(const char *pattern)
{
	char text[MODULE_NAME_LEN];
	struct lu_pattern *p, *q;
	bool builtin = false, glob;
	unsigned int loaded;
	unsigned long flags;
	int err;

	err = lu_pattern_normalize(text, pattern);
	if (err)
		return err;
	glob = strpbrk(text, "*?[");
	loaded = lu_count_loaded(text, &builtin);
	if (loaded && !glob) {
		pr_err("liveupdate: %s: already loaded, has no taps; unload it first (lu-ctl manage --reload %s)\n",
		       text, text);
		return -EBUSY;
	}
	if (builtin && !glob && !loaded && !lu_module_running(text)) {
		pr_err("liveupdate: %s: built into the kernel, cannot be updated\n", text);
		return -EOPNOTSUPP;
	}
	if (loaded)
		pr_notice("liveupdate: %s: %u loaded modules match and have no taps until they are loaded again\n",
			  text, loaded);

	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	strscpy(p->text, text, sizeof(p->text));
	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry(q, &lu_patterns, node)
		if (!strcmp(q->text, text))
			err = -EEXIST;
	if (!err)
		list_add_tail(&p->node, &lu_patterns);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	if (err)
		kfree(p);
	return err;
}

/* Would some loaded module of ours no longer be covered without @gone? */
static bool __lu_orphans(const struct lu_pattern *gone)
{
	struct lu_module *m;
	struct lu_pattern *p;

	lockdep_assert_held(&lu_lock);
	list_for_each_entry(m, &lu_modules, node) {
		bool covered = false;

		list_for_each_entry(p, &lu_patterns, node)
			if (p != gone && glob_match(p->text, m->name))
				covered = true;
		if (!covered)
			return true;
	}
	return false;
}

/**
 * lu_unmanage() - manage drivers of a name no longer
 * @pattern: as it was given to lu_manage()
 *
 * Return: 0; -EINVAL if it is no name; -ENOENT if it was never managed; -EBUSY
 *	while a driver is loaded that no other pattern covers.
 */
int lu_unmanage(const char *pattern)
{
	char text[MODULE_NAME_LEN];
	struct lu_pattern *p, *found = NULL;
	unsigned long flags;
	int err;

	err = lu_pattern_normalize(text, pattern);
	if (err)
		return err;
	lu_module_reap_stale(false);
	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry(p, &lu_patterns, node)
		if (!strcmp(p->text, text))
			found = p;
	if (!found) {
		err = -ENOENT;
	} else if (__lu_orphans(found)) {
		err = -EBUSY;
		found = NULL;
	} else {
		list_del(&found->node);
	}
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	kfree(found);
	return err;
}

ssize_t lu_manage_show(char *buf)
{
	struct lu_pattern *p;
	unsigned long flags;
	ssize_t len = 0;

	raw_spin_lock_irqsave(&lu_lock, flags);
	list_for_each_entry(p, &lu_patterns, node)
		len += sysfs_emit_at(buf, len, "%s\n", p->text);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return len;
}

void lu_binder_exit(void)
{
	struct lu_pattern *p, *next;

	list_for_each_entry_safe(p, next, &lu_patterns, node) {
		list_del(&p->node);
		kfree(p);
	}
}
