// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: linked streams
 *
 * A client may link streams (SNDRV_PCM_IOCTL_LINK), so that they start and stop
 * together. A driver that is told to do so for one of them walks the group, does
 * it for all that are its own in one step, and tells the sound core that the
 * others are done. That must not reach a stream that pretends; and we stop and
 * start streams one after the other. So for such a call the driver sees the one
 * stream as the only one of its group.
 *
 * Who changes a group, or acts on all of it, holds the group's lock, which is
 * taken before the locks of its streams. Nobody else looks at its list.
 */
#include "sound_shadow.h"

#include <linux/list.h>
#include <linux/slab.h>

/**
 * ss_group_lock() - lock the group of a stream
 * @ss: the substream; its stream lock is held with interrupts disabled
 *
 * Context: Atomic; not for a PCM whose operations sleep. The stream lock may be
 *	    given up and taken again.
 * Return: the group, which stays until ss_group_unlock(), or NULL when the stream
 *	   is not linked.
 */
struct snd_pcm_group *ss_group_lock(struct snd_pcm_substream *ss)
{
	struct snd_pcm_group *group;

	while (snd_pcm_stream_linked(ss)) {
		group = ss->group;
		refcount_inc(&group->refs);
		if (!spin_trylock(&group->lock)) {
			snd_pcm_stream_unlock(ss);
			spin_lock(&group->lock);
			spin_lock_nested(&ss->self_group.lock, SINGLE_DEPTH_NESTING);
			__release(&ss->self_group.lock);
		}
		/* For sparse, which cannot follow a lock that is only held at times. */
		__release(&group->lock);
		if (ss->group == group)
			return group;
		ss_group_unlock(group);
	}
	return NULL;
}

/**
 * ss_group_unlock() - the opposite of ss_group_lock()
 * @group: what that returned
 */
void ss_group_unlock(struct snd_pcm_group *group)
{
	bool last;

	if (!group)
		return;
	last = refcount_dec_and_test(&group->refs);
	__acquire(&group->lock);
	spin_unlock(&group->lock);
	if (last)
		kfree(group);
}

/**
 * ss_trigger_alone() - tell a driver to start or stop one stream, and no other
 * @sub: shadow of the substream; its stream lock and that of its group are held
 * @cmd: SNDRV_PCM_TRIGGER_...
 *
 * Return: what the driver returned.
 */
int ss_trigger_alone(const struct ss_sub *sub, int cmd)
{
	struct snd_pcm_substream *ss = sub->ss;
	struct list_head *all = &ss->group->substreams;
	struct list_head head, entry;
	int err;

	if (!snd_pcm_stream_linked(ss))
		return sub->st->drv->trigger(ss, cmd);
	/* The others are not touched, so what is put back is all there was. */
	head = *all;
	entry = ss->link_list;
	INIT_LIST_HEAD(all);
	list_add(&ss->link_list, all);
	err = sub->st->drv->trigger(ss, cmd);
	*all = head;
	ss->link_list = entry;
	return err;
}

/* Does another stream of the group and the card pretend? All their locks are held. */
static bool others_pretend(struct snd_pcm_substream *ss)
{
	const struct snd_pcm_substream *s;

	if (!snd_pcm_stream_linked(ss))
		return false;
	snd_pcm_group_for_each_entry(s, ss)
		if (s != ss && s->pcm->card == ss->pcm->card &&
		    s->ops->trigger == ss_away_ops.trigger)
			return true;
	return false;
}

/* In the place of a driver's own, between updates and until all streams have landed. */
int ss_drv_trigger(struct snd_pcm_substream *ss, int cmd)
{
	struct ss_stream *st = container_of(ss->ops, struct ss_stream, ops);

	if (others_pretend(ss))
		return ss_trigger_alone(&st->subs[ss->number], cmd);
	return st->drv->trigger(ss, cmd);
}
