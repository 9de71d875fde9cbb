// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: hardware dependent devices change hands
 *
 * What their ioctls and files in sysfs do is the driver's alone, so they can be
 * updated while nobody has them open. The device stays; who opens it meanwhile
 * is told that it is busy, and its files are away as long as the driver is.
 */
#include "sound_shadow.h"

#include <linux/slab.h>
#include <linux/string.h>

static int orig_new(struct snd_card *card, char *id, int device, struct snd_hwdep **ret)
{
	return lu_orig(snd_hwdep_new, &sound_taps[SS_TAP_HWDEP_NEW])(card, id, device, ret);
}

/**
 * ss_hwdep_find() - the shadow of a hardware dependent device
 * @sc: shadow of the card
 * @hwdep: perhaps such a device
 *
 * Return: the shadow or NULL.
 */
struct ss_hwdep *ss_hwdep_find(struct ss_card *sc, const void *hwdep)
{
	struct ss_hwdep *sh;

	list_for_each_entry(sh, &sc->hwdeps, list)
		if (sh->hwdep == hwdep)
			return sh;
	return NULL;
}

/* The driver's own, in sysfs. */
static void files_remove(struct snd_hwdep *hwdep)
{
	struct device *dev = ss_hwdep_dev(hwdep);

	if (dev->groups)
		device_remove_groups(dev, dev->groups);
}

static void files_add(struct snd_hwdep *hwdep)
{
	struct device *dev = ss_hwdep_dev(hwdep);

	if (!dev->groups || !device_add_groups(dev, dev->groups))
		return;
	pr_warn("%s: its files are missing\n", dev_name(dev));
	dev->groups = NULL;
}

/* The driver's part of it, as of a fresh one. */
static void hwdep_blank(struct snd_hwdep *hwdep)
{
	hwdep->iface = 0;
	memset(&hwdep->ops, 0, sizeof(hwdep->ops));
	hwdep->private_data = NULL;
	hwdep->private_free = NULL;
	dev_set_drvdata(ss_hwdep_dev(hwdep), NULL);
}

/**
 * ss_hwdep_new() - a driver makes a hardware dependent device
 * @sc: shadow of the card
 * @id: as for snd_hwdep_new()
 * @device: likewise
 * @ret: likewise
 *
 * Return: 0 or an error.
 */
int ss_hwdep_new(struct ss_card *sc, char *id, int device, struct snd_hwdep **ret)
{
	struct snd_hwdep *hwdep;
	struct ss_hwdep *sh;
	int err;

	list_for_each_entry(sh, &sc->hwdeps, list) {
		if (sh->hwdep->device != device || sh->handed || !ss_in_update(sc))
			continue;
		sh->handed = true;
		if (ret)
			*ret = sh->hwdep;
		return 0;
	}
	sh = kzalloc(sizeof(*sh), GFP_KERNEL);
	if (!sh)
		return -ENOMEM;
	err = orig_new(sc->card, id, device, &hwdep);
	if (err) {
		kfree(sh);
		return err;
	}
	sh->hwdep = hwdep;
	sh->handed = true;
	sh->extra = ss_in_update(sc);
	mutex_lock(&sc->lock);
	list_add_tail(&sh->list, &sc->hwdeps);
	mutex_unlock(&sc->lock);
	if (ret)
		*ret = hwdep;
	return 0;
}

/**
 * ss_hwdep_refusal() - can a hardware dependent device be carried over now?
 * @sh: its shadow
 * @txn: the transaction
 *
 * Return: 0, or an error and a mismatch tells why not.
 */
int ss_hwdep_refusal(struct ss_hwdep *sh, struct lu_txn *txn)
{
	if (!sh->hwdep->used)
		return 0;
	lu_mismatch(txn, "hwC%dD%d is open", sh->hwdep->card->number, sh->hwdep->device);
	return -EBUSY;
}

static int hwdep_away(struct ss_hwdep *sh)
{
	struct snd_hwdep *hwdep = sh->hwdep;
	int err = 0;

	mutex_lock(&hwdep->open_mutex);
	if (sh->away) {
		mutex_unlock(&hwdep->open_mutex);
		return 0;
	}
	if (hwdep->used) {
		err = -EBUSY;
	} else {
		/* As if somebody had it for himself. */
		sh->exclusive = hwdep->exclusive;
		hwdep->exclusive = 1;
		hwdep->used = 1;
		sh->away = true;
	}
	mutex_unlock(&hwdep->open_mutex);
	if (err)
		return err;
	files_remove(hwdep);
	return 0;
}

/**
 * ss_hwdeps_away() - hardware dependent devices of a card go on without a driver
 * @sc: shadow of the card
 *
 * Return: 0, or -EBUSY if somebody has opened one.
 */
int ss_hwdeps_away(struct ss_card *sc)
{
	struct ss_hwdep *sh;
	int err = 0;

	list_for_each_entry(sh, &sc->hwdeps, list)
		err = err ?: hwdep_away(sh);
	return err;
}

/**
 * ss_hwdep_part() - a driver gives a hardware dependent device up
 * @sc: shadow of the card
 * @sh: shadow of the device
 */
void ss_hwdep_part(struct ss_card *sc, struct ss_hwdep *sh)
{
	struct snd_hwdep *hwdep = sh->hwdep;

	if (ss_in_update(sc) && !sh->extra) {
		if (sh->handed && hwdep->private_free)
			hwdep->private_free(hwdep);
		hwdep_blank(hwdep);
		ss_hwdep_dev(hwdep)->groups = NULL;
		sh->handed = false;
		return;
	}
	mutex_lock(&sc->lock);
	list_del(&sh->list);
	mutex_unlock(&sc->lock);
	snd_device_free(sc->card, hwdep);
	kfree(sh);
}

/**
 * ss_hwdeps_part() - a driver goes, its hardware dependent devices stay
 * @sc: shadow of their card
 */
void ss_hwdeps_part(struct ss_card *sc)
{
	struct ss_hwdep *sh, *next;

	list_for_each_entry_safe_reverse(sh, next, &sc->hwdeps, list)
		ss_hwdep_part(sc, sh);
}

/**
 * ss_hwdeps_verify() - does the incoming driver have the same devices?
 * @sc: shadow of the card
 * @txn: the transaction
 */
void ss_hwdeps_verify(struct ss_card *sc, struct lu_txn *txn)
{
	struct ss_hwdep *sh;

	list_for_each_entry(sh, &sc->hwdeps, list)
		if (!sh->handed)
			lu_mismatch(txn, "hwC%dD%d missing", sc->card->number, sh->hwdep->device);
}

/**
 * ss_hwdeps_resume() - hardware dependent devices go to the driver
 * @sc: shadow of the card
 *
 * One that it does not have stays busy.
 */
void ss_hwdeps_resume(struct ss_card *sc)
{
	struct snd_hwdep *hwdep;
	struct ss_hwdep *sh;

	list_for_each_entry(sh, &sc->hwdeps, list) {
		hwdep = sh->hwdep;
		sh->extra = false;
		if (!sh->away || !sh->handed)
			continue;
		files_add(hwdep);
		mutex_lock(&hwdep->open_mutex);
		sh->away = false;
		hwdep->exclusive = sh->exclusive;
		hwdep->used = 0;
		mutex_unlock(&hwdep->open_mutex);
		wake_up(&hwdep->open_wait);
	}
}
