// SPDX-License-Identifier: GPL-2.0
/*
 * Functions of a control that has no driver: they answer from what was noted
 * when the driver went, and note what is written. All run with
 * card->controls_rwsem held, those that write for writing.
 */
#include "sound_shadow.h"

#include <linux/string.h>

static struct ss_ctl *ctl_of(const struct snd_kcontrol *kctl)
{
	return (struct ss_ctl *)kctl->private_value;
}

int ss_away_info(struct snd_kcontrol *kctl, struct snd_ctl_elem_info *info)
{
	unsigned int item = info->value.enumerated.item, i = snd_ctl_get_ioff(kctl, &info->id);
	struct ss_ctl *sk = ctl_of(kctl);
	const struct snd_ctl_elem_info *known = &sk->info[i];

	info->type = known->type;
	info->count = known->count;
	info->value = known->value;
	if (known->type != SNDRV_CTL_ELEM_TYPE_ENUMERATED || !sk->nr_names)
		return 0;
	item = min(item, sk->nr_names - 1);
	info->value.enumerated.item = item;
	strscpy(info->value.enumerated.name, sk->names[item],
		sizeof(info->value.enumerated.name));
	return 0;
}

/* Of all channels; what follows is not ours to touch. */
static size_t value_size(const struct snd_ctl_elem_info *info)
{
	size_t size;

	switch (info->type) {
	case SNDRV_CTL_ELEM_TYPE_ENUMERATED:
		size = info->count * sizeof(unsigned int);
		break;
	case SNDRV_CTL_ELEM_TYPE_BYTES:
		size = info->count;
		break;
	case SNDRV_CTL_ELEM_TYPE_IEC958:
		size = sizeof(struct snd_aes_iec958);
		break;
	case SNDRV_CTL_ELEM_TYPE_INTEGER64:
		size = info->count * sizeof(long long);
		break;
	default:
		size = info->count * sizeof(long);
		break;
	}
	return min(size, sizeof_field(struct snd_ctl_elem_value, value));
}

int ss_away_get(struct snd_kcontrol *kctl, struct snd_ctl_elem_value *value)
{
	unsigned int i = snd_ctl_get_ioff(kctl, &value->id);
	struct ss_ctl *sk = ctl_of(kctl);

	if (!sk->had[i])
		return -EBUSY;
	memcpy(&value->value, &sk->value[i].value, value_size(&sk->info[i]));
	return 0;
}

/* Is there anything in it that the driver would refuse? */
static int check_value(const struct snd_ctl_elem_info *info,
		       const struct snd_ctl_elem_value *value)
{
	unsigned int i;
	long v;

	for (i = 0; i < info->count; i++) {
		switch (info->type) {
		case SNDRV_CTL_ELEM_TYPE_INTEGER:
			v = value->value.integer.value[i];
			if (v < info->value.integer.min || v > info->value.integer.max)
				return -EINVAL;
			break;
		case SNDRV_CTL_ELEM_TYPE_ENUMERATED:
			if (value->value.enumerated.item[i] >= info->value.enumerated.items)
				return -EINVAL;
			break;
		default:
			break;
		}
	}
	return 0;
}

int ss_away_put(struct snd_kcontrol *kctl, struct snd_ctl_elem_value *value)
{
	unsigned int i = snd_ctl_get_ioff(kctl, &value->id);
	struct ss_ctl *sk = ctl_of(kctl);
	size_t size = value_size(&sk->info[i]);
	int err;

	/* Lost in an update by force. */
	if (!ss_in_update(sk->sc))
		return -ENODEV;
	err = check_value(&sk->info[i], value);
	if (err)
		return err;
	if (sk->had[i] && !memcmp(&sk->value[i].value, &value->value, size))
		return 0;
	memcpy(&sk->value[i].value, &value->value, size);
	sk->had[i] = true;
	return 1;
}

int ss_away_tlv(struct snd_kcontrol *kctl, int op, unsigned int size, unsigned int __user *tlv)
{
	return -EBUSY;
}
