// SPDX-License-Identifier: GPL-2.0
/*
 * The smallest shadow that does something: input devices. A driver such as
 * virtio_input can be replaced while programs have its event device open.
 *
 * The kept object is struct input_dev. What a real shadow would add: absolute
 * axes, force feedback, key maps that users changed, devm_ variants.
 */
#include <linux/input.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/shadow_driver.h>
#include <linux/slab.h>

struct kept {
	struct list_head node;
	struct input_dev *dev;
	struct lu_device *ldev;
	bool handed;		/* a driver has it */
	bool adopted;		/* and has registered it */
	char name[64];		/* the driver's own goes with the driver */
	DECLARE_BITMAP(ev, EV_CNT);
	DECLARE_BITMAP(key, KEY_CNT);
};

static DEFINE_MUTEX(kept_mutex);
static LIST_HEAD(kept_list);
static struct lu_shadow shadow;

enum { T_ALLOC, T_REGISTER, T_UNREGISTER, T_FREE };
static struct lu_tap taps[];

#define ORIG(sym, index)	lu_orig(sym, &taps[index])

static struct kept *kept_of(const struct input_dev *dev)
{
	struct kept *k, *found = NULL;

	mutex_lock(&kept_mutex);
	list_for_each_entry(k, &kept_list, node)
		if (k->dev == dev)
			found = k;
	mutex_unlock(&kept_mutex);
	return found;
}

static void kept_drop(struct kept *k)
{
	mutex_lock(&kept_mutex);
	list_del(&k->node);
	mutex_unlock(&kept_mutex);
	kfree(k);
}

/* The driver goes, the device stays: conceal. A device that went, goes. */
static bool conceals(const struct kept *k)
{
	return k && lu_set_active(k->ldev->set) && !READ_ONCE(k->ldev->lost);
}

/* Requests do not reach a driver that is not there. */
static void callbacks_clear(struct input_dev *dev)
{
	mutex_lock(&dev->mutex);
	spin_lock_irq(&dev->event_lock);
	dev->event = NULL;
	spin_unlock_irq(&dev->event_lock);
	dev->open = NULL;
	dev->close = NULL;
	dev->flush = NULL;
	mutex_unlock(&dev->mutex);
}

/* Taps: driver -> kernel */

static struct input_dev *hand_out(struct kept *k)
{
	callbacks_clear(k->dev);
	bitmap_zero(k->dev->evbit, EV_CNT);
	bitmap_zero(k->dev->keybit, KEY_CNT);
	k->handed = true;
	return k->dev;
}

static struct input_dev *lu_tap_input_allocate_device(void)
{
	struct lu_device *ldev = lu_current_device();
	struct input_dev *dev;
	struct kept *k;

	mutex_lock(&kept_mutex);
	list_for_each_entry(k, &kept_list, node)
		if (k->ldev == ldev && conceals(k) && !k->handed) {
			mutex_unlock(&kept_mutex);
			return hand_out(k);
		}
	mutex_unlock(&kept_mutex);

	dev = ORIG(input_allocate_device, T_ALLOC)();
	k = dev && ldev ? kzalloc(sizeof(*k), GFP_KERNEL) : NULL;
	if (k) {
		k->dev = dev;
		k->ldev = ldev;
		k->handed = true;
		mutex_lock(&kept_mutex);
		list_add_tail(&k->node, &kept_list);
		mutex_unlock(&kept_mutex);
	}
	return dev;
}

static int lu_tap_input_register_device(struct input_dev *dev)
{
	struct kept *k = kept_of(dev);
	int err;

	if (conceals(k)) {
		__set_bit(EV_SYN, dev->evbit);
		k->adopted = true;
		lu_device_adopted(k->ldev);
		return 0;
	}
	err = ORIG(input_register_device, T_REGISTER)(dev);
	if (!err && k) {
		k->adopted = true;
		lu_device_claim(k->ldev, &shadow);
	}
	return err;
}

static void lu_tap_input_unregister_device(struct input_dev *dev)
{
	struct kept *k = kept_of(dev);

	if (conceals(k)) {
		callbacks_clear(dev);
		dev->name = k->name;
		dev->phys = NULL;
		dev->uniq = NULL;
		k->adopted = false;
		k->handed = false;	/* unregistering frees */
		return;
	}
	if (k)
		kept_drop(k);
	ORIG(input_unregister_device, T_UNREGISTER)(dev);
}

static void lu_tap_input_free_device(struct input_dev *dev)
{
	struct kept *k = dev ? kept_of(dev) : NULL;

	if (conceals(k)) {
		callbacks_clear(dev);
		dev->name = k->name;
		k->handed = false;
		return;
	}
	if (k)
		kept_drop(k);
	ORIG(input_free_device, T_FREE)(dev);
}

static struct lu_tap taps[] = {
	[T_ALLOC] = LU_TAP(input_allocate_device, LU_TAP_OBJECT),
	[T_REGISTER] = LU_TAP(input_register_device, LU_TAP_OBJECT),
	[T_UNREGISTER] = LU_TAP(input_unregister_device, LU_TAP_CONCEAL),
	[T_FREE] = LU_TAP(input_free_device, LU_TAP_CONCEAL),
};

/* Callbacks: the transaction. No load or unload changes the list meanwhile. */

static struct kept *kept_next(struct lu_txn *txn, struct kept *k)
{
	k = k ? list_next_entry(k, node) : list_first_entry(&kept_list, struct kept, node);
	list_for_each_entry_from(k, &kept_list, node)
		if (k->ldev->set == lu_txn_set(txn) && k->ldev->in_txn && !k->ldev->lost)
			return k;
	return NULL;
}

#define for_each_kept(k, txn)						\
	for ((k) = kept_next(txn, NULL); (k); (k) = kept_next(txn, (k)))

static int input_prepare(struct lu_txn *txn)
{
	struct kept *k;

	for_each_kept(k, txn)
		if (k->dev->ff || k->dev->absinfo) {
			lu_mismatch(txn, "%s: axes and force feedback are not carried over",
				    dev_name(&k->dev->dev));
			return -EOPNOTSUPP;
		}
	return 0;
}

static void input_unprepare(struct lu_txn *txn)
{
}

static int input_quiesce(struct lu_txn *txn, unsigned long deadline)
{
	struct kept *k;
	unsigned int key;

	lu_txn_blackout_start(txn);
	for_each_kept(k, txn) {
		strscpy(k->name, k->dev->name ?: "", sizeof(k->name));
		bitmap_copy(k->ev, k->dev->evbit, EV_CNT);
		bitmap_copy(k->key, k->dev->keybit, KEY_CNT);
		mutex_lock(&k->dev->mutex);
		if (k->dev->users && k->dev->close)
			k->dev->close(k->dev);
		mutex_unlock(&k->dev->mutex);
		/* Nobody would see them released. */
		for_each_set_bit(key, k->dev->key, KEY_CNT)
			input_report_key(k->dev, key, 0);
		input_sync(k->dev);
	}
	return 0;
}

static int input_replay(struct lu_txn *txn, unsigned long deadline)
{
	struct kept *k;
	unsigned int led, n = 0;
	int err = 0;

	for_each_kept(k, txn) {
		mutex_lock(&k->dev->mutex);
		if (k->dev->users && k->dev->open)
			err = k->dev->open(k->dev);
		mutex_unlock(&k->dev->mutex);
		if (err)
			return err;
		spin_lock_irq(&k->dev->event_lock);
		for_each_set_bit(led, k->dev->led, LED_CNT)
			if (k->dev->event && !k->dev->event(k->dev, EV_LED, led, 1))
				n++;
		spin_unlock_irq(&k->dev->event_lock);
	}
	lu_txn_replayed(txn, n);
	return 0;
}

static int input_unquiesce(struct lu_txn *txn)
{
	return input_replay(txn, 0);
}

static void input_detached(struct lu_txn *txn)
{
	struct kept *k;

	/* With release=force nobody called unregister. */
	for_each_kept(k, txn)
		if (k->handed)
			lu_tap_input_unregister_device(k->dev);
}

static int input_verify(struct lu_txn *txn)
{
	struct kept *k;

	for_each_kept(k, txn) {
		if (!bitmap_subset(k->ev, k->dev->evbit, EV_CNT))
			lu_mismatch(txn, "%s: event types lost", dev_name(&k->dev->dev));
		if (!bitmap_subset(k->key, k->dev->keybit, KEY_CNT))
			lu_mismatch(txn, "%s: keys lost", dev_name(&k->dev->dev));
	}
	return 0;
}

static int input_resume(struct lu_txn *txn, unsigned long deadline)
{
	lu_txn_blackout_end(txn);
	return 0;
}

static struct lu_shadow shadow = {
	.class = "input",
	.owner = THIS_MODULE,
	.taps = taps,
	.nr_taps = ARRAY_SIZE(taps),
	.prepare = input_prepare,
	.unprepare = input_unprepare,
	.quiesce = input_quiesce,
	.unquiesce = input_unquiesce,
	.detached = input_detached,
	.verify = input_verify,
	.replay = input_replay,
	.resume = input_resume,
};

static int __init shadow_input_init(void)
{
	return lu_shadow_register(&shadow);
}
module_init(shadow_input_init);

static void __exit shadow_input_exit(void)
{
	lu_shadow_unregister(&shadow);
}
module_exit(shadow_input_exit);

MODULE_DESCRIPTION("Live update of input drivers (example)");
MODULE_LICENSE("GPL");
