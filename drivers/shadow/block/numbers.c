// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: majors and indices stay
 *
 * A driver's exit gives its major back, and its init asks for any: it gets the
 * one that its disks have, and nobody else can have it in between. A driver
 * numbers its devices as they are probed, and they are probed all at once: each
 * gets the index that it had, so that the driver agrees with the kernel on the
 * names of its disks, and the next disk does not get one in use.
 */
#include "block_shadow.h"

#include <linux/slab.h>

struct bs_major {
	struct list_head list;
	struct lu_set *set;
	unsigned int major;
	char name[16];
	bool away;
};

/**
 * struct bs_index - an index that a driver was given while it worked for a device
 * @list: in the order in which drivers asked
 * @ldev: the device, referenced
 * @ida: of which kind, for whoever asked last
 * @home: the kind of the driver in service before the transaction; it may lie in
 *	a library that is replaced too, and then it differs from @ida
 * @id: the index
 * @nr: when the driver in service asked for it
 * @away: nobody has it
 * @given: the driver in service gave it back in this transaction, and did not ask
 *	for it again; another one may have it
 */
struct bs_index {
	struct list_head list;
	struct lu_device *ldev;
	struct ida *ida;
	const struct ida *home;
	unsigned int id;
	unsigned int nr;
	bool away;
	bool given;
};

static DEFINE_MUTEX(bs_numbers_mutex);
static LIST_HEAD(bs_majors);
static LIST_HEAD(bs_indices);
static unsigned int bs_index_nr;

static struct bs_major *major_find(unsigned int major, const char *name)
{
	struct bs_major *m;

	list_for_each_entry(m, &bs_majors, list)
		if ((!major || m->major == major) && !strcmp(m->name, name))
			return m;
	return NULL;
}

static void major_note(struct lu_set *set, unsigned int major, const char *name)
{
	struct bs_major *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return;		/* the number may change in an update */
	m->set = set;
	m->major = major;
	strscpy(m->name, name, sizeof(m->name));
	list_add(&m->list, &bs_majors);
}

/**
 * bs_major_get() - a managed driver registers a major
 * @major: which one, or 0 for any
 * @name: its name
 * @probe: makes disks on demand
 *
 * Return: as register_blkdev().
 */
int bs_major_get(unsigned int major, const char *name, void (*probe)(dev_t devt))
{
	struct lu_set *set = lu_current_set();
	struct bs_major *m;
	int ret;

	if (!set || probe || strlen(name) >= sizeof(m->name))
		return __register_blkdev(major, name, probe);
	mutex_lock(&bs_numbers_mutex);
	m = major_find(major, name);
	if (m && m->away && m->set == set) {
		m->away = false;
		ret = major ? 0 : m->major;
	} else {
		ret = __register_blkdev(major, name, NULL);
		if (ret >= 0)
			major_note(set, major ?: ret, name);
	}
	mutex_unlock(&bs_numbers_mutex);
	return ret;
}

/**
 * bs_major_put() - a managed driver gives a major back
 * @major: which one
 * @name: its name
 */
void bs_major_put(unsigned int major, const char *name)
{
	struct bs_major *m;

	mutex_lock(&bs_numbers_mutex);
	m = major_find(major, name);
	if (m && lu_set_active(m->set)) {
		m->away = true;
	} else {
		unregister_blkdev(major, name);
		if (m)
			list_del(&m->list);
		kfree(m);
	}
	mutex_unlock(&bs_numbers_mutex);
}

/**
 * bs_majors_settle() - end of a transaction: what nobody took back goes
 * @txn: the transaction
 */
void bs_majors_settle(struct lu_txn *txn)
{
	struct bs_major *m, *next;

	mutex_lock(&bs_numbers_mutex);
	list_for_each_entry_safe(m, next, &bs_majors, list) {
		if (lu_txn_of(m->set) != txn || !m->away)
			continue;
		unregister_blkdev(m->major, m->name);
		list_del(&m->list);
		kfree(m);
	}
	mutex_unlock(&bs_numbers_mutex);
}

/* That of the same kind; or else the next one, for a driver brings its own kinds. */
static struct bs_index *index_away(struct lu_device *ldev, const struct ida *ida)
{
	struct bs_index *i, *next = NULL;

	list_for_each_entry(i, &bs_indices, list) {
		if (i->ldev != ldev || !i->away)
			continue;
		if (i->ida == ida)
			return i;
		if (!next)
			next = i;
	}
	return next;
}

/*
 * On the way back the driver gets what it had, wherever the one that failed has
 * got with it: it may not even have given it back.
 */
static struct bs_index *index_home(struct lu_device *ldev, const struct ida *ida)
{
	struct bs_index *i, *first = NULL;

	list_for_each_entry(i, &bs_indices, list)
		if (i->ldev == ldev && i->home == ida && i->given &&
		    (!first || i->nr < first->nr))
			first = i;
	return first;
}

/* On the way back: the driver that was in service is being given its device again. */
static bool going_back(const struct lu_device *ldev)
{
	return lu_set_active(ldev->set) && lu_txn_rolling_back(lu_txn_of(ldev->set));
}

static struct bs_index *index_kept(struct lu_device *ldev, const struct ida *ida)
{
	if (!lu_set_active(ldev->set))
		return NULL;
	return going_back(ldev) ? index_home(ldev, ida) : index_away(ldev, ida);
}

static void index_note(struct lu_device *ldev, struct ida *ida, unsigned int id)
{
	struct bs_index *i = kzalloc(sizeof(*i), GFP_KERNEL);

	if (!i)
		return;		/* another one may be given in an update */
	i->ldev = lu_device_hold(ldev);
	i->ida = ida;
	i->id = id;
	i->nr = bs_index_nr++;
	/* That of an incoming driver is at home when it is in service. */
	i->home = lu_set_active(ldev->set) && !going_back(ldev) ? NULL : ida;
	list_add_tail(&i->list, &bs_indices);
}

static void index_forget(struct bs_index *i)
{
	list_del(&i->list);
	lu_device_put(i->ldev);
	kfree(i);
}

/**
 * bs_index_get() - a managed driver asks for an index
 * @ida: of which kind
 * @min: lowest wanted
 * @max: highest wanted
 * @gfp: how to allocate
 *
 * In the order in which the outgoing driver asked for the same device.
 *
 * Return: as ida_alloc_range().
 */
int bs_index_get(struct ida *ida, unsigned int min, unsigned int max, gfp_t gfp)
{
	struct lu_device *ldev = lu_working_device();
	struct bs_index *i;
	int id = -ENOSPC;

	if (!ldev)
		return ida_alloc_range(ida, min, max, gfp);
	mutex_lock(&bs_numbers_mutex);
	i = index_kept(ldev, ida);
	if (i && i->id >= min && i->id <= max)
		id = ida_alloc_range(ida, i->id, i->id, gfp);
	if (id >= 0) {
		i->ida = ida;
		i->away = false;
		if (going_back(ldev))
			i->given = false;
		/* Behind those that still wait for their driver. */
		list_move_tail(&i->list, &bs_indices);
	} else {
		id = ida_alloc_range(ida, min, max, gfp);
		if (id >= 0)
			index_note(ldev, ida, id);
	}
	mutex_unlock(&bs_numbers_mutex);
	return id;
}

/**
 * bs_index_put() - a driver gives an index back
 * @ida: of which kind
 * @id: the index
 */
void bs_index_put(struct ida *ida, unsigned int id)
{
	struct bs_index *i, *next;

	mutex_lock(&bs_numbers_mutex);
	list_for_each_entry_safe(i, next, &bs_indices, list) {
		if (i->ida != ida || i->id != id || i->away)
			continue;
		if (lu_set_active(i->ldev->set) && i->ldev->in_txn) {
			i->away = true;
			i->given = true;
		} else {
			index_forget(i);
		}
		break;
	}
	mutex_unlock(&bs_numbers_mutex);
	ida_free(ida, id);
}

/**
 * bs_indices_forget() - nobody takes the indices of a device back
 * @ldev: the device, which vanished
 */
void bs_indices_forget(const struct lu_device *ldev)
{
	struct bs_index *i, *next;

	mutex_lock(&bs_numbers_mutex);
	list_for_each_entry_safe(i, next, &bs_indices, list) {
		if (i->ldev != ldev)
			continue;
		index_forget(i);
	}
	mutex_unlock(&bs_numbers_mutex);
}

/* Nobody's, or that of a driver that is gone. */
static bool index_stale(const struct bs_index *i, bool back)
{
	return i->away || (back && (i->given || !i->home));
}

/**
 * bs_indices_settle() - end of a transaction: what is left is the driver's in
 * service
 * @txn: the transaction
 */
void bs_indices_settle(struct lu_txn *txn)
{
	struct bs_index *i, *next;

	mutex_lock(&bs_numbers_mutex);
	list_for_each_entry_safe(i, next, &bs_indices, list) {
		if (lu_txn_of(i->ldev->set) != txn || !i->ldev->in_txn)
			continue;
		if (index_stale(i, lu_txn_rolling_back(txn))) {
			index_forget(i);
			continue;
		}
		i->home = i->ida;
		i->nr = bs_index_nr++;
		i->given = false;
	}
	mutex_unlock(&bs_numbers_mutex);
}

void bs_numbers_exit(void)
{
	struct bs_major *m, *next_m;
	struct bs_index *i, *next_i;

	list_for_each_entry_safe(m, next_m, &bs_majors, list)
		kfree(m);
	list_for_each_entry_safe(i, next_i, &bs_indices, list)
		index_forget(i);
}
