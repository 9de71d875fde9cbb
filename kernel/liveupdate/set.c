// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Driver sets
 *
 * A set comes into being when the first module of a managed name is loaded and
 * goes away with the last. Loads and unloads happen inside the module loader,
 * so a set is released from a work item: the task that unloads the last module
 * may itself be the one that was asked to by a write to the set's directory.
 */
#include <linux/slab.h>
#include <linux/seq_file.h>
#include <linux/workqueue.h>

#include "internal.h"
#include "trace.h"

DEFINE_RAW_SPINLOCK(lu_lock);
LIST_HEAD(lu_sets);
static DEFINE_MUTEX(lu_sets_mutex);	/* creation and removal of sets */

/**
 * lu_set_change_state() - the one writer of a set's state
 * @set: the set
 * @to: state to enter
 *
 * Context: Process context; caller holds @set->lock.
 * Return: 0, or -EINVAL if the table of edges does not allow it.
 */
int lu_set_change_state(struct lu_set *set, enum lu_state to)
{
	lockdep_assert_held(&set->lock);
	if (set->state == to)
		return 0;
	if (WARN_ONCE(!lu_edge_legal(set->state, to), "%s: %s -> %s\n",
		      set->name, lu_state_name(set->state), lu_state_name(to)))
		return -EINVAL;
	trace_lu_state(set->name, lu_state_name(set->state), lu_state_name(to));
	WRITE_ONCE(set->state, to);
	sysfs_notify(&set->kobj, NULL, "state");
	return 0;
}

static struct lu_set *__lu_set_find(const char *name)
{
	struct lu_set *set;

	lockdep_assert_held(&lu_lock);
	list_for_each_entry(set, &lu_sets, node)
		if (!set->dying && !strcmp(set->name, name))
			return set;
	return NULL;
}

/**
 * lu_set_get() - a reference to a set
 * @set: a set that has a module, or that the caller has a reference to
 *
 * Return: @set.
 */
struct lu_set *lu_set_get(struct lu_set *set)
{
	kobject_get(&set->kobj);
	return set;
}

/**
 * lu_set_find() - find a set by name
 * @name: plain name of its lead module
 *
 * Return: the set with a reference for the caller to put, or NULL.
 */
struct lu_set *lu_set_find(const char *name)
{
	struct lu_set *set;
	unsigned long flags;

	raw_spin_lock_irqsave(&lu_lock, flags);
	set = __lu_set_find(name);
	if (set)
		kobject_get(&set->kobj);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return set;
}

void lu_set_put(struct lu_set *set)
{
	kobject_put(&set->kobj);
}

static void lu_set_remove(struct work_struct *work)
{
	struct lu_set *set = container_of(work, struct lu_set, release_work);

	mutex_lock(&lu_sets_mutex);
	lu_debugfs_del_set(set);
	lu_crew_dismiss(set);
	lu_devices_drop_all(set);
	lu_log_clear(&set->log);
	kobject_put(set->last_kobj);
	kobject_del(&set->kobj);
	mutex_unlock(&lu_sets_mutex);
	lu_set_put(set);
}

/**
 * lu_set_retire() - the last module of a set is gone
 * @set: the set
 *
 * Context: Process context; caller holds @set->lock.
 */
void lu_set_retire(struct lu_set *set)
{
	unsigned long flags;

	lockdep_assert_held(&set->lock);
	raw_spin_lock_irqsave(&lu_lock, flags);
	set->dying = true;
	list_del_init(&set->node);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	schedule_work(&set->release_work);
}

static struct lu_set *lu_set_create(const char *name)
{
	struct lu_set *set;
	unsigned long flags;
	int err;

	set = kzalloc(sizeof(*set), GFP_KERNEL);
	if (!set)
		return NULL;
	set->timeline = kvcalloc(LU_TIMELINE_LEN, sizeof(*set->timeline), GFP_KERNEL);
	if (!set->timeline) {
		kfree(set);
		return NULL;
	}
	strscpy(set->name, name, sizeof(set->name));
	mutex_init(&set->lock);
	INIT_LIST_HEAD(&set->node);
	INIT_LIST_HEAD(&set->devices);
	spin_lock_init(&set->timeline_lock);
	INIT_WORK(&set->release_work, lu_set_remove);
	lu_log_init(&set->log);
	lu_crew_init(&set->crew);
	set->timeout_ms = LU_DEFAULT_TIMEOUT_MS;
	set->next_suffix = 2;

	set->kobj.kset = lu_drivers_kset;
	err = kobject_init_and_add(&set->kobj, &lu_set_ktype, NULL, "%s", name);
	if (err)
		goto err_put;
	err = lu_sysfs_add_last(set);
	if (err)
		goto err_put;
	kobject_uevent(&set->kobj, KOBJ_ADD);
	lu_debugfs_add_set(set);
	raw_spin_lock_irqsave(&lu_lock, flags);
	list_add_tail(&set->node, &lu_sets);
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	return set;

err_put:
	kobject_put(&set->kobj);
	return NULL;
}

/**
 * lu_set_get_or_create() - the set of a managed name
 * @name: plain module name
 *
 * Context: Process context; sleeps.
 * Return: the set with a reference for the caller to put, or NULL without
 *	memory.
 */
struct lu_set *lu_set_get_or_create(const char *name)
{
	struct lu_set *set;

	/* A directory of the same name may be on its way out. */
	for (;;) {
		struct lu_set *dying = NULL;
		struct kobject *k;

		mutex_lock(&lu_sets_mutex);
		set = lu_set_find(name);
		if (set)
			break;
		k = kset_find_obj(lu_drivers_kset, name);
		if (!k) {
			set = lu_set_create(name);
			if (set)
				kobject_get(&set->kobj);
			break;
		}
		dying = to_lu_set(k);
		mutex_unlock(&lu_sets_mutex);
		flush_work(&dying->release_work);
		lu_set_put(dying);
	}
	mutex_unlock(&lu_sets_mutex);
	return set;
}

/**
 * lu_generation_add() - a new, empty generation
 * @set: its set
 * @role: role it starts in; the set has none in that role
 *
 * Context: Process context; caller holds @set->lock.
 * Return: the generation, or NULL without memory.
 */
struct lu_generation *lu_generation_add(struct lu_set *set, enum lu_role role)
{
	struct lu_generation *gen;

	lockdep_assert_held(&set->lock);
	gen = kzalloc(sizeof(*gen), GFP_KERNEL);
	if (!gen)
		return NULL;
	gen->set = set;
	INIT_LIST_HEAD(&gen->modules);
	INIT_LIST_HEAD(&gen->objects);
	lu_generation_set_role(gen, role);
	return gen;
}

/**
 * lu_generation_set_role() - move a generation to another role
 * @gen: the generation
 * @role: the role; %LU_ROLE_NONE takes it out of the set
 *
 * Context: Process context; caller holds the set's lock. The role has to be
 * free.
 */
void lu_generation_set_role(struct lu_generation *gen, enum lu_role role)
{
	struct lu_set *set = gen->set;
	unsigned long flags;

	lockdep_assert_held(&set->lock);
	lu_sysfs_del_generation(gen);
	raw_spin_lock_irqsave(&lu_lock, flags);
	if (set->gens[gen->role] == gen)
		set->gens[gen->role] = NULL;
	gen->role = role;
	if (role != LU_ROLE_NONE)
		set->gens[role] = gen;
	raw_spin_unlock_irqrestore(&lu_lock, flags);
	if (role != LU_ROLE_NONE && !list_empty(&gen->modules))
		lu_sysfs_add_generation(gen);
}

void lu_generation_remove(struct lu_generation *gen)
{
	lu_generation_set_role(gen, LU_ROLE_NONE);
	lu_objects_forget(gen);
	kfree(gen);
}

/**
 * lu_generation_lead() - the module that a set is named after
 * @gen: the generation
 *
 * Return: the last in dependency order, or NULL while there is none.
 */
const struct lu_module *lu_generation_lead(const struct lu_generation *gen)
{
	if (!gen || list_empty(&gen->modules))
		return NULL;
	return list_last_entry(&gen->modules, struct lu_module, gen_node);
}

bool lu_set_active(const struct lu_set *set)
{
	/* Pairs with the release in the transaction's quiesce and resume. */
	return smp_load_acquire(&set->active);
}
EXPORT_SYMBOL_GPL(lu_set_active);

const char *lu_set_name(const struct lu_set *set)
{
	return set->name;
}
EXPORT_SYMBOL_GPL(lu_set_name);

/**
 * lu_timeline() - note that something happened
 * @set: the set
 * @fmt: what, one line
 *
 * Context: Any.
 */
void lu_timeline(struct lu_set *set, const char *fmt, ...)
{
	struct lu_timeline_entry *e;
	struct lu_txn *txn = READ_ONCE(set->txn);
	unsigned long flags;
	va_list args;

	if (txn)	/* one story, where it is led */
		set = txn->set;
	va_start(args, fmt);
	spin_lock_irqsave(&set->timeline_lock, flags);
	e = &set->timeline[set->timeline_pos++ % LU_TIMELINE_LEN];
	e->when = ktime_get();
	vscnprintf(e->text, sizeof(e->text), fmt, args);
	spin_unlock_irqrestore(&set->timeline_lock, flags);
	va_end(args);
}
EXPORT_SYMBOL_GPL(lu_timeline);

/**
 * lu_log_set() - log a setting that a driver accepted
 * @set: the set
 * @dev: the device
 * @key: name of the setting, for example "mtu" or "vlan.0x8100.10"
 * @fmt: its value
 *
 * Context: Any.
 * Return: 0 or -ENOMEM.
 */
int lu_log_set(struct lu_set *set, struct device *dev, const char *key,
	       const char *fmt, ...)
{
	va_list args;
	char *value;
	int err;

	va_start(args, fmt);
	value = kvasprintf(GFP_ATOMIC, fmt, args);
	va_end(args);
	if (!value)
		return -ENOMEM;
	err = lu_log_store(&set->log, dev_name(dev), key, value);
	kfree(value);
	return err;
}
EXPORT_SYMBOL_GPL(lu_log_set);

void lu_log_del(struct lu_set *set, struct device *dev, const char *key)
{
	lu_log_remove(&set->log, dev_name(dev), key);
}
EXPORT_SYMBOL_GPL(lu_log_del);

void lu_log_forget_device(struct lu_set *set, struct device *dev)
{
	lu_log_remove(&set->log, dev_name(dev), NULL);
}
EXPORT_SYMBOL_GPL(lu_log_forget_device);

/* All modules are gone, so what is left are sets on their way out. */
void lu_sets_exit(void)
{
	for (;;) {
		struct lu_set *set = NULL;
		struct kobject *k;

		spin_lock(&lu_drivers_kset->list_lock);
		if (!list_empty(&lu_drivers_kset->list)) {
			k = list_first_entry(&lu_drivers_kset->list, struct kobject, entry);
			k = kobject_get_unless_zero(k);
			set = k ? to_lu_set(k) : NULL;
		}
		spin_unlock(&lu_drivers_kset->list_lock);
		if (!set)
			break;
		flush_work(&set->release_work);
		lu_set_put(set);
	}
}
