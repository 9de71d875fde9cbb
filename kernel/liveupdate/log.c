// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Config log
 *
 * What the kernel configured through a driver, for each (device, key) the last
 * value only: its size is bounded by the number of settings that exist, never
 * by the number of calls. Shadows write it when a setting has been accepted;
 * an operator reads it with ``lu-ctl log``.
 */
#include <linux/list.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "internal.h"

struct lu_log_entry {
	struct list_head node;
	size_t bytes;
	char *dev;
	char *key;
	char *value;
	char text[];
};

void lu_log_init(struct lu_log *log)
{
	INIT_LIST_HEAD(&log->entries);
	spin_lock_init(&log->lock);
	log->count = 0;
	log->bytes = 0;
}

static struct lu_log_entry *__lu_log_find(struct lu_log *log, const char *dev,
					  const char *key)
{
	struct lu_log_entry *e;

	lockdep_assert_held(&log->lock);
	list_for_each_entry(e, &log->entries, node)
		if (!strcmp(e->key, key) && !strcmp(e->dev, dev))
			return e;
	return NULL;
}

static void __lu_log_unlink(struct lu_log *log, struct lu_log_entry *e)
{
	lockdep_assert_held(&log->lock);
	list_del(&e->node);
	log->count--;
	log->bytes -= e->bytes;
}

/**
 * lu_log_store() - remember a setting; the last writer wins
 * @log: the log
 * @dev: name of the device
 * @key: name of the setting
 * @value: its value as text
 *
 * Context: Any; takes @log->lock.
 * Return: 0, or -ENOMEM with the former value still in place.
 */
int lu_log_store(struct lu_log *log, const char *dev, const char *key,
		 const char *value)
{
	size_t ldev = strlen(dev) + 1, lkey = strlen(key) + 1;
	size_t lval = strlen(value) + 1;
	struct lu_log_entry *e, *old;
	unsigned long flags;

	e = kmalloc(sizeof(*e) + ldev + lkey + lval, GFP_ATOMIC);
	if (!e)
		return -ENOMEM;
	e->bytes = sizeof(*e) + ldev + lkey + lval;
	e->dev = e->text;
	e->key = e->dev + ldev;
	e->value = e->key + lkey;
	memcpy(e->dev, dev, ldev);
	memcpy(e->key, key, lkey);
	memcpy(e->value, value, lval);

	spin_lock_irqsave(&log->lock, flags);
	old = __lu_log_find(log, dev, key);
	if (old)
		__lu_log_unlink(log, old);
	list_add_tail(&e->node, &log->entries);
	log->count++;
	log->bytes += e->bytes;
	spin_unlock_irqrestore(&log->lock, flags);
	kfree(old);
	return 0;
}

/**
 * lu_log_remove() - forget settings
 * @log: the log
 * @dev: name of the device, or NULL for all devices
 * @key: name of the setting, or NULL for all of @dev's
 *
 * Return: true if there was one.
 */
bool lu_log_remove(struct lu_log *log, const char *dev, const char *key)
{
	struct lu_log_entry *e, *next;
	unsigned long flags;
	LIST_HEAD(gone);

	spin_lock_irqsave(&log->lock, flags);
	list_for_each_entry_safe(e, next, &log->entries, node) {
		if ((dev && strcmp(e->dev, dev)) || (key && strcmp(e->key, key)))
			continue;
		__lu_log_unlink(log, e);
		list_add(&e->node, &gone);
	}
	spin_unlock_irqrestore(&log->lock, flags);
	if (list_empty(&gone))
		return false;
	list_for_each_entry_safe(e, next, &gone, node)
		kfree(e);
	return true;
}

void lu_log_clear(struct lu_log *log)
{
	lu_log_remove(log, NULL, NULL);
}

/**
 * lu_log_show() - print all settings, one a line
 * @log: the log
 * @m: where to
 */
void lu_log_show(struct lu_log *log, struct seq_file *m)
{
	struct lu_log_entry *e;
	unsigned long flags;

	seq_puts(m, "# device\tkey\tvalue\n");
	spin_lock_irqsave(&log->lock, flags);
	list_for_each_entry(e, &log->entries, node)
		seq_printf(m, "%s\t%s\t%s\n", e->dev, e->key, e->value);
	spin_unlock_irqrestore(&log->lock, flags);
}
