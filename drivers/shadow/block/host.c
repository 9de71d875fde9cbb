// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: life of the shadow of a SCSI host
 *
 * Born when a driver allocates a host in the probe of a device of a managed
 * set, itself or through a library that is managed too; dropped when the last
 * user of the host is gone, which may be long after the driver put it.
 */
#include "host_shadow.h"

#include <linux/hashtable.h>
#include <linux/rculist.h>
#include <linux/slab.h>

static DEFINE_MUTEX(bh_mutex);
static LIST_HEAD(bh_hosts);
static LIST_HEAD(bh_leavers);	/* removed, and still in use */
static DEFINE_HASHTABLE(bh_table, 4);
static u64 bh_last_id;

static unsigned int host_slack = 4096;
module_param(host_slack, uint, 0644);
MODULE_PARM_DESC(host_slack,
		 "bytes reserved behind a driver's part of a SCSI host, for a bigger new version");

unsigned int bh_slack(void)
{
	return min(READ_ONCE(host_slack), 1u << 20);
}

static struct bh_host *__bh_find(const struct Scsi_Host *shost)
{
	struct bh_host *h;

	hash_for_each_possible_rcu(bh_table, h, node, (unsigned long)shost)
		if (h->shost == shost)
			return h;
	return NULL;
}

/**
 * bh_find() - the shadow of a host
 * @shost: a host, tracked or not
 *
 * Context: Any. The shadow lives as long as the driver may use @shost, so a tap
 * called by that driver needs no reference.
 * Return: the shadow or NULL.
 */
struct bh_host *bh_find(const struct Scsi_Host *shost)
{
	struct bh_host *h;

	rcu_read_lock();
	h = __bh_find(shost);
	rcu_read_unlock();
	return h;
}

struct bh_host *bh_get(const struct Scsi_Host *shost)
{
	struct bh_host *h;

	rcu_read_lock();
	h = __bh_find(shost);
	if (h && !kref_get_unless_zero(&h->ref))
		h = NULL;
	rcu_read_unlock();
	return h;
}

static void bh_release(struct kref *ref)
{
	struct bh_host *h = container_of(ref, struct bh_host, ref);

	bs_settings_forget(&h->settings);
	bh_ata_forget(h, NULL);
	kfree(h->parent_name);
	kfree(h->tmpl);
	lu_device_put(h->ldev);
	kfree_rcu(h, rcu);
	module_put(THIS_MODULE);
}

void bh_put(struct bh_host *h)
{
	kref_put(&h->ref, bh_release);
}

/**
 * bh_next() - walk the hosts of a transaction, oldest first
 * @txn: the transaction
 * @prev: where the walk stands; its reference is dropped. NULL begins.
 *
 * Return: the next one, referenced, or NULL.
 */
struct bh_host *bh_next(struct lu_txn *txn, struct bh_host *prev)
{
	struct bh_host *h, *found = NULL;

	mutex_lock(&bh_mutex);
	list_for_each_entry(h, &bh_hosts, list) {
		if (prev && h->id <= prev->id)
			continue;
		if (lu_txn_has(txn, h->ldev) && h->mode != BS_NEW && !h->buried) {
			kref_get(&h->ref);
			found = h;
			break;
		}
	}
	mutex_unlock(&bh_mutex);
	if (prev)
		bh_put(prev);
	return found;
}

/**
 * bh_next_to_hand_out() - the kept host that a probing driver gets
 * @ldev: device that is being probed
 *
 * A device with several hosts gets them back in the order in which the first
 * generation allocated them.
 * Return: the shadow or NULL.
 */
struct bh_host *bh_next_to_hand_out(struct lu_device *ldev)
{
	struct bh_host *h, *found = NULL;

	mutex_lock(&bh_mutex);
	list_for_each_entry(h, &bh_hosts, list) {
		if (h->ldev == ldev && bh_in_update(h) && !h->handed && !h->buried) {
			found = h;
			break;
		}
	}
	mutex_unlock(&bh_mutex);
	return found;
}

bool bh_all_adopted(const struct lu_device *ldev)
{
	struct bh_host *h;
	bool all = true;

	mutex_lock(&bh_mutex);
	list_for_each_entry(h, &bh_hosts, list)
		if (h->ldev == ldev && bh_in_update(h) && !h->adopted && !h->buried)
			all = false;
	mutex_unlock(&bh_mutex);
	return all;
}

/**
 * bh_track() - begin to shadow a host
 * @shost: just allocated
 * @ldev: device whose probe allocates it
 * @room: size of its private area, slack included
 */
void bh_track(struct Scsi_Host *shost, struct lu_device *ldev, unsigned int room)
{
	struct bh_host *h = kzalloc(sizeof(*h), GFP_KERNEL);

	if (!h)
		return;		/* works, and cannot be updated */
	__module_get(THIS_MODULE);
	kref_init(&h->ref);
	INIT_LIST_HEAD(&h->units);
	INIT_LIST_HEAD(&h->settings);
	INIT_LIST_HEAD(&h->timers);
	raw_spin_lock_init(&h->timers_lock);
	bs_gate_init(&h->gate);
	h->shost = shost;
	h->ldev = lu_device_hold(ldev);
	h->room = room;
	h->fresh_transport = shost->transportt;
	h->handed = true;

	mutex_lock(&bh_mutex);
	h->id = ++bh_last_id;
	list_add_tail(&h->list, &bh_hosts);
	hash_add_rcu(bh_table, &h->node, (unsigned long)shost);
	mutex_unlock(&bh_mutex);
}

/* The last reference on a host that its driver gave up is dropped. */
static void bh_host_released(struct device *dev)
{
	struct Scsi_Host *shost = container_of(dev, struct Scsi_Host, shost_gendev);
	struct bh_host *h, *found = NULL;

	mutex_lock(&bh_mutex);
	list_for_each_entry(h, &bh_leavers, list)
		if (h->shost == shost) {
			list_del(&h->list);
			found = h;
			break;
		}
	mutex_unlock(&bh_mutex);
	dev->type->release(dev);
	if (found)
		bh_put(found);
}

/**
 * bh_untrack() - the driver gives the host up
 * @h: shadow that impersonates nobody
 *
 * Who has one of its disks open goes on using it, also when its driver has been
 * replaced: nothing of the driver is left in it but references on its module.
 */
void bh_untrack(struct bh_host *h)
{
	mutex_lock(&bh_mutex);
	if (h->tmpl && !h->buried) {
		h->buried = true;
		bh_template_bury(h);
		bh_transport_take(h);
	}
	list_move_tail(&h->list, &bh_leavers);
	hlist_del_init_rcu(&h->node);
	h->mode = BS_NEW;
	h->set = h->ldev->set;
	/* Looked at before the one of the type, which the midlayer has set. */
	h->shost->shost_gendev.release = bh_host_released;
	mutex_unlock(&bh_mutex);
}

/**
 * bh_leaver() - does a host that was never registered need a driver that is to go
 * @txn: the transaction
 *
 * Return: its number, or -1.
 */
int bh_leaver(struct lu_txn *txn)
{
	struct bh_host *h;
	int nr = -1;

	mutex_lock(&bh_mutex);
	list_for_each_entry(h, &bh_leavers, list)
		if (!h->buried && lu_txn_incoming_module(txn, h->set))
			nr = h->shost->host_no;
	mutex_unlock(&bh_mutex);
	return nr;
}

/**
 * bh_take_gone() - a host whose device is off its bus, and that no driver has
 * @dev: the device
 *
 * No transaction finds it any more.
 *
 * Return: the shadow, referenced, or NULL.
 */
struct bh_host *bh_take_gone(const struct device *dev)
{
	struct bh_host *h, *found = NULL;

	mutex_lock(&bh_mutex);
	list_for_each_entry(h, &bh_hosts, list)
		if (h->ldev->dev == dev && bh_in_update(h) && !h->handed && !h->buried) {
			h->buried = true;
			kref_get(&h->ref);
			found = h;
			break;
		}
	mutex_unlock(&bh_mutex);
	return found;
}

/**
 * bh_buried_each() - users' references on a driver move, those of such hosts too
 * @txn: the transaction
 */
void bh_buried_each(struct lu_txn *txn)
{
	struct module *owner;
	struct bh_host *h;

	mutex_lock(&bh_mutex);
	list_for_each_entry(h, &bh_leavers, list) {
		owner = h->buried ? lu_txn_incoming_module(txn, h->set) : NULL;
		if (!owner)
			continue;
		bs_refs_begin(txn, h->tmpl->sht.module, owner);
		WRITE_ONCE(h->tmpl->sht.module, owner);
	}
	mutex_unlock(&bh_mutex);
}
