// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: PCMs change hands
 *
 * A PCM is known by its device number. The incoming driver gets the kept one
 * with the driver's part as of a fresh one; the buffers that were allocated for
 * it, mapped by clients, stay. Its table of operations is noted and comes in
 * force when the stream lands, see stream.c.
 */
#include "sound_shadow.h"

#include <linux/slab.h>
#include <linux/string.h>

/**
 * ss_pcm_find() - the shadow of a PCM
 * @pcm: a PCM, tracked or not
 *
 * Context: Process context.
 * Return: the shadow or NULL.
 */
struct ss_pcm *ss_pcm_find(const struct snd_pcm *pcm)
{
	struct ss_card *sc = ss_find(pcm->card);
	struct ss_pcm *sp, *found = NULL;

	if (!sc)
		return NULL;
	mutex_lock(&sc->lock);
	list_for_each_entry(sp, &sc->pcms, list)
		if (sp->pcm == pcm) {
			found = sp;
			break;
		}
	mutex_unlock(&sc->lock);
	return found;
}

/**
 * ss_next_stream() - walk the streams of a card
 * @sc: shadow of the card
 * @st: where the walk stands; NULL begins
 *
 * Return: the next one or NULL.
 */
struct ss_stream *ss_next_stream(struct ss_card *sc, struct ss_stream *st)
{
	struct ss_pcm *sp = st ? st->sp : NULL;

	if (sp && st == &sp->st[0])
		return &sp->st[1];
	if (!sp)
		sp = list_first_entry_or_null(&sc->pcms, struct ss_pcm, list);
	else if (list_is_last(&sp->list, &sc->pcms))
		sp = NULL;
	else
		sp = list_next_entry(sp, list);
	return sp ? &sp->st[0] : NULL;
}

void ss_pcm_name(char *dst, size_t size, const struct ss_stream *st)
{
	const struct ss_pcm *sp = st->sp;

	snprintf(dst, size, "pcmC%dD%d%c", sp->pcm->card->number, sp->pcm->device,
		 st == &sp->st[SNDRV_PCM_STREAM_PLAYBACK] ? 'p' : 'c');
}

void ss_pcm_free(struct ss_pcm *sp)
{
	kfree(sp->st[0].subs);
	kfree(sp->st[1].subs);
	kfree(sp);
}

static int stream_init(struct ss_pcm *sp, int direction)
{
	struct ss_stream *st = &sp->st[direction];
	struct snd_pcm_str *str = &sp->pcm->streams[direction];
	struct snd_pcm_substream *ss;
	struct ss_sub *sub;

	st->sp = sp;
	st->away = ss_away_ops;
	if (!str->substream_count)
		return 0;
	st->subs = kcalloc(str->substream_count, sizeof(*st->subs), GFP_KERNEL);
	if (!st->subs)
		return -ENOMEM;
	for (ss = str->substream; ss; ss = ss->next) {
		sub = &st->subs[st->nr++];
		sub->ss = ss;
		sub->st = st;
		ss_pretend_init(sub);
	}
	return 0;
}

static struct ss_pcm *pcm_track(struct ss_card *sc, struct snd_pcm *pcm)
{
	struct ss_pcm *sp = kzalloc(sizeof(*sp), GFP_KERNEL);

	if (!sp)
		return NULL;
	sp->sc = sc;
	sp->pcm = pcm;
	sp->handed = true;
	sp->extra = ss_in_update(sc);
	if (stream_init(sp, 0) || stream_init(sp, 1)) {
		ss_pcm_free(sp);
		return NULL;
	}
	mutex_lock(&sc->lock);
	list_add_tail(&sp->list, &sc->pcms);
	mutex_unlock(&sc->lock);
	return sp;
}

static struct ss_pcm *pcm_kept(struct ss_card *sc, int device)
{
	struct ss_pcm *sp;

	list_for_each_entry(sp, &sc->pcms, list)
		if (sp->pcm->device == device && !sp->handed && ss_in_update(sc))
			return sp;
	return NULL;
}

/**
 * ss_pcm_new() - a driver makes a PCM
 * @sc: shadow of the card
 * @id: as for snd_pcm_new()
 * @device: likewise
 * @playback: likewise
 * @capture: likewise
 * @ret: likewise
 *
 * Return: 0 or an error.
 */
int ss_pcm_new(struct ss_card *sc, const char *id, int device, int playback, int capture,
	       struct snd_pcm **ret)
{
	struct ss_pcm *sp = pcm_kept(sc, device);
	struct snd_pcm *pcm;
	int err;

	if (!sp) {
		err = snd_pcm_new(sc->card, id, device, playback, capture, &pcm);
		if (!err && !pcm_track(sc, pcm))
			pr_warn("card%d: no memory to shadow PCM %d, it cannot be updated\n",
				sc->card->number, device);
		if (!err && ret)
			*ret = pcm;
		return err;
	}
	pcm = sp->pcm;
	pcm->private_data = NULL;
	pcm->private_free = NULL;
	pcm->info_flags = 0;
	pcm->dev_class = 0;
	pcm->dev_subclass = 0;
	if (id)
		strscpy(pcm->id, id, sizeof(pcm->id));
	sp->st[SNDRV_PCM_STREAM_PLAYBACK].asked = playback;
	sp->st[SNDRV_PCM_STREAM_CAPTURE].asked = capture;
	sp->handed = true;
	if (ret)
		*ret = pcm;
	return 0;
}

/**
 * ss_pcm_set_ops() - a driver gives its table of operations
 * @sp: shadow of the PCM
 * @direction: of the stream
 * @ops: the table
 */
void ss_pcm_set_ops(struct ss_pcm *sp, int direction, const struct snd_pcm_ops *ops)
{
	struct ss_stream *st = &sp->st[direction];

	st->drv = ops;
	st->ops = *ops;
	st->ops.open = ss_drv_open;
	if (!ss_in_update(sp->sc) || sp->extra)
		snd_pcm_set_ops(sp->pcm, direction, &st->ops);
}

/**
 * ss_pcm_buffer_made() - a driver said which buffers its PCM needs
 * @pcm: the PCM
 * @one: of this substream, or NULL for all
 * @type: kind of memory
 * @dev: for which device
 */
void ss_pcm_buffer_made(struct snd_pcm *pcm, const struct snd_pcm_substream *one, int type,
			struct device *dev)
{
	struct ss_pcm *sp = ss_pcm_find(pcm);
	struct ss_stream *st;
	struct ss_sub *sub;

	if (!sp)
		return;
	for (st = sp->st; st < sp->st + 2; st++)
		ss_for_each_sub(sub, st)
			if (!one || one == sub->ss) {
				sub->buf_type = type;
				sub->buf_dev = dev;
			}
}

static int keep_buffer(struct ss_pcm *sp, struct ss_sub *sub, int type, struct device *dev,
		       size_t max)
{
	struct lu_txn *txn = lu_txn_of(sp->sc->ldev->set);
	struct snd_pcm_substream *ss = sub->ss;
	char name[16];

	if (sub->buf_type == type && sub->buf_dev == dev &&
	    (max >= ss->dma_max || !ss->runtime)) {
		ss->dma_max = max;
		return 0;
	}
	ss_pcm_name(name, sizeof(name), sub->st);
	if (txn)
		lu_mismatch(txn, "%s: another kind of buffer", name);
	return -EINVAL;
}

/**
 * ss_pcm_buffer() - the incoming driver says which buffers a PCM needs
 * @sp: shadow of the PCM
 * @one: of this substream, or NULL for all
 * @type: kind of memory
 * @dev: for which device
 * @max: size up to which it may be allocated
 *
 * Those that there are stay. Return: 0 or -EINVAL.
 */
int ss_pcm_buffer(struct ss_pcm *sp, const struct snd_pcm_substream *one, int type,
		  struct device *dev, size_t max)
{
	struct ss_stream *st;
	struct ss_sub *sub;
	int err = 0;

	for (st = sp->st; st < sp->st + 2; st++)
		ss_for_each_sub(sub, st)
			if (!one || one == sub->ss)
				err = keep_buffer(sp, sub, type, dev, max) ?: err;
	return err;
}

/**
 * ss_pcm_chmap() - a driver gives a stream's channel map
 * @sp: shadow of the PCM
 * @direction: of the stream
 * @chmap: as for snd_pcm_add_chmap_ctls()
 * @channels: likewise
 * @value: likewise
 * @ret: likewise
 *
 * The control that shows it is the sound core's; only the map is the driver's.
 *
 * Return: 0 or an error.
 */
int ss_pcm_chmap(struct ss_pcm *sp, int direction, const struct snd_pcm_chmap_elem *chmap,
		 int channels, unsigned long value, struct snd_pcm_chmap **ret)
{
	struct snd_kcontrol *k = sp->pcm->streams[direction].chmap_kctl;
	struct snd_pcm_chmap *info;

	sp->st[direction].mapped = true;
	if (!k || !ss_in_update(sp->sc))
		return snd_pcm_add_chmap_ctls(sp->pcm, direction, chmap, channels, value, ret);
	down_write(&sp->pcm->card->controls_rwsem);
	info = k->private_data;
	info->chmap = chmap;
	info->max_channels = channels;
	info->channel_mask = 0;
	info->private_data = NULL;
	k->private_value = value;
	up_write(&sp->pcm->card->controls_rwsem);
	if (ret)
		*ret = info;
	return 0;
}

/**
 * ss_pcm_drop() - a PCM is about to go
 * @sp: its shadow
 */
void ss_pcm_drop(struct ss_pcm *sp)
{
	struct snd_pcm *pcm = sp->pcm;

	mutex_lock(&sp->sc->lock);
	list_del(&sp->list);
	mutex_unlock(&sp->sc->lock);
	snd_device_free(pcm->card, pcm);
	ss_pcm_free(sp);
}

static void pcm_part(struct ss_pcm *sp)
{
	struct snd_pcm *pcm = sp->pcm;
	struct ss_stream *st;

	if (sp->extra) {
		ss_pcm_drop(sp);
		return;
	}
	if (pcm->private_free)
		pcm->private_free(pcm);
	pcm->private_free = NULL;
	pcm->private_data = NULL;
	for (st = sp->st; st < sp->st + 2; st++) {
		st->drv = NULL;
		st->asked = 0;
		st->mapped = false;
		memset(&st->now, 0, sizeof(st->now));
	}
	sp->handed = false;
}

/**
 * ss_pcms_part() - a driver goes, its PCMs stay
 * @sc: shadow of their card
 */
void ss_pcms_part(struct ss_card *sc)
{
	struct ss_pcm *sp, *next;

	list_for_each_entry_safe_reverse(sp, next, &sc->pcms, list)
		pcm_part(sp);
}

/* A map that the driver that stays did not give is the other one's, and goes with it. */
static void forget_chmap(struct ss_stream *st)
{
	struct snd_pcm *pcm = st->sp->pcm;
	struct snd_kcontrol *k = pcm->streams[st - st->sp->st].chmap_kctl;
	struct snd_pcm_chmap *info;

	if (st->mapped || !k)
		return;
	down_write(&pcm->card->controls_rwsem);
	info = k->private_data;
	info->chmap = NULL;
	up_write(&pcm->card->controls_rwsem);
}

/**
 * ss_pcms_settle() - what the driver that stays made is the card's
 * @sc: shadow of the card
 */
void ss_pcms_settle(struct ss_card *sc)
{
	struct ss_stream *st;

	ss_for_each_stream(st, sc) {
		st->sp->extra = false;
		st->lost = !st->drv;
		forget_chmap(st);
	}
}
