// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: controls of a driver that probes in an update
 *
 * A driver may give a control another name after it added it, by hand, so what
 * it adds is put aside until it registers the card. Then those that the card has
 * become twins, and the others are new. Meanwhile the driver finds, renames and
 * removes what it added itself, and nothing else: to it the card is fresh.
 */
#include "sound_shadow.h"

#include <linux/slab.h>
#include <linux/string.h>

bool ss_ctl_same_id(const struct snd_ctl_elem_id *a, const struct snd_ctl_elem_id *b)
{
	return a->iface == b->iface && a->device == b->device &&
	       a->subdevice == b->subdevice && a->index == b->index &&
	       !strncmp(a->name, b->name, sizeof(a->name));
}

static struct snd_kcontrol *added_find(struct ss_card *sc, const struct snd_ctl_elem_id *id)
{
	struct snd_kcontrol *found = NULL, *k;
	struct ss_part *part;

	mutex_lock(&sc->lock);
	list_for_each_entry(part, &sc->added, list) {
		k = part->thing;
		if (ss_ctl_same_id(&k->id, id)) {
			found = k;
			break;
		}
	}
	mutex_unlock(&sc->lock);
	return found;
}

/* Users see it now, or it is the twin of what they see. */
static int ctl_place(struct ss_card *sc, struct snd_kcontrol *kctl)
{
	int err;

	if (ss_ctl_adopt(sc, kctl))
		return 0;
	ss_ctl_track(sc, kctl);
	err = snd_ctl_add(sc->card, kctl);
	if (err)
		ss_ctl_drop(sc, kctl);
	return err;
}

/**
 * ss_ctl_add() - a driver adds a control
 * @sc: shadow of the card
 * @kctl: the control; freed on error
 *
 * Return: 0 or an error.
 */
int ss_ctl_add(struct ss_card *sc, struct snd_kcontrol *kctl)
{
	int err = -EBUSY;

	if (!ss_in_update(sc) || sc->adopted)
		return ctl_place(sc, kctl);
	if (!added_find(sc, &kctl->id))
		err = ss_part_add(sc, &sc->added, kctl);
	if (err)
		snd_ctl_free_one(kctl);
	return err;
}

/**
 * ss_ctls_place() - the incoming driver registers the card
 * @sc: shadow of the card
 *
 * Return: 0 or an error.
 */
int ss_ctls_place(struct ss_card *sc)
{
	struct snd_kcontrol *kctl;
	int err = 0;

	while (!err && !list_empty(&sc->added)) {
		kctl = list_first_entry(&sc->added, struct ss_part, list)->thing;
		ss_part_drop(sc, &sc->added, kctl);
		err = ctl_place(sc, kctl);
	}
	return err;
}

/**
 * ss_ctls_forget() - what a driver added and did not register goes
 * @sc: shadow of the card
 */
void ss_ctls_forget(struct ss_card *sc)
{
	struct snd_kcontrol *kctl;

	while (!list_empty(&sc->added)) {
		kctl = list_first_entry(&sc->added, struct ss_part, list)->thing;
		ss_part_drop(sc, &sc->added, kctl);
		snd_ctl_free_one(kctl);
	}
}

/**
 * ss_ctl_find_mine() - a driver looks for a control
 * @sc: shadow of the card
 * @id: its name and so on, or its number
 *
 * Return: what it added, or NULL.
 */
struct snd_kcontrol *ss_ctl_find_mine(struct ss_card *sc, const struct snd_ctl_elem_id *id)
{
	struct snd_kcontrol *kctl = NULL;

	if (ss_in_update(sc) && !id->numid)
		kctl = added_find(sc, id);
	if (kctl)
		return kctl;
	kctl = snd_ctl_find_id(sc->card, id);
	return kctl ? ss_ctl_mine(sc, kctl) : NULL;
}

/**
 * ss_ctl_take_off() - a driver takes a control off the card
 * @sc: shadow of the card
 * @kctl: the control
 *
 * Context: locks as for snd_ctl_remove(), which differs between kernels.
 * Return: 0 or an error.
 */
int ss_ctl_take_off(struct ss_card *sc, struct snd_kcontrol *kctl)
{
	if (!ss_part_drop(sc, &sc->added, kctl))
		return ss_ctl_remove(sc, kctl);
	snd_ctl_free_one(kctl);
	return 0;
}

/**
 * ss_ctl_rename() - a driver gives a control another name
 * @sc: shadow of the card
 * @kctl: the control
 * @name: the name
 *
 * Return: false if it is to be done by the sound core.
 */
bool ss_ctl_rename(struct ss_card *sc, struct snd_kcontrol *kctl, const char *name)
{
	struct ss_ctl *sk = ss_ctl_find(sc, kctl);
	bool update = ss_in_update(sc);

	if (!update && (!sk || sk->twin != kctl))
		return false;
	/* It is on no card; a twin has the number of one that is. */
	strscpy(kctl->id.name, name, sizeof(kctl->id.name));
	if (!update)
		snd_ctl_rename(sc->card, sk->kctl, name);
	return true;
}
