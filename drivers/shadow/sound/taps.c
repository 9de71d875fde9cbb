// SPDX-License-Identifier: GPL-2.0
/*
 * Taps of the sound class: what a managed driver's imports are bound to. Each
 * finds the shadow, asks whether an update is under way and either calls the
 * kernel's function or conceals the call. Policy is elsewhere. The module links
 * against the sound core; raw MIDI is a module of its own, of which only the
 * drivers that use it have need.
 */
#include "sound_shadow.h"

#include <linux/slab.h>

/* Functions of a card that became void: what they return on this kernel, and that it is 0. */
#define SS_RESULT(_fn)	typeof(_fn(NULL))
#define SS_DONE(_fn)	((SS_RESULT(_fn))0)

/* The card */

static int card_made(struct snd_card *card, struct lu_device *ldev, struct module *owner,
		     bool managed, void *area)
{
	struct ss_card *sc = ss_track(card, ldev, managed, managed ? NULL : area);

	if (!sc) {
		snd_card_free(card);
		if (!managed)
			kfree(area);
		return -ENOMEM;
	}
	sc->owner = owner;
	card->private_data = area;
	return managed ? ss_card_managed(sc, ldev->dev) : 0;
}

static int card_handed(struct ss_card *sc, struct module *owner, bool managed, size_t extra,
		       struct snd_card **ret)
{
	struct snd_card *card;

	sc->managed = managed;
	card = ss_card_hand_out(sc, owner, extra);
	if (IS_ERR(card))
		return PTR_ERR(card);
	*ret = card;
	return managed ? ss_card_managed(sc, sc->ldev->dev) : 0;
}

static int card_new(struct lu_device *ldev, int idx, const char *xid, struct module *owner,
		    bool managed, size_t extra, struct snd_card **ret)
{
	struct ss_card *sc = ss_find_kept(ldev);
	struct snd_card *card;
	void *area;
	int err;

	if (sc)
		return card_handed(sc, owner, managed, extra, ret);
	/* Freed by devres after everything that the driver allocates from now on. */
	area = managed ? devm_kzalloc(ldev->dev, extra, GFP_KERNEL) : kzalloc(extra, GFP_KERNEL);
	if (!area)
		return -ENOMEM;
	err = snd_card_new(ldev->dev, idx, xid, owner, 0, &card);
	if (err) {
		if (!managed)
			kfree(area);
		return err;
	}
	err = card_made(card, ldev, owner, managed, area);
	if (!err)
		*ret = card;
	return err;
}

static int lu_tap_snd_card_new(struct device *parent, int idx, const char *xid,
			       struct module *module, int extra_size, struct snd_card **card_ret)
{
	struct lu_device *ldev = lu_current_device();

	if (!ldev || ldev->dev != parent)
		return snd_card_new(parent, idx, xid, module, extra_size, card_ret);
	return card_new(ldev, idx, xid, module, false, max(extra_size, 0), card_ret);
}

static int lu_tap_snd_devm_card_new(struct device *parent, int idx, const char *xid,
				    struct module *module, size_t extra_size,
				    struct snd_card **card_ret)
{
	struct lu_device *ldev = lu_current_device();

	if (!ldev || ldev->dev != parent)
		return snd_devm_card_new(parent, idx, xid, module, extra_size, card_ret);
	return card_new(ldev, idx, xid, module, true, extra_size, card_ret);
}

static int lu_tap_snd_card_register(struct snd_card *card)
{
	struct ss_card *sc = ss_find(card);
	int err;

	if (sc && ss_in_update(sc))
		return ss_card_adopt(sc);
	if (sc && sc->mode == SS_NEW)
		ss_moment_made(sc);
	err = snd_card_register(card);
	if (!err && sc && sc->mode == SS_NEW)
		err = ss_card_registered(sc);
	return err;
}

static SS_RESULT(snd_card_free) lu_tap_snd_card_free(struct snd_card *card)
{
	struct ss_card *sc = ss_find(card);

	if (sc)
		ss_card_gone(sc);
	else
		snd_card_free(card);
	return SS_DONE(snd_card_free);
}

static SS_RESULT(snd_card_free_when_closed) lu_tap_snd_card_free_when_closed(struct snd_card *card)
{
	struct ss_card *sc = ss_find(card);

	if (sc && ss_in_update(sc)) {
		ss_card_gone(sc);
		return SS_DONE(snd_card_free_when_closed);
	}
	if (sc) {
		sc->handed = false;
		ss_card_leave(sc);
	}
	snd_card_free_when_closed(card);
	return SS_DONE(snd_card_free_when_closed);
}

static SS_RESULT(snd_card_disconnect) lu_tap_snd_card_disconnect(struct snd_card *card)
{
	struct ss_card *sc = ss_find(card);

	if (!sc || !ss_in_update(sc))
		snd_card_disconnect(card);
	return SS_DONE(snd_card_disconnect);
}

static void lu_tap_snd_card_disconnect_sync(struct snd_card *card)
{
	struct ss_card *sc = ss_find(card);

	if (!sc || !ss_in_update(sc))
		snd_card_disconnect_sync(card);
}

static int lu_tap_snd_card_free_on_error(struct device *dev, int ret)
{
	struct lu_device *ldev = ret ? lu_current_device() : NULL;
	struct ss_card *sc = ldev ? ss_find_handed(ldev) : NULL;

	if (sc && sc->managed)
		ss_card_gone(sc);
	return snd_card_free_on_error(dev, ret);
}

static int lu_tap_snd_card_rw_proc_new(struct snd_card *card, const char *name,
				       void *private_data,
				       void (*read)(struct snd_info_entry *,
						    struct snd_info_buffer *),
				       void (*write)(struct snd_info_entry *,
						     struct snd_info_buffer *))
{
	struct ss_card *sc = ss_find(card);
	struct snd_info_entry *entry;

	if (!sc)
		return snd_card_rw_proc_new(card, name, private_data, read, write);
	entry = snd_info_create_card_entry(card, name, card->proc_root);
	if (!entry)
		return -ENOMEM;
	snd_info_set_text_ops(entry, private_data, read);
	if (write) {
		entry->mode |= 0200;
		entry->c.text.write = write;
	}
	entry->module = sc->owner;
	if (ss_part_add(sc, &sc->procs, entry)) {
		snd_info_free_entry(entry);
		return -ENOMEM;
	}
	return 0;
}

/* Parts of the driver's own */

static int lu_tap_snd_device_new(struct snd_card *card, enum snd_device_type type,
				 void *device_data, const struct snd_device_ops *ops)
{
	struct ss_card *sc = ss_find(card);
	int err = snd_device_new(card, type, device_data, ops);

	/* What is not noted here makes an update impossible. */
	if (!err && sc && ss_part_add(sc, &sc->parts, device_data))
		pr_warn("card%d: no memory to note a part of it\n", card->number);
	return err;
}

/* One that is kept in an update, as far as the driver is concerned. */
static bool kept_freed(struct ss_card *sc, const void *data)
{
	struct ss_hwdep *sh = ss_hwdep_find(sc, data);
	struct ss_jack *sj = ss_jack_find(sc, data);
	struct ss_pcm *sp;

	if (sh)
		ss_hwdep_part(sc, sh);
	if (sj)
		ss_jack_part(sc, sj);
	if (sh || sj)
		return true;
	list_for_each_entry(sp, &sc->pcms, list) {
		if (sp->pcm != data)
			continue;
		if (!ss_in_update(sc) || sp->extra)
			ss_pcm_drop(sp);
		return true;
	}
	return false;
}

static void lu_tap_snd_device_free(struct snd_card *card, void *device_data)
{
	struct ss_card *sc = ss_find(card);

	if (sc && !ss_part_drop(sc, &sc->parts, device_data) && kept_freed(sc, device_data))
		return;
	snd_device_free(card, device_data);
}

static void lu_tap_snd_device_disconnect(struct snd_card *card, void *device_data)
{
	struct ss_card *sc = ss_find(card);

	if (!sc || !ss_in_update(sc))
		snd_device_disconnect(card, device_data);
}

static int lu_tap_snd_jack_new(struct snd_card *card, const char *id, int type,
			       struct snd_jack **jack, bool initial_kctl, bool phantom_jack)
{
	struct ss_card *sc = ss_find(card);

	return sc ? ss_jack_new(sc, id, type, jack, initial_kctl, phantom_jack) :
	       snd_jack_new(card, id, type, jack, initial_kctl, phantom_jack);
}

static int lu_tap_snd_jack_add_new_kctl(struct snd_jack *jack, const char *name, int mask)
{
	struct ss_card *sc = ss_find(jack->card);

	return sc ? ss_jack_kctl(sc, jack, name, mask) : snd_jack_add_new_kctl(jack, name, mask);
}

static int lu_tap_snd_hwdep_new(struct snd_card *card, char *id, int device,
				struct snd_hwdep **rhwdep)
{
	struct ss_card *sc = ss_find(card);

	return sc ? ss_hwdep_new(sc, id, device, rhwdep) :
	       lu_orig(snd_hwdep_new, &sound_taps[SS_TAP_HWDEP_NEW])(card, id, device, rhwdep);
}

/* PCMs */

static int lu_tap_snd_pcm_new(struct snd_card *card, const char *id, int device,
			      int playback_count, int capture_count, struct snd_pcm **rpcm)
{
	struct ss_card *sc = ss_find(card);

	if (!sc)
		return snd_pcm_new(card, id, device, playback_count, capture_count, rpcm);
	return ss_pcm_new(sc, id, device, playback_count, capture_count, rpcm);
}

static void lu_tap_snd_pcm_set_ops(struct snd_pcm *pcm, int direction,
				   const struct snd_pcm_ops *ops)
{
	struct ss_pcm *sp = ss_pcm_find(pcm);

	if (sp)
		ss_pcm_set_ops(sp, direction, ops);
	else
		snd_pcm_set_ops(pcm, direction, ops);
}

/* The shadow of a PCM whose buffers are there already. */
static struct ss_pcm *with_buffers(const struct snd_pcm *pcm)
{
	struct ss_pcm *sp = ss_pcm_find(pcm);

	return sp && ss_in_update(sp->sc) && !sp->extra ? sp : NULL;
}

static int lu_tap_snd_pcm_set_managed_buffer(struct snd_pcm_substream *ss, int type,
					     struct device *data, size_t size, size_t max)
{
	struct ss_pcm *sp = with_buffers(ss->pcm);

	if (sp)
		return ss_pcm_buffer(sp, ss, type, data, max);
	ss_pcm_buffer_made(ss->pcm, ss, type, data);
	return snd_pcm_set_managed_buffer(ss, type, data, size, max);
}

static int lu_tap_snd_pcm_set_managed_buffer_all(struct snd_pcm *pcm, int type,
						 struct device *data, size_t size, size_t max)
{
	struct ss_pcm *sp = with_buffers(pcm);

	if (sp)
		return ss_pcm_buffer(sp, NULL, type, data, max);
	ss_pcm_buffer_made(pcm, NULL, type, data);
	return snd_pcm_set_managed_buffer_all(pcm, type, data, size, max);
}

static void lu_tap_snd_pcm_lib_preallocate_pages(struct snd_pcm_substream *ss, int type,
						 struct device *data, size_t size, size_t max)
{
	struct ss_pcm *sp = with_buffers(ss->pcm);

	if (sp) {
		ss_pcm_buffer(sp, ss, type, data, max);
		return;
	}
	ss_pcm_buffer_made(ss->pcm, ss, type, data);
	snd_pcm_lib_preallocate_pages(ss, type, data, size, max);
}

static void lu_tap_snd_pcm_lib_preallocate_pages_for_all(struct snd_pcm *pcm, int type,
							 void *data, size_t size, size_t max)
{
	struct ss_pcm *sp = with_buffers(pcm);

	if (sp) {
		ss_pcm_buffer(sp, NULL, type, data, max);
		return;
	}
	ss_pcm_buffer_made(pcm, NULL, type, data);
	snd_pcm_lib_preallocate_pages_for_all(pcm, type, data, size, max);
}

static void lu_tap_snd_pcm_lib_preallocate_free_for_all(struct snd_pcm *pcm)
{
	if (!with_buffers(pcm))
		snd_pcm_lib_preallocate_free_for_all(pcm);
}

/* The buffer of an open stream, which clients may have mapped. */

static int lu_tap_snd_pcm_lib_malloc_pages(struct snd_pcm_substream *ss, size_t size)
{
	if (with_buffers(ss->pcm) && ss->runtime && ss->runtime->dma_buffer_p)
		return ss->runtime->dma_buffer_p->bytes >= size ? 0 : -ENOMEM;
	return snd_pcm_lib_malloc_pages(ss, size);
}

static int lu_tap_snd_pcm_lib_free_pages(struct snd_pcm_substream *ss)
{
	return with_buffers(ss->pcm) ? 0 : snd_pcm_lib_free_pages(ss);
}

static int lu_tap_snd_pcm_add_chmap_ctls(struct snd_pcm *pcm, int stream,
					 const struct snd_pcm_chmap_elem *chmap,
					 int max_channels, unsigned long private_value,
					 struct snd_pcm_chmap **info_ret)
{
	struct ss_pcm *sp = ss_pcm_find(pcm);

	if (sp)
		return ss_pcm_chmap(sp, stream, chmap, max_channels, private_value, info_ret);
	return snd_pcm_add_chmap_ctls(pcm, stream, chmap, max_channels, private_value, info_ret);
}

/* Controls */

static int lu_tap_snd_ctl_add(struct snd_card *card, struct snd_kcontrol *kcontrol)
{
	struct ss_card *sc = kcontrol ? ss_find(card) : NULL;

	return sc ? ss_ctl_add(sc, kcontrol) : snd_ctl_add(card, kcontrol);
}

static int lu_tap_snd_ctl_remove(struct snd_card *card, struct snd_kcontrol *kcontrol)
{
	struct ss_card *sc = kcontrol ? ss_find(card) : NULL;

	return sc ? ss_ctl_take_off(sc, kcontrol) : snd_ctl_remove(card, kcontrol);
}

static int lu_tap_snd_ctl_remove_id(struct snd_card *card, struct snd_ctl_elem_id *id)
{
	struct ss_card *sc = ss_find(card);
	struct snd_kcontrol *kctl;
	int err = -ENOENT;

	if (!sc)
		return snd_ctl_remove_id(card, id);
	ss_remove_begin(card);
	kctl = ss_ctl_find_mine(sc, id);
	if (kctl)
		err = ss_ctl_take_off(sc, kctl);
	ss_remove_end(card);
	return err;
}

static struct snd_kcontrol *lu_tap_snd_ctl_find_id(struct snd_card *card,
						   const struct snd_ctl_elem_id *id)
{
	struct ss_card *sc = ss_find(card);

	return sc ? ss_ctl_find_mine(sc, id) : snd_ctl_find_id(card, id);
}

static int lu_tap_snd_ctl_replace(struct snd_card *card, struct snd_kcontrol *kcontrol,
				  bool add_on_replace)
{
	struct ss_card *sc = kcontrol ? ss_find(card) : NULL;
	struct snd_ctl_elem_id id;
	int err;

	if (!sc)
		return snd_ctl_replace(card, kcontrol, add_on_replace);
	id = kcontrol->id;
	err = lu_tap_snd_ctl_remove_id(card, &id);
	if (err && !(err == -ENOENT && add_on_replace)) {
		snd_ctl_free_one(kcontrol);
		return -EINVAL;
	}
	return ss_ctl_add(sc, kcontrol);
}

static void lu_tap_snd_ctl_rename(struct snd_card *card, struct snd_kcontrol *kctl,
				  const char *name)
{
	struct ss_card *sc = ss_find(card);

	if (!sc || !ss_ctl_rename(sc, kctl, name))
		snd_ctl_rename(card, kctl, name);
}

static int lu_tap_snd_ctl_rename_id(struct snd_card *card, struct snd_ctl_elem_id *src_id,
				    struct snd_ctl_elem_id *dst_id)
{
	struct ss_card *sc = ss_find(card);
	struct snd_kcontrol *kctl;

	if (!sc || !ss_in_update(sc))
		return snd_ctl_rename_id(card, src_id, dst_id);
	kctl = ss_ctl_find_mine(sc, src_id);
	if (!kctl)
		return -ENOENT;
	kctl->id = *dst_id;
	return 0;
}

/* Raw MIDI */

static int lu_tap_snd_rawmidi_new(struct snd_card *card, char *id, int device,
				  int output_count, int input_count, struct snd_rawmidi **rmidi)
{
	struct ss_card *sc = ss_find(card);

	if (!sc)
		return lu_orig(snd_rawmidi_new, &sound_taps[SS_TAP_RAWMIDI_NEW])
			(card, id, device, output_count, input_count, rmidi);
	return ss_midi_new(sc, id, device, output_count, input_count, rmidi);
}

static void lu_tap_snd_rawmidi_set_ops(struct snd_rawmidi *rmidi, int stream,
				       const struct snd_rawmidi_ops *ops)
{
	if (ss_midi_set_ops(rmidi, stream, ops))
		lu_orig(snd_rawmidi_set_ops, &sound_taps[SS_TAP_RAWMIDI_SET_OPS])
			(rmidi, stream, ops);
}

struct lu_tap sound_taps[] = {
	[SS_TAP_RAWMIDI_NEW] = LU_TAP(snd_rawmidi_new, LU_TAP_OBJECT),
	[SS_TAP_RAWMIDI_SET_OPS] = LU_TAP(snd_rawmidi_set_ops, LU_TAP_OBJECT),
	[SS_TAP_HWDEP_NEW] = LU_TAP(snd_hwdep_new, LU_TAP_OBJECT),
	LU_TAP(snd_card_new, LU_TAP_OBJECT),
	LU_TAP(snd_devm_card_new, LU_TAP_OBJECT),
	LU_TAP(snd_card_register, LU_TAP_OBJECT),
	LU_TAP(snd_card_free, LU_TAP_CONCEAL),
	LU_TAP(snd_card_free_when_closed, LU_TAP_CONCEAL),
	LU_TAP(snd_card_free_on_error, LU_TAP_CONCEAL),
	LU_TAP(snd_card_disconnect, LU_TAP_CONCEAL),
	LU_TAP(snd_card_disconnect_sync, LU_TAP_CONCEAL),
	LU_TAP(snd_card_rw_proc_new, LU_TAP_OBJECT),
	LU_TAP(snd_device_new, LU_TAP_OBJECT),
	LU_TAP(snd_device_free, LU_TAP_OBJECT),
	LU_TAP(snd_device_disconnect, LU_TAP_CONCEAL),
	LU_TAP(snd_jack_new, LU_TAP_OBJECT),
	LU_TAP(snd_jack_add_new_kctl, LU_TAP_OBJECT),
	LU_TAP(snd_pcm_new, LU_TAP_OBJECT),
	LU_TAP(snd_pcm_set_ops, LU_TAP_OBJECT),
	LU_TAP(snd_pcm_set_managed_buffer, LU_TAP_CONCEAL),
	LU_TAP(snd_pcm_set_managed_buffer_all, LU_TAP_CONCEAL),
	LU_TAP(snd_pcm_lib_preallocate_pages, LU_TAP_CONCEAL),
	LU_TAP(snd_pcm_lib_preallocate_pages_for_all, LU_TAP_CONCEAL),
	LU_TAP(snd_pcm_lib_preallocate_free_for_all, LU_TAP_CONCEAL),
	LU_TAP(snd_pcm_lib_malloc_pages, LU_TAP_CONCEAL),
	LU_TAP(snd_pcm_lib_free_pages, LU_TAP_CONCEAL),
	LU_TAP(snd_pcm_add_chmap_ctls, LU_TAP_OBJECT),
	LU_TAP(snd_ctl_add, LU_TAP_OBJECT),
	LU_TAP(snd_ctl_remove, LU_TAP_CONCEAL),
	LU_TAP(snd_ctl_remove_id, LU_TAP_CONCEAL),
	LU_TAP(snd_ctl_replace, LU_TAP_OBJECT),
	LU_TAP(snd_ctl_find_id, LU_TAP_OBJECT),
	LU_TAP(snd_ctl_rename, LU_TAP_OBJECT),
	LU_TAP(snd_ctl_rename_id, LU_TAP_OBJECT),
#ifdef SS_FIND_ID_LOCKED
	LU_TAP_AS(snd_ctl_find_id_locked, lu_tap_snd_ctl_find_id, LU_TAP_OBJECT),
#endif
};

const size_t sound_nr_taps = ARRAY_SIZE(sound_taps);
