// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: what users wrote to a driver's own device in sysfs
 *
 * A driver may put a device of a class of its own beside the disk. It goes with
 * the driver and comes with the next one, at the same place. Values that users
 * can read and write are read when the outgoing driver has taken its device
 * down, so that no later one is lost, and those that the incoming driver shows
 * otherwise are written before requests go on.
 */
#include "block_shadow.h"

#include <linux/slab.h>

struct value {
	struct list_head list;
	const char *name;
	char *text;
};

/**
 * struct node - a device that a driver put below the one it drives
 * @list: in the list of all
 * @ldev: the device that is driven
 * @class: name of the class
 * @dev: in the driver's memory; NULL while there is none
 * @taken: @values are those that were in force before the transaction
 * @values: see &struct value
 */
struct node {
	struct list_head list;
	struct lu_device *ldev;
	char class[32];
	struct device *dev;
	bool taken;
	struct list_head values;
};

static DEFINE_MUTEX(nodes_mutex);
static LIST_HEAD(nodes);

static void values_drop(struct node *n)
{
	struct value *v, *next;

	list_for_each_entry_safe(v, next, &n->values, list) {
		list_del(&v->list);
		kfree(v->name);
		kfree(v->text);
		kfree(v);
	}
	n->taken = false;
}

static void node_free(struct node *n)
{
	values_drop(n);
	list_del(&n->list);
	kfree(n);
}

static struct node *node_find(const struct lu_device *ldev, const struct device *dev)
{
	struct node *n;

	list_for_each_entry(n, &nodes, list)
		if (n->ldev == ldev && (n->dev == dev ||
					(!n->dev && !strcmp(n->class, dev->class->name))))
			return n;
	return NULL;
}

static bool has_values(const struct device *dev)
{
	return dev->class && dev->class->dev_groups;
}

/* Calls @fn for each attribute that users can read and write. */
static int each_attr(struct device *dev, int (*fn)(struct device *dev,
						   struct device_attribute *attr, void *arg),
		     void *arg)
{
	const struct attribute_group **group = dev->class->dev_groups;
	struct device_attribute *attr;
	int i, err = 0;
	umode_t mode;

	for (; *group; group++)
		for (i = 0; !err && (*group)->attrs && (*group)->attrs[i]; i++) {
			attr = container_of((*group)->attrs[i], struct device_attribute, attr);
			mode = (*group)->is_visible ?
			       (*group)->is_visible(&dev->kobj, &attr->attr, i) :
			       attr->attr.mode;
			if ((mode & 0600) == 0600 && attr->show && attr->store)
				err = fn(dev, attr, arg);
		}
	return err;
}

/* What a user reads, or NULL. */
static char *attr_read(struct device *dev, struct device_attribute *attr)
{
	char *buf = (char *)get_zeroed_page(GFP_KERNEL);

	if (buf && attr->show(dev, attr, buf) < 0) {
		free_page((unsigned long)buf);
		buf = NULL;
	}
	return buf;
}

static int take_one(struct device *dev, struct device_attribute *attr, void *arg)
{
	char *text = attr_read(dev, attr);
	struct value *v = kzalloc(sizeof(*v), GFP_KERNEL);
	struct node *n = arg;

	if (v && text) {
		v->name = kstrdup(attr->attr.name, GFP_KERNEL);
		v->text = kstrdup(text, GFP_KERNEL);
		list_add_tail(&v->list, &n->values);
	} else {
		kfree(v);
	}
	free_page((unsigned long)text);
	return 0;
}

/**
 * bs_nodes_added() - a managed driver added a device
 * @dev: the device
 */
void bs_nodes_added(struct device *dev)
{
	struct lu_device *ldev = lu_current_device();
	struct node *n;

	if (!ldev || dev->parent != ldev->dev || !has_values(dev))
		return;
	mutex_lock(&nodes_mutex);
	n = node_find(ldev, dev);
	if (!n) {
		n = kzalloc(sizeof(*n), GFP_KERNEL);
		if (n) {	/* or else its values are not carried over */
			INIT_LIST_HEAD(&n->values);
			n->ldev = ldev;
			strscpy(n->class, dev->class->name, sizeof(n->class));
			list_add_tail(&n->list, &nodes);
		}
	}
	if (n)
		n->dev = dev;
	mutex_unlock(&nodes_mutex);
}

/**
 * bs_nodes_deleted() - a managed driver has taken a device out of sysfs
 * @dev: the device; its memory is still there
 */
void bs_nodes_deleted(struct device *dev)
{
	struct lu_device *ldev = lu_current_device();
	struct node *n;

	if (!ldev || !has_values(dev))
		return;
	mutex_lock(&nodes_mutex);
	n = node_find(ldev, dev);
	if (n && n->dev != dev)
		n = NULL;
	if (n && lu_set_active(ldev->set) && ldev->in_txn) {
		/* The first to go is the one that users wrote to. */
		if (!n->taken)
			each_attr(dev, take_one, n);
		n->taken = true;
		n->dev = NULL;
	} else if (n) {
		node_free(n);
	}
	mutex_unlock(&nodes_mutex);
}

/**
 * bs_nodes_forget() - a driver is gone without a word
 * @txn: the transaction
 */
void bs_nodes_forget(struct lu_txn *txn)
{
	struct node *n;

	mutex_lock(&nodes_mutex);
	list_for_each_entry(n, &nodes, list)
		if (lu_txn_has(txn, n->ldev))
			n->dev = NULL;
	mutex_unlock(&nodes_mutex);
}

struct replay {
	const struct value *v;
	bool found;
	bool written;
};

static int replay_one(struct device *dev, struct device_attribute *attr, void *arg)
{
	struct replay *r = arg;
	ssize_t ret = 0;
	char *now;

	if (!r->v->name || !r->v->text || strcmp(attr->attr.name, r->v->name))
		return 0;
	r->found = true;
	now = attr_read(dev, attr);
	if (now && strcmp(now, r->v->text)) {
		r->written = true;
		ret = attr->store(dev, attr, r->v->text, strlen(r->v->text));
	}
	free_page((unsigned long)now);
	return min_t(ssize_t, ret, 0);
}

static int replay_node(struct node *n, struct lu_txn *txn)
{
	const struct value *v;
	int err, ret = 0;

	list_for_each_entry(v, &n->values, list) {
		struct replay r = { .v = v };

		err = each_attr(n->dev, replay_one, &r);
		if (err)
			lu_mismatch(txn, "%s %s: %s refused (%d)", n->class,
				    dev_name(n->dev), v->name, err);
		else if (!r.found)
			lu_mismatch(txn, "%s %s: %s missing", n->class, dev_name(n->dev),
				    v->name);
		else if (r.written)
			lu_txn_replayed(txn, 1);
		if (err || !r.found)
			ret = err ?: -EOPNOTSUPP;
	}
	return ret;
}

/**
 * bs_nodes_replay() - the incoming drivers' devices show what users wrote
 * @txn: the transaction
 *
 * Context: Process context; commands reach the devices.
 * Return: 0, or what a driver says.
 */
int bs_nodes_replay(struct lu_txn *txn)
{
	struct node *n;
	int err, ret = 0;

	mutex_lock(&nodes_mutex);
	list_for_each_entry(n, &nodes, list) {
		if (!lu_txn_has(txn, n->ldev) || !n->dev)
			continue;
		err = replay_node(n, txn);
		if (err)
			ret = err;
	}
	mutex_unlock(&nodes_mutex);
	return lu_txn_rolling_back(txn) || lu_txn_forced(txn) ? 0 : ret;
}

/**
 * bs_nodes_settle() - end of a transaction
 * @txn: the transaction
 */
void bs_nodes_settle(struct lu_txn *txn)
{
	struct node *n, *next;

	mutex_lock(&nodes_mutex);
	list_for_each_entry_safe(n, next, &nodes, list) {
		if (!lu_txn_has(txn, n->ldev))
			continue;
		if (n->dev)
			values_drop(n);
		else
			node_free(n);
	}
	mutex_unlock(&nodes_mutex);
}

void bs_nodes_exit(void)
{
	struct node *n, *next;

	list_for_each_entry_safe(n, next, &nodes, list)
		node_free(n);
}
