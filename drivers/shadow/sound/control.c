// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: controls
 *
 * Users know a control by its number, and subscribe to it, so the object stays.
 * While no driver has it our functions are in it. The incoming driver allocates
 * controls of its own; one with the same name lends its functions and data to
 * the kept one when the driver adds it to the card, and lives on as its twin,
 * for the driver may have kept the address.
 *
 * Whatever changes a control's functions holds card->controls_rwsem for
 * writing, as the sound core does around calls of them.
 */
#include "sound_shadow.h"

#include <linux/slab.h>
#include <linux/string.h>

/* More names than that are not remembered; nobody gets to see them meanwhile. */
#define SS_MAX_NAMES 256

static void driver_from(struct ss_ctl_driver *drv, const struct snd_kcontrol *k)
{
	drv->info = k->info;
	drv->get = k->get;
	drv->put = k->put;
	drv->tlv = k->tlv.p;
	drv->value = k->private_value;
	drv->data = k->private_data;
	drv->free = k->private_free;
}

static void driver_to(struct snd_kcontrol *k, const struct ss_ctl_driver *drv)
{
	k->info = drv->info;
	k->get = drv->get;
	k->put = drv->put;
	k->tlv.p = drv->tlv;
	k->private_value = drv->value;
	k->private_data = drv->data;
	k->private_free = drv->free;
}

static struct ss_ctl *ctl_new(struct ss_card *sc, struct snd_kcontrol *kctl)
{
	struct ss_ctl *sk = kzalloc(sizeof(*sk), GFP_KERNEL);

	if (!sk)
		return NULL;
	sk->sc = sc;
	sk->kctl = kctl;
	sk->seen = true;
	sk->extra = ss_in_update(sc);
	down_write(&sc->card->controls_rwsem);
	mutex_lock(&sc->lock);
	list_add_tail(&sk->list, &sc->ctls);
	mutex_unlock(&sc->lock);
	up_write(&sc->card->controls_rwsem);
	return sk;
}

/**
 * ss_ctl_track() - a driver is about to add a control
 * @sc: shadow of the card
 * @kctl: the control
 */
void ss_ctl_track(struct ss_card *sc, struct snd_kcontrol *kctl)
{
	if (!ctl_new(sc, kctl))
		pr_warn("card%d: no memory to shadow control '%s'\n", sc->card->number,
			kctl->id.name);
}

static void ctl_forget(struct ss_ctl *sk)
{
	kvfree(sk->info);
	kvfree(sk->value);
	kvfree(sk->names);
	kfree(sk->had);
	sk->info = NULL;
	sk->value = NULL;
	sk->names = NULL;
	sk->nr_names = 0;
	sk->had = NULL;
}

void ss_ctl_free(struct ss_ctl *sk)
{
	ctl_forget(sk);
	kfree(sk->twin);
	kfree(sk);
}

/**
 * ss_ctl_find() - the shadow of a control
 * @sc: shadow of its card
 * @kctl: the control, or its twin
 *
 * Return: the shadow or NULL.
 */
struct ss_ctl *ss_ctl_find(struct ss_card *sc, const struct snd_kcontrol *kctl)
{
	struct ss_ctl *sk, *found = NULL;

	mutex_lock(&sc->lock);
	list_for_each_entry(sk, &sc->ctls, list)
		if (sk->kctl == kctl || sk->twin == kctl) {
			found = sk;
			break;
		}
	mutex_unlock(&sc->lock);
	return found;
}

/* card->controls_rwsem is held for writing. */
static void ctl_unlist(struct ss_card *sc, struct ss_ctl *sk)
{
	mutex_lock(&sc->lock);
	list_del(&sk->list);
	mutex_unlock(&sc->lock);
}

/**
 * ss_ctl_drop() - a control did not get on the card
 * @sc: shadow of the card
 * @kctl: the control; it is gone
 */
void ss_ctl_drop(struct ss_card *sc, const struct snd_kcontrol *kctl)
{
	struct ss_ctl *sk = ss_ctl_find(sc, kctl);

	if (!sk)
		return;
	down_write(&sc->card->controls_rwsem);
	ctl_unlist(sc, sk);
	up_write(&sc->card->controls_rwsem);
	ss_ctl_free(sk);
}

/**
 * ss_ctl_mine() - what a driver that looks for a control is to find
 * @sc: shadow of the card
 * @kctl: what users have under that name
 *
 * In an update it finds what it added itself, and may change that: other
 * functions, another control as its master.
 *
 * Return: the control, or NULL.
 */
struct snd_kcontrol *ss_ctl_mine(struct ss_card *sc, struct snd_kcontrol *kctl)
{
	struct ss_ctl *sk = ss_in_update(sc) ? ss_ctl_find(sc, kctl) : NULL;

	if (!sk)
		return kctl;
	if (!sk->seen)
		return NULL;
	return sk->twin ?: sk->kctl;
}

/**
 * ss_ctl_adopt() - the incoming driver adds a control
 * @sc: shadow of the card
 * @twin: the control as it allocated it
 *
 * Return: true if it is one that the card has.
 */
bool ss_ctl_adopt(struct ss_card *sc, struct snd_kcontrol *twin)
{
	struct ss_ctl *sk, *found = NULL;

	mutex_lock(&sc->lock);
	list_for_each_entry(sk, &sc->ctls, list)
		if (sk->away && !sk->seen && sk->kctl->count == twin->count &&
		    ss_ctl_same_id(&sk->kctl->id, &twin->id)) {
			found = sk;
			break;
		}
	if (found) {
		found->seen = true;
		found->twin = twin;
		twin->id = found->kctl->id;
		driver_from(&found->drv, twin);
	}
	mutex_unlock(&sc->lock);
	return found;
}

static void info_of(struct snd_kcontrol *k, unsigned int i, unsigned int item,
		    struct snd_ctl_elem_info *info)
{
	memset(info, 0, sizeof(*info));
	snd_ctl_build_ioff(&info->id, k, i);
	info->value.enumerated.item = item;
	if (k->info(k, info) < 0)
		info->count = 0;
}

static int ctl_prepare(struct ss_ctl *sk)
{
	struct snd_kcontrol *k = sk->kctl;
	struct snd_ctl_elem_info first;

	ctl_forget(sk);
	sk->info = kvcalloc(k->count, sizeof(*sk->info), GFP_KERNEL);
	sk->value = kvcalloc(k->count, sizeof(*sk->value), GFP_KERNEL);
	sk->had = kcalloc(k->count, sizeof(*sk->had), GFP_KERNEL);
	if (!sk->info || !sk->value || !sk->had)
		return -ENOMEM;
	info_of(k, 0, 0, &first);
	if (first.type != SNDRV_CTL_ELEM_TYPE_ENUMERATED)
		return 0;
	sk->nr_names = min_t(unsigned int, first.value.enumerated.items, SS_MAX_NAMES);
	sk->names = kvcalloc(sk->nr_names, sizeof(*sk->names), GFP_KERNEL);
	return sk->names || !sk->nr_names ? 0 : -ENOMEM;
}

/**
 * ss_ctls_prepare() - room for what the controls of a card say
 * @sc: shadow of the card
 *
 * Return: 0 or -ENOMEM.
 */
int ss_ctls_prepare(struct ss_card *sc)
{
	struct ss_ctl *sk;
	int err = 0;

	down_read(&sc->card->controls_rwsem);
	list_for_each_entry(sk, &sc->ctls, list)
		if (!err && !sk->away)
			err = ctl_prepare(sk);
	up_read(&sc->card->controls_rwsem);
	return err;
}

/**
 * ss_ctls_unprepare() - undo of ss_ctls_prepare()
 * @sc: shadow of the card
 */
void ss_ctls_unprepare(struct ss_card *sc)
{
	struct ss_ctl *sk;

	down_write(&sc->card->controls_rwsem);
	list_for_each_entry(sk, &sc->ctls, list)
		if (!sk->away)
			ctl_forget(sk);
	up_write(&sc->card->controls_rwsem);
}

static void note_names(struct ss_ctl *sk)
{
	struct snd_ctl_elem_info info;
	unsigned int i;

	for (i = 0; i < sk->nr_names; i++) {
		info_of(sk->kctl, 0, i, &info);
		strscpy(sk->names[i], info.value.enumerated.name, sizeof(sk->names[i]));
	}
}

static void note_values(struct ss_ctl *sk)
{
	struct snd_kcontrol *k = sk->kctl;
	unsigned int i;

	for (i = 0; i < k->count; i++) {
		info_of(k, i, 0, &sk->info[i]);
		sk->had[i] = false;
		if (!k->get || !(k->vd[i].access & SNDRV_CTL_ELEM_ACCESS_READ))
			continue;
		memset(&sk->value[i], 0, sizeof(sk->value[i]));
		snd_ctl_build_ioff(&sk->value[i].id, k, i);
		sk->had[i] = k->get(k, &sk->value[i]) >= 0;
	}
	note_names(sk);
}

/* The driver's functions are called for the last time. */
static int ctl_away(struct ss_ctl *sk)
{
	struct snd_kcontrol *k = sk->kctl;
	int err;

	if (sk->away)
		return 0;
	/* Added since the transaction began. */
	err = sk->info ? 0 : ctl_prepare(sk);
	if (err)
		return err;
	note_values(sk);
	driver_from(&sk->drv, k);
	k->info = ss_away_info;
	k->get = k->get ? ss_away_get : NULL;
	k->put = k->put ? ss_away_put : NULL;
	if (k->vd[0].access & SNDRV_CTL_ELEM_ACCESS_TLV_CALLBACK)
		k->tlv.c = ss_away_tlv;
	k->private_value = (unsigned long)sk;
	sk->away = true;
	return 0;
}

/**
 * ss_ctls_away() - controls are answered by us
 * @sc: shadow of their card
 *
 * Return: 0 or -ENOMEM; then some may be away.
 */
int ss_ctls_away(struct ss_card *sc)
{
	struct ss_ctl *sk;
	int err = 0;

	down_write(&sc->card->controls_rwsem);
	list_for_each_entry(sk, &sc->ctls, list)
		if (!err && !sk->extra)
			err = ctl_away(sk);
	up_write(&sc->card->controls_rwsem);
	return err;
}

/* The driver frees its control, which is its twin or the one that users see. */
static void ctl_part(struct ss_ctl *sk)
{
	struct snd_kcontrol *k = sk->kctl;

	ctl_away(sk);
	if (sk->twin) {
		snd_ctl_free_one(sk->twin);
		sk->twin = NULL;
	} else if (sk->drv.free) {
		k->private_value = sk->drv.value;
		sk->drv.free(k);
		k->private_value = (unsigned long)sk;
	}
	k->private_free = NULL;
	k->private_data = NULL;
	memset(&sk->drv, 0, sizeof(sk->drv));
	sk->seen = false;
}

/**
 * ss_ctl_remove() - a driver takes a control off the card
 * @sc: shadow of the card
 * @kctl: the control, or its twin
 *
 * In an update, one that was there before stays for the driver that had it.
 *
 * Context: locks as for snd_ctl_remove(), which differs between kernels.
 * Return: 0 or an error.
 */
int ss_ctl_remove(struct ss_card *sc, struct snd_kcontrol *kctl)
{
	struct ss_ctl *sk = ss_ctl_find(sc, kctl);
	bool stays = sk && ss_in_update(sc) && !sk->extra;
	int err;

	if (!sk)
		return snd_ctl_remove(sc->card, kctl);
	ss_removing_lock(sc->card);
	if (!stays)
		ctl_unlist(sc, sk);
	else if (sk->seen)
		ctl_part(sk);
	ss_removing_unlock(sc->card);
	if (stays)
		return 0;
	err = snd_ctl_remove(sc->card, sk->kctl);
	/* Until now its functions may have been ours. */
	ss_ctl_free(sk);
	return err;
}

static struct ss_ctl *first_extra(struct ss_card *sc)
{
	struct ss_ctl *sk, *found = NULL;

	mutex_lock(&sc->lock);
	list_for_each_entry(sk, &sc->ctls, list)
		if (sk->extra) {
			found = sk;
			break;
		}
	mutex_unlock(&sc->lock);
	return found;
}

/**
 * ss_ctls_part() - a driver goes, its controls stay
 * @sc: shadow of their card
 */
void ss_ctls_part(struct ss_card *sc)
{
	struct ss_ctl *sk;

	while ((sk = first_extra(sc))) {
		ss_remove_begin(sc->card);
		ss_ctl_remove(sc, sk->kctl);
		ss_remove_end(sc->card);
	}
	down_write(&sc->card->controls_rwsem);
	list_for_each_entry(sk, &sc->ctls, list)
		if (sk->seen)
			ctl_part(sk);
	up_write(&sc->card->controls_rwsem);
}

static void verify_enum(struct ss_ctl *sk, struct lu_txn *txn)
{
	struct snd_ctl_elem_info info;
	unsigned int i;

	for (i = 0; i < sk->nr_names; i++) {
		info_of(sk->twin, 0, i, &info);
		if (i >= info.value.enumerated.items ||
		    strncmp(sk->names[i], info.value.enumerated.name, sizeof(sk->names[i])))
			lu_mismatch(txn, "control '%s': item '%s' missing", sk->kctl->id.name,
				    sk->names[i]);
	}
}

static void verify_element(struct ss_ctl *sk, unsigned int i, struct lu_txn *txn)
{
	const struct snd_ctl_elem_info *was = &sk->info[i];
	const char *name = sk->kctl->id.name;
	struct snd_ctl_elem_info now;

	info_of(sk->twin, i, 0, &now);
	if (now.type != was->type)
		lu_mismatch(txn, "control '%s': another type", name);
	else if (now.count < was->count)
		lu_mismatch(txn, "control '%s': count %u < %u", name, now.count, was->count);
	else if (now.type == SNDRV_CTL_ELEM_TYPE_INTEGER &&
		 (now.value.integer.min > was->value.integer.min ||
		  now.value.integer.max < was->value.integer.max))
		lu_mismatch(txn, "control '%s': range %ld..%ld, was %ld..%ld", name,
			    now.value.integer.min, now.value.integer.max,
			    was->value.integer.min, was->value.integer.max);
}

static void ctl_verify(struct ss_ctl *sk, struct lu_txn *txn)
{
	const unsigned int bits = SNDRV_CTL_ELEM_ACCESS_READWRITE |
				  SNDRV_CTL_ELEM_ACCESS_TLV_READWRITE;
	unsigned int i, lost;

	if (!sk->seen || !sk->twin) {
		if (!sk->lost)
			lu_mismatch(txn, "control '%s' missing", sk->kctl->id.name);
		return;
	}
	lost = sk->kctl->vd[0].access & ~sk->twin->vd[0].access & bits;
	if (lost)
		lu_mismatch(txn, "control '%s': access %#x lost", sk->kctl->id.name, lost);
	for (i = 0; i < sk->kctl->count; i++)
		verify_element(sk, i, txn);
	verify_enum(sk, txn);
}

/**
 * ss_ctls_verify() - does the incoming driver have the controls of the old one?
 * @sc: shadow of the card
 * @txn: the transaction
 */
void ss_ctls_verify(struct ss_card *sc, struct lu_txn *txn)
{
	struct ss_ctl *sk;

	down_write(&sc->card->controls_rwsem);
	list_for_each_entry(sk, &sc->ctls, list)
		if (!sk->extra)
			ctl_verify(sk, txn);
	up_write(&sc->card->controls_rwsem);
}

static bool to_replay(const struct ss_ctl *sk, unsigned int i)
{
	unsigned int access = sk->kctl->vd[i].access;

	return sk->had[i] && sk->kctl->put && (access & SNDRV_CTL_ELEM_ACCESS_WRITE) &&
	       !(access & (SNDRV_CTL_ELEM_ACCESS_VOLATILE | SNDRV_CTL_ELEM_ACCESS_INACTIVE));
}

static unsigned int ctl_replay(struct ss_ctl *sk)
{
	struct snd_kcontrol *k = sk->kctl;
	unsigned int i, n = 0;

	if (!sk->away || !sk->seen)
		return 0;
	/* The driver may have changed it since it added it. */
	if (sk->twin)
		driver_from(&sk->drv, sk->twin);
	driver_to(k, &sk->drv);
	sk->away = false;
	for (i = 0; i < k->count; i++) {
		if (sk->twin)
			k->vd[i].access = sk->twin->vd[i].access;
		if (!to_replay(sk, i))
			continue;
		snd_ctl_build_ioff(&sk->value[i].id, k, i);
		if (k->put(k, &sk->value[i]) < 0)
			pr_warn("card%d: control '%s' not restored\n", sk->sc->card->number,
				k->id.name);
		else
			n++;
	}
	return n;
}

/**
 * ss_ctls_replay() - the driver that is bound now has the controls
 * @sc: shadow of the card
 *
 * It is told their values; nobody else is, for they did not change.
 *
 * Return: number of values.
 */
unsigned int ss_ctls_replay(struct ss_card *sc)
{
	unsigned int n = 0;
	struct ss_ctl *sk;

	down_write(&sc->card->controls_rwsem);
	list_for_each_entry(sk, &sc->ctls, list)
		n += ctl_replay(sk);
	up_write(&sc->card->controls_rwsem);
	return n;
}

/**
 * ss_ctls_settle() - what the driver that stays added is the card's
 * @sc: shadow of the card
 */
void ss_ctls_settle(struct ss_card *sc)
{
	struct ss_ctl *sk;

	list_for_each_entry(sk, &sc->ctls, list) {
		sk->extra = false;
		sk->lost = !sk->seen;
	}
}
