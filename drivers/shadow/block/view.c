// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: attributes of a disk whose table is a library's
 *
 * A library that has several kinds of disks may tell them apart by their table,
 * of which the kernel sees a copy: the disk would be taken for one of another kind
 * where attributes are shown and stored. So these are called with a view of the
 * disk: a copy with the library's own table in it, for the time of the call.
 */
#include "block_shadow.h"

#include <linux/device.h>
#include <linux/slab.h>

/**
 * struct bs_view_attr - stands for an attribute
 * @attr: what sysfs has
 * @real: the library's
 * @group: the library's group that it is in
 */
struct bs_view_attr {
	struct device_attribute attr;
	struct device_attribute *real;
	const struct attribute_group *group;
};

/**
 * struct bs_view - stands for the attributes of a disk
 * @groups: what sysfs has, %NULL at the end
 * @group: their contents
 * @nr: number of groups
 */
struct bs_view {
	const struct attribute_group **groups;
	struct attribute_group *group;
	unsigned int nr;
};

/* A disk as the library knows it. */
struct sight {
	struct block_device bdev;
	struct gendisk disk;
};

static struct sight *sight_make(struct device *dev)
{
	struct gendisk *disk = dev_to_disk(dev);
	struct bs_disk *bd = bs_get(disk);
	struct sight *s = bd ? kmalloc(sizeof(*s), GFP_KERNEL) : NULL;

	if (s) {
		s->disk = *disk;
		s->disk.fops = bd->drv_fops;
		s->bdev = *disk->part0;
		s->bdev.bd_disk = &s->disk;
	}
	if (bd)
		bs_put(bd);
	return s;
}

static ssize_t view_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct bs_view_attr *a = container_of(attr, struct bs_view_attr, attr);
	struct sight *s = sight_make(dev);
	ssize_t ret;

	if (!s)
		return -ENOMEM;
	ret = a->real->show(&s->bdev.bd_device, a->real, buf);
	kfree(s);
	return ret;
}

static ssize_t view_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	struct bs_view_attr *a = container_of(attr, struct bs_view_attr, attr);
	struct sight *s = sight_make(dev);
	ssize_t ret;

	if (!s)
		return -ENOMEM;
	ret = a->real->store(&s->bdev.bd_device, a->real, buf, count);
	kfree(s);
	return ret;
}

static umode_t view_visible(struct kobject *kobj, struct attribute *attr, int n)
{
	struct bs_view_attr *a = container_of(attr, struct bs_view_attr, attr.attr);
	struct sight *s = sight_make(kobj_to_dev(kobj));
	umode_t mode;

	if (!s)
		return 0;
	mode = a->group->is_visible(&s->bdev.bd_device.kobj, &a->real->attr, n);
	kfree(s);
	return mode;
}

static unsigned int attrs_count(const struct attribute_group *group)
{
	unsigned int n = 0;

	while (group->attrs && group->attrs[n])
		n++;
	return n;
}

static int group_fill(struct attribute_group *to, const struct attribute_group *from)
{
	unsigned int i, n = attrs_count(from);
	struct bs_view_attr *a;

	*to = *from;
	to->attrs = kcalloc(n + 1, sizeof(*to->attrs), GFP_KERNEL);
	a = kcalloc(max(n, 1u), sizeof(*a), GFP_KERNEL);
	if (!to->attrs || !a) {
		kfree(to->attrs);
		kfree(a);
		to->attrs = NULL;
		return -ENOMEM;
	}
	for (i = 0; i < n; i++, a++) {
		a->group = from;
		a->real = container_of(from->attrs[i], struct device_attribute, attr);
		sysfs_attr_init(&a->attr.attr);
		a->attr.attr.name = a->real->attr.name;
		a->attr.attr.mode = a->real->attr.mode;
		a->attr.show = a->real->show ? view_show : NULL;
		a->attr.store = a->real->store ? view_store : NULL;
		to->attrs[i] = &a->attr.attr;
	}
	if (!n)
		kfree(a);
	if (from->is_visible)
		to->is_visible = view_visible;
	return 0;
}

static void group_empty(struct attribute_group *group)
{
	if (group->attrs && group->attrs[0])
		kfree(container_of(group->attrs[0], struct bs_view_attr, attr.attr));
	kfree(group->attrs);
}

/**
 * bs_view_drop() - the attributes are not in sysfs any more
 * @bd: shadow of the disk
 */
void bs_view_drop(struct bs_disk *bd)
{
	struct bs_view *v = bd->view;

	if (!v)
		return;
	while (v->nr--)
		group_empty(&v->group[v->nr]);
	kfree(v->group);
	kfree(v->groups);
	kfree(v);
	bd->view = NULL;
}

static int view_fill(struct bs_view *v, const struct attribute_group **groups)
{
	unsigned int n = 0;
	int err = 0;

	while (groups[n])
		n++;
	v->groups = kcalloc(n + 1, sizeof(*v->groups), GFP_KERNEL);
	v->group = kcalloc(max(n, 1u), sizeof(*v->group), GFP_KERNEL);
	if (!v->groups || !v->group)
		return -ENOMEM;
	while (v->nr < n && !err) {
		err = group_fill(&v->group[v->nr], groups[v->nr]);
		v->groups[v->nr] = &v->group[v->nr];
		v->nr++;
	}
	return err;
}

/**
 * bs_view_groups() - the attributes that sysfs gets
 * @bd: shadow of a disk, dressed, that is about to be registered
 * @groups: those that are registered with it, or NULL
 *
 * Return: these, or others in their place; or an ERR_PTR().
 */
const struct attribute_group **bs_view_groups(struct bs_disk *bd,
					      const struct attribute_group **groups)
{
	int err;

	bs_view_drop(bd);
	if (!groups || lu_set_of_address(bd->drv_fops) == bd->ldev->set)
		return groups;
	bd->view = kzalloc(sizeof(*bd->view), GFP_KERNEL);
	if (!bd->view)
		return ERR_PTR(-ENOMEM);
	err = view_fill(bd->view, groups);
	if (!err)
		return bd->view->groups;
	bs_view_drop(bd);
	return ERR_PTR(err);
}
