// SPDX-License-Identifier: GPL-2.0
/* debugfs: liveupdate/inject and liveupdate/<name>/{log,objects,timeline,imports}. */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "internal.h"

static struct dentry *lu_debugfs;

static int log_show(struct seq_file *s, void *unused)
{
	struct lu_set *set = s->private;

	lu_log_show(&set->log, s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(log);

static int objects_show(struct seq_file *s, void *unused)
{
	struct lu_set *set = s->private;

	mutex_lock(&set->lock);
	lu_objects_show(set, s);
	mutex_unlock(&set->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(objects);

static int timeline_show(struct seq_file *s, void *unused)
{
	struct lu_set *set = s->private;
	unsigned int i, first = 0, end;
	unsigned long flags;

	seq_puts(s, "# t_us\tevent\n");
	spin_lock_irqsave(&set->timeline_lock, flags);
	end = set->timeline_pos;
	if (end > LU_TIMELINE_LEN)
		first = end - LU_TIMELINE_LEN;
	for (i = first; i < end; i++)
		seq_printf(s, "%lld\t%s\n",
			   ktime_to_us(set->timeline[i % LU_TIMELINE_LEN].when),
			   set->timeline[i % LU_TIMELINE_LEN].text);
	spin_unlock_irqrestore(&set->timeline_lock, flags);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(timeline);

static const char *lu_tap_class(const struct lu_tap *tap)
{
	static const char * const names[] = {
		[LU_TAP_CONFIG] = "config",
		[LU_TAP_OBJECT] = "object",
		[LU_TAP_CONCEAL] = "conceal",
	};

	return names[tap->kind];
}

static int imports_show(struct seq_file *s, void *unused)
{
	struct lu_set *set = s->private;
	struct lu_import *imp;
	struct lu_module *m;
	unsigned int role;

	seq_puts(s, "# module\tsymbol\tclass\ttap\n");
	mutex_lock(&set->lock);
	for (role = LU_ROLE_RUNNING; role < LU_ROLE_COUNT; role++) {
		if (!set->gens[role])
			continue;
		list_for_each_entry(m, &set->gens[role]->modules, gen_node)
			list_for_each_entry(imp, &m->imports, node)
				seq_printf(s, "%s\t%s\t%s\t%s\n", m->load_name, imp->name,
					   imp->tap ? lu_tap_class(imp->tap) : "-",
					   imp->tap ? "yes" : "no");
	}
	mutex_unlock(&set->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(imports);

static ssize_t inject_write(struct file *file, const char __user *ubuf, size_t len,
			    loff_t *pos)
{
	char buf[32];
	int err;

	if (len >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, ubuf, len))
		return -EFAULT;
	buf[len] = '\0';
	err = lu_inject_set(buf);
	return err ?: len;
}

static const struct file_operations inject_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = inject_write,
};

void lu_debugfs_add_set(struct lu_set *set)
{
	set->debugfs = debugfs_create_dir(set->name, lu_debugfs);
	debugfs_create_file("log", 0400, set->debugfs, set, &log_fops);
	debugfs_create_file("objects", 0400, set->debugfs, set, &objects_fops);
	debugfs_create_file("timeline", 0400, set->debugfs, set, &timeline_fops);
	debugfs_create_file("imports", 0400, set->debugfs, set, &imports_fops);
}

void lu_debugfs_del_set(struct lu_set *set)
{
	debugfs_remove_recursive(set->debugfs);
	set->debugfs = NULL;
}

void lu_debugfs_init(void)
{
	lu_debugfs = debugfs_create_dir("liveupdate", NULL);
	debugfs_create_file("inject", 0200, lu_debugfs, NULL, &inject_fops);
}

void lu_debugfs_exit(void)
{
	debugfs_remove_recursive(lu_debugfs);
}
