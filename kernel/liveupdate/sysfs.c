// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/liveupdate: one value a file, root only, triggers that return
 * when done. Documented in Documentation/ABI/testing/sysfs-kernel-liveupdate.
 */
#include <linux/capability.h>
#include <linux/ctype.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "internal.h"

static struct kobject *lu_kobj;
struct kset *lu_drivers_kset;

/* One file of a set's directory, or of its last/. */
struct lu_attr {
	struct attribute attr;
	ssize_t (*show)(struct lu_set *set, char *buf);
	ssize_t (*store)(struct lu_set *set, const char *buf, size_t len);
};

#define LU_ATTR_RW(_name) \
	static struct lu_attr lu_attr_##_name = \
		{ { .name = #_name, .mode = 0600 }, _name##_show, _name##_store }
#define LU_ATTR_RO(_name) \
	static struct lu_attr lu_attr_##_name = \
		{ { .name = #_name, .mode = 0400 }, _name##_show, NULL }
#define LU_ATTR_WO(_name) \
	static struct lu_attr lu_attr_##_name = \
		{ { .name = #_name, .mode = 0200 }, NULL, _name##_store }

static ssize_t class_show(struct lu_set *set, char *buf)
{
	struct lu_shadow *shadow = READ_ONCE(set->shadow);

	return sysfs_emit(buf, "%s\n", shadow ? shadow->class : "none");
}
LU_ATTR_RO(class);

static ssize_t state_show(struct lu_set *set, char *buf)
{
	return sysfs_emit(buf, "%s\n", lu_state_name(READ_ONCE(set->state)));
}
LU_ATTR_RO(state);

static ssize_t lead_show(struct lu_set *set, char *buf)
{
	char name[MODULE_NAME_LEN];

	lu_set_lead_name(set, name);
	return sysfs_emit(buf, "%s\n", name);
}
LU_ATTR_RO(lead);

/* A choice may change between transactions only. */
static ssize_t lu_choice_store(struct lu_set *set, const char *buf, size_t len,
			       const char * const *names, int *choice)
{
	int i = __sysfs_match_string(names, -1, buf);
	ssize_t ret = len;

	if (i < 0)
		return i;
	mutex_lock(&set->lock);
	if (set->busy)
		ret = -EBUSY;
	else
		*choice = i;
	mutex_unlock(&set->lock);
	return ret;
}

static ssize_t policy_show(struct lu_set *set, char *buf)
{
	return sysfs_emit(buf, "%s\n", lu_policy_names[set->policy]);
}

static ssize_t policy_store(struct lu_set *set, const char *buf, size_t len)
{
	return lu_choice_store(set, buf, len, lu_policy_names, (int *)&set->policy);
}
LU_ATTR_RW(policy);

static ssize_t method_show(struct lu_set *set, char *buf)
{
	return sysfs_emit(buf, "%s\n", lu_method_names[set->method]);
}

static ssize_t method_store(struct lu_set *set, const char *buf, size_t len)
{
	if (sysfs_streq(buf, lu_method_names[LU_METHOD_INHERIT])) {
		pr_notice("liveupdate: method inherit is not there yet\n");
		return -EOPNOTSUPP;
	}
	return lu_choice_store(set, buf, len, lu_method_names, (int *)&set->method);
}
LU_ATTR_RW(method);

static ssize_t release_show(struct lu_set *set, char *buf)
{
	return sysfs_emit(buf, "%s\n", lu_release_names[set->release]);
}

static ssize_t release_store(struct lu_set *set, const char *buf, size_t len)
{
	return lu_choice_store(set, buf, len, lu_release_names, (int *)&set->release);
}
LU_ATTR_RW(release);

static ssize_t timeout_ms_show(struct lu_set *set, char *buf)
{
	return sysfs_emit(buf, "%u\n", set->timeout_ms);
}

static ssize_t timeout_ms_store(struct lu_set *set, const char *buf, size_t len)
{
	unsigned int ms;
	int err = kstrtouint(buf, 0, &ms);

	if (err)
		return err;
	if (ms > 3600 * MSEC_PER_SEC)
		return -EINVAL;
	mutex_lock(&set->lock);
	if (set->busy)
		err = -EBUSY;
	else
		set->timeout_ms = ms;
	mutex_unlock(&set->lock);
	return err ?: len;
}
LU_ATTR_RW(timeout_ms);

static ssize_t generation_show(struct lu_set *set, char *buf)
{
	return sysfs_emit(buf, "%u\n", set->generation);
}
LU_ATTR_RO(generation);

static ssize_t log_entries_show(struct lu_set *set, char *buf)
{
	return sysfs_emit(buf, "%u\n", set->log.count);
}
LU_ATTR_RO(log_entries);

static ssize_t log_bytes_show(struct lu_set *set, char *buf)
{
	return sysfs_emit(buf, "%zu\n", set->log.bytes);
}
LU_ATTR_RO(log_bytes);

static ssize_t objects_show(struct lu_set *set, char *buf)
{
	unsigned int n;

	mutex_lock(&set->lock);
	n = lu_objects_count(set);
	mutex_unlock(&set->lock);
	return sysfs_emit(buf, "%u\n", n);
}
LU_ATTR_RO(objects);

static ssize_t lu_trigger(const char *buf, size_t len, struct lu_set *set,
			  int (*fn)(struct lu_set *set))
{
	int err;

	if (!capable(CAP_SYS_MODULE))
		return -EPERM;
	if (!sysfs_streq(buf, "1"))
		return -EINVAL;
	err = fn(set);
	return err ?: len;
}

static ssize_t update_store(struct lu_set *set, const char *buf, size_t len)
{
	return lu_trigger(buf, len, set, lu_update);
}
LU_ATTR_WO(update);

static ssize_t rollback_store(struct lu_set *set, const char *buf, size_t len)
{
	return lu_trigger(buf, len, set, lu_rollback);
}
LU_ATTR_WO(rollback);

static ssize_t commit_store(struct lu_set *set, const char *buf, size_t len)
{
	return lu_trigger(buf, len, set, lu_commit);
}
LU_ATTR_WO(commit);

static ssize_t discard_store(struct lu_set *set, const char *buf, size_t len)
{
	return lu_trigger(buf, len, set, lu_discard);
}
LU_ATTR_WO(discard);

static struct attribute *lu_set_attrs[] = {
	&lu_attr_class.attr, &lu_attr_lead.attr, &lu_attr_state.attr, &lu_attr_policy.attr,
	&lu_attr_method.attr, &lu_attr_release.attr, &lu_attr_timeout_ms.attr,
	&lu_attr_generation.attr, &lu_attr_log_entries.attr,
	&lu_attr_log_bytes.attr, &lu_attr_objects.attr, &lu_attr_update.attr,
	&lu_attr_rollback.attr, &lu_attr_commit.attr, &lu_attr_discard.attr,
	NULL
};
ATTRIBUTE_GROUPS(lu_set);

static ssize_t lu_attr_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct lu_attr *a = container_of(attr, struct lu_attr, attr);

	return a->show ? a->show(to_lu_set(kobj), buf) : -EIO;
}

static ssize_t lu_attr_store(struct kobject *kobj, struct attribute *attr,
			     const char *buf, size_t len)
{
	struct lu_attr *a = container_of(attr, struct lu_attr, attr);

	return a->store ? a->store(to_lu_set(kobj), buf, len) : -EIO;
}

static const struct sysfs_ops lu_set_sysfs_ops = {
	.show = lu_attr_show,
	.store = lu_attr_store,
};

static void lu_set_release(struct kobject *kobj)
{
	struct lu_set *set = to_lu_set(kobj);

	kvfree(set->timeline);
	kfree(set);
}

const struct kobj_type lu_set_ktype = {
	.sysfs_ops = &lu_set_sysfs_ops,
	.default_groups = lu_set_groups,
	.release = lu_set_release,
};

/* last/: the record of the last transaction. */

static struct lu_record *lu_record_of(struct kobject *kobj)
{
	return &to_lu_set(kobj->parent)->record;
}

#define LU_RECORD_ATTR(_name, _fmt, ...)					\
static ssize_t last_##_name##_show(struct kobject *kobj,			\
				   struct kobj_attribute *attr, char *buf)	\
{										\
	struct lu_record *rec = lu_record_of(kobj);				\
										\
	return sysfs_emit(buf, _fmt "\n", __VA_ARGS__);				\
}										\
static struct kobj_attribute last_##_name =					\
	__ATTR(_name, 0400, last_##_name##_show, NULL)

LU_RECORD_ATTR(result, "%s", lu_result_name(rec->result));
LU_RECORD_ATTR(errno, "%d", -rec->err);
LU_RECORD_ATTR(blackout_us, "%llu", rec->blackout_us);
LU_RECORD_ATTR(total_us, "%llu", rec->total_us);
LU_RECORD_ATTR(reason, "%s", rec->reason);
LU_RECORD_ATTR(from, "%s", rec->from);
LU_RECORD_ATTR(to, "%s", rec->to);
LU_RECORD_ATTR(devices, "%u", rec->devices);
LU_RECORD_ATTR(replayed, "%u", rec->replayed);
LU_RECORD_ATTR(released, "%u", rec->released);

static ssize_t last_mismatches_show(struct kobject *kobj, struct kobj_attribute *attr,
				    char *buf)
{
	return lu_verdict_show(&lu_record_of(kobj)->verdict, buf, PAGE_SIZE);
}

static struct kobj_attribute last_mismatches =
	__ATTR(mismatches, 0400, last_mismatches_show, NULL);

static ssize_t last_phases_show(struct kobject *kobj, struct kobj_attribute *attr,
				char *buf)
{
	struct lu_record *rec = lu_record_of(kobj);
	ssize_t len = 0;
	int i;

	for (i = 0; i < LU_PH_COUNT; i++)
		len += sysfs_emit_at(buf, len, "%s %llu\n", lu_phase_name(i),
				     rec->phase_us[i]);
	return len + sysfs_emit_at(buf, len, "rollback %llu\n", rec->rollback_us);
}

static struct kobj_attribute last_phases = __ATTR(phases, 0400, last_phases_show, NULL);

static struct attribute *lu_last_attrs[] = {
	&last_result.attr, &last_errno.attr, &last_blackout_us.attr,
	&last_mismatches.attr, &last_total_us.attr, &last_reason.attr,
	&last_from.attr, &last_to.attr, &last_devices.attr,
	&last_replayed.attr, &last_released.attr, &last_phases.attr,
	NULL
};

static const struct attribute_group lu_last_group = {
	.attrs = lu_last_attrs,
};

/**
 * lu_sysfs_add_last() - make a set's directory last/
 * @set: the set
 *
 * Return: 0 or -ENOMEM.
 */
int lu_sysfs_add_last(struct lu_set *set)
{
	int err;

	set->last_kobj = kobject_create_and_add("last", &set->kobj);
	if (!set->last_kobj)
		return -ENOMEM;
	err = sysfs_create_group(set->last_kobj, &lu_last_group);
	if (err) {
		kobject_put(set->last_kobj);
		set->last_kobj = NULL;
	}
	return err;
}

/* running/, staged/, kept/: what is loaded, as text that outlives the module. */

struct lu_gen_dir {
	struct kobject kobj;
	char module[MODULE_NAME_LEN];
	char version[64];
	char srcversion[32];
	char build_id[2 * LU_BUILD_ID_MAX + 1];
};

#define LU_GEN_ATTR(_name)							\
static ssize_t gen_##_name##_show(struct kobject *kobj,				\
				  struct kobj_attribute *attr, char *buf)	\
{										\
	return sysfs_emit(buf, "%s\n",						\
			  container_of(kobj, struct lu_gen_dir, kobj)->_name);	\
}										\
static struct kobj_attribute gen_##_name =					\
	__ATTR(_name, 0400, gen_##_name##_show, NULL)

LU_GEN_ATTR(module);
LU_GEN_ATTR(version);
LU_GEN_ATTR(srcversion);
LU_GEN_ATTR(build_id);

static struct attribute *lu_gen_attrs[] = {
	&gen_module.attr, &gen_version.attr, &gen_srcversion.attr,
	&gen_build_id.attr, NULL
};
ATTRIBUTE_GROUPS(lu_gen);

static void lu_gen_dir_release(struct kobject *kobj)
{
	kfree(container_of(kobj, struct lu_gen_dir, kobj));
}

static const struct kobj_type lu_gen_ktype = {
	.sysfs_ops = &kobj_sysfs_ops,
	.default_groups = lu_gen_groups,
	.release = lu_gen_dir_release,
};

/**
 * lu_sysfs_add_generation() - make a generation's directory
 * @gen: generation with a role and modules
 *
 * Context: Process context; caller holds the set's lock.
 * Return: 0 or -ENOMEM; the generation works without.
 */
int lu_sysfs_add_generation(struct lu_generation *gen)
{
	const struct lu_module *m = lu_generation_lead(gen);
	struct lu_gen_dir *dir;
	int err;

	dir = kzalloc(sizeof(*dir), GFP_KERNEL);
	if (!dir)
		return -ENOMEM;
	strscpy(dir->module, m->load_name, sizeof(dir->module));
	strscpy(dir->version, m->mod->version ?: "", sizeof(dir->version));
	strscpy(dir->srcversion, m->mod->srcversion ?: "", sizeof(dir->srcversion));
	snprintf(dir->build_id, sizeof(dir->build_id), "%*phN",
		 (int)m->build_id_len, m->build_id);
	err = kobject_init_and_add(&dir->kobj, &lu_gen_ktype, &gen->set->kobj, "%s",
				   lu_role_names[gen->role]);
	if (err) {
		kobject_put(&dir->kobj);
		return err;
	}
	gen->kobj = &dir->kobj;
	return 0;
}

void lu_sysfs_del_generation(struct lu_generation *gen)
{
	if (!gen->kobj)
		return;
	kobject_del(gen->kobj);
	kobject_put(gen->kobj);
	gen->kobj = NULL;
}

/* manage, unmanage */

static ssize_t lu_each_name(const char *buf, size_t len, int (*fn)(const char *name))
{
	char *list, *p, *name;
	int err = 0, names = 0;

	if (!capable(CAP_SYS_MODULE))
		return -EPERM;
	list = kstrndup(buf, len, GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	p = list;
	while (!err && (name = strsep(&p, ", \t\n"))) {
		if (!*name)
			continue;
		names++;
		err = fn(name);
	}
	kfree(list);
	if (!names)
		return -EINVAL;
	return err ?: len;
}

static ssize_t manage_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return lu_manage_show(buf);
}

static ssize_t manage_store(struct kobject *kobj, struct kobj_attribute *attr,
			    const char *buf, size_t len)
{
	return lu_each_name(buf, len, lu_manage);
}

static ssize_t unmanage_store(struct kobject *kobj, struct kobj_attribute *attr,
			      const char *buf, size_t len)
{
	return lu_each_name(buf, len, lu_unmanage);
}

static struct kobj_attribute lu_manage_attr = __ATTR(manage, 0600, manage_show, manage_store);
static struct kobj_attribute lu_unmanage_attr = __ATTR(unmanage, 0200, NULL, unmanage_store);

static struct attribute *lu_attrs[] = {
	&lu_manage_attr.attr, &lu_unmanage_attr.attr, NULL
};

static const struct attribute_group lu_group = {
	.attrs = lu_attrs,
};

/**
 * lu_uevent() - tell user space how a transaction ended
 * @set: the set
 * @result: the outcome
 */
void lu_uevent(struct lu_set *set, enum lu_result result)
{
	char what[32], name[MODULE_NAME_LEN + 20];
	char *envp[] = { what, name, NULL };

	snprintf(what, sizeof(what), "LIVEUPDATE=%s", lu_result_name(result));
	snprintf(name, sizeof(name), "LIVEUPDATE_DRIVER=%s", set->name);
	kobject_uevent_env(&set->kobj, KOBJ_CHANGE, envp);
}

int lu_sysfs_init(void)
{
	int err;

	lu_kobj = kobject_create_and_add("liveupdate", kernel_kobj);
	if (!lu_kobj)
		return -ENOMEM;
	lu_drivers_kset = kset_create_and_add("drivers", NULL, lu_kobj);
	if (!lu_drivers_kset) {
		kobject_put(lu_kobj);
		return -ENOMEM;
	}
	err = sysfs_create_group(lu_kobj, &lu_group);
	if (err)
		lu_sysfs_exit();
	return err;
}

void lu_sysfs_exit(void)
{
	kset_unregister(lu_drivers_kset);
	kobject_put(lu_kobj);
}
