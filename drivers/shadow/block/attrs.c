// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: attributes of the driver that users may write to
 *
 * What is written to one is the driver's or the device's to keep, and both
 * begin anew. So each is read before the driver goes and, where the incoming
 * driver's has another value, written after it came: in both cases while the
 * queue runs, for the device may be asked.
 */
#include "block_shadow.h"

#include <linux/device.h>
#include <linux/slab.h>

struct bs_setting {
	struct list_head list;
	char *value;
	char name[];
};

/* The n-th attribute of a group as one of a device that can be read and written. */
static const struct device_attribute *setting_at(struct device *dev,
						 const struct attribute_group *group,
						 int n)
{
	struct attribute *attr = group->attrs[n];
	const struct device_attribute *a = container_of(attr, struct device_attribute, attr);
	umode_t mode = group->is_visible ? group->is_visible(&dev->kobj, attr, n) : attr->mode;

	return (mode & 0200) && a->show && a->store ? a : NULL;
}

static char *setting_read(struct device *dev, const struct device_attribute *a)
{
	char *page = (char *)__get_free_page(GFP_KERNEL | __GFP_ZERO), *value = NULL;
	struct device_attribute *attr = (struct device_attribute *)a;

	if (page && a->show(dev, attr, page) > 0)
		value = kstrdup(page, GFP_KERNEL);
	free_page((unsigned long)page);
	return value;
}

static void setting_save(struct device *dev, const struct device_attribute *a,
			 struct list_head *settings)
{
	size_t size = strlen(a->attr.name) + 1;
	struct bs_setting *s = kzalloc(struct_size(s, name, size), GFP_KERNEL);

	if (!s)
		return;
	memcpy(s->name, a->attr.name, size);
	s->value = setting_read(dev, a);
	if (s->value)
		list_add_tail(&s->list, settings);
	else
		kfree(s);
}

/**
 * bs_settings_save() - note what users may have written to the driver's attributes
 * @dev: whose attributes
 * @groups: the attributes, or NULL
 * @settings: list to add to
 */
void bs_settings_save(struct device *dev, const struct attribute_group **groups,
		      struct list_head *settings)
{
	const struct device_attribute *a;
	int n;

	for (; groups && *groups; groups++)
		for (n = 0; (*groups)->attrs && (*groups)->attrs[n]; n++) {
			a = setting_at(dev, *groups, n);
			if (a)
				setting_save(dev, a, settings);
		}
}

static const struct device_attribute *setting_find(struct device *dev,
						   const struct attribute_group **groups,
						   const char *name)
{
	int n;

	for (; groups && *groups; groups++)
		for (n = 0; (*groups)->attrs && (*groups)->attrs[n]; n++)
			if (!strcmp((*groups)->attrs[n]->name, name))
				return setting_at(dev, *groups, n);
	return NULL;
}

static bool setting_restore(struct device *dev, const struct attribute_group **groups,
			    const struct bs_setting *s)
{
	const struct device_attribute *a = setting_find(dev, groups, s->name);
	char *now = a ? setting_read(dev, a) : NULL;
	ssize_t err = -ENOENT;

	if (now && !strcmp(now, s->value)) {
		kfree(now);
		return false;
	}
	kfree(now);
	if (a)
		err = a->store(dev, (struct device_attribute *)a, s->value, strlen(s->value));
	if (err < 0)
		dev_warn(dev, "attribute %s is not as it was (%zd)\n", s->name, err);
	return err >= 0;
}

/**
 * bs_settings_restore() - the driver in service is told what the one before was
 * @dev: whose attributes
 * @groups: the attributes that it has now, or NULL
 * @settings: list that bs_settings_save() filled; empty afterwards
 *
 * Return: number of attributes written to.
 */
unsigned int bs_settings_restore(struct device *dev, const struct attribute_group **groups,
				 struct list_head *settings)
{
	struct bs_setting *s, *next;
	unsigned int n = 0;

	list_for_each_entry_safe(s, next, settings, list)
		n += setting_restore(dev, groups, s);
	bs_settings_forget(settings);
	return n;
}

void bs_settings_forget(struct list_head *settings)
{
	struct bs_setting *s, *next;

	list_for_each_entry_safe(s, next, settings, list) {
		list_del(&s->list);
		kfree(s->value);
		kfree(s);
	}
}
