// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: settings that a driver keeps for the user
 *
 * At quiesce every setting is read from the outgoing driver; while no driver
 * answers, requests are answered from and kept in that copy; the replay
 * compares it with what the incoming driver says and tells it only what
 * differs, so that defaults that differ between versions are carried over as
 * well.
 */
#include "settings.h"

/**
 * ns_settings_slot() - where a setting is in a set of settings
 * @s: the set
 * @id: the setting
 */
void *ns_settings_slot(struct ns_settings *s, enum ns_setting_id id)
{
	return (void *)s + ns_settings[id].offset;
}

static int driver_begin(struct net_shadow *ns)
{
	return EOPS(ns)->begin ? EOPS(ns)->begin(ns->dev) : 0;
}

static void driver_complete(struct net_shadow *ns)
{
	if (EOPS(ns)->complete)
		EOPS(ns)->complete(ns->dev);
}

/**
 * ns_settings_fetch() - ask the driver for all its settings
 * @ns: its shadow
 * @to: where to
 *
 * Context: RTNL.
 */
void ns_settings_fetch(struct net_shadow *ns, struct ns_settings *to)
{
	unsigned int id;

	ASSERT_RTNL();
	memset(to, 0, sizeof(*to));
	if (driver_begin(ns))
		return;
	for (id = 0; id < NS_SET_COUNT; id++)
		to->valid[id] = !ns_settings[id].get(ns,
						     ns_settings_slot(to, id));
	driver_complete(ns);
}

/**
 * ns_setting_log() - the driver has taken a setting of the user
 * @ns: its shadow
 * @id: which
 * @value: what
 */
void ns_setting_log(struct net_shadow *ns, enum ns_setting_id id,
		    const void *value)
{
	char text[96];

	ns->user_set |= BIT(id);
	if (ns->mode == NS_GATED)
		ns->txn->gated |= BIT(id);
	ns_settings[id].show(value, text, sizeof(text));
	ns_log(ns, ns_settings[id].name, "%s", text);
}

/**
 * ns_setting_answer() - the copy of a setting, while no driver answers
 * @ns: shadow that impersonates
 * @id: which
 *
 * Return: the copy, which the caller may change if it calls
 * ns_setting_changed(), or NULL if the driver has no such setting.
 */
void *ns_setting_answer(struct net_shadow *ns, enum ns_setting_id id)
{
	return ns->txn->set.valid[id] ?
	       ns_settings_slot(&ns->txn->set, id) : NULL;
}

/**
 * ns_setting_changed() - the user changed a setting while no driver answers
 * @ns: shadow that impersonates
 * @id: which
 */
void ns_setting_changed(struct net_shadow *ns, enum ns_setting_id id)
{
	ns->txn->dirty |= BIT(id);
	ns_setting_log(ns, id, ns_settings_slot(&ns->txn->set, id));
}

/**
 * ns_settings_recall() - what users changed since the replay goes to the copy
 * @ns: shadow whose incoming driver has to go again
 *
 * Context: RTNL.
 */
void ns_settings_recall(struct net_shadow *ns)
{
	struct ns_txn *t = ns->txn;
	unsigned int id;

	if (!t->gated)
		return;
	ns_settings_fetch(ns, &t->scratch);
	for (id = 0; id < NS_SET_COUNT; id++) {
		if ((t->gated & BIT(id)) && t->scratch.valid[id] &&
		    t->set.valid[id] && id != NS_SET_PRIV_FLAGS)
			memcpy(ns_settings_slot(&t->set, id),
			       ns_settings_slot(&t->scratch, id),
			       ns_settings[id].size);
	}
	t->gated = 0;
}

static int flag_named(const u8 *names, unsigned int count, const u8 *name)
{
	unsigned int i;

	for (i = 0; i < count && i < 32; i++)
		if (!strncmp(names + i * ETH_GSTRING_LEN, name, ETH_GSTRING_LEN))
			return i;
	return -ENOENT;
}

/*
 * The bits of private flags are numbered by each version as it likes. Flags
 * that the user knows keep their value, others that of the incoming driver.
 */
static u32 flags_translate(struct net_shadow *ns, u32 old, u32 new)
{
	const struct ns_txn *t = ns->txn;
	int count = EOPS(ns)->get_sset_count ?
		    EOPS(ns)->get_sset_count(ns->dev, ETH_SS_PRIV_FLAGS) : 0;
	u8 *names;
	int i, from;

	if (count <= 0 || !EOPS(ns)->get_strings)
		return old;
	names = kcalloc(count, ETH_GSTRING_LEN, GFP_KERNEL);
	if (!names)
		return old;
	EOPS(ns)->get_strings(ns->dev, ETH_SS_PRIV_FLAGS, names);
	for (i = 0; i < count && i < 32; i++) {
		from = flag_named(t->names_flags, t->n_flags,
				  names + i * ETH_GSTRING_LEN);
		if (from >= 0)
			new = (new & ~BIT(i)) | (old & BIT(from) ? BIT(i) : 0);
	}
	kfree(names);
	return new;
}

/* Drivers may write to what they are given: hand them a copy. */
static int setting_tell(struct net_shadow *ns, enum ns_setting_id id,
			const void *want, void *have)
{
	union {
		struct ns_rings rings;
		struct ns_coalesce coalesce;
		struct ethtool_channels channels;
		struct ethtool_link_ksettings link;
		ns_eee_t eee;
		u32 word;
	} copy;

	switch (id) {
	case NS_SET_PRIV_FLAGS:
		copy.word = *(const u32 *)want;
		return ns_settings[id].set(ns, &copy);
	case NS_SET_CHANNELS:
		copy.channels = *(const struct ethtool_channels *)want;
		return ns_settings[id].set(ns, &copy);
	case NS_SET_RINGS:
		copy.rings = *(const struct ns_rings *)want;
		return ns_settings[id].set(ns, &copy);
	case NS_SET_COALESCE:
		copy.coalesce = *(const struct ns_coalesce *)want;
		return ns_settings[id].set(ns, &copy);
	case NS_SET_LINK:
		copy.link = *(const struct ethtool_link_ksettings *)want;
		return ns_settings[id].set(ns, &copy);
	case NS_SET_EEE:
		copy.eee = *(const ns_eee_t *)want;
		return ns_settings[id].set(ns, &copy);
	default:
		return ns_settings[id].set(ns, (void *)want);
	}
}

/* One setting. Returns true if the driver disagrees and cannot be told so. */
static bool setting_replay(struct net_shadow *ns, enum ns_setting_id id,
			   bool last, unsigned int *count)
{
	const struct ns_setting *s = &ns_settings[id];
	void *want = ns_settings_slot(&ns->txn->set, id);
	void *have = ns_settings_slot(&ns->txn->scratch, id);
	u32 flags;
	int err;

	if (!ns->txn->set.valid[id] || !ns->txn->scratch.valid[id])
		return false;
	if (id == NS_SET_PRIV_FLAGS) {
		flags = flags_translate(ns, *(u32 *)want, *(u32 *)have);
		want = &flags;
	}
	if (s->same(ns, want, have))
		return false;
	err = setting_tell(ns, id, want, have);
	if (!err) {
		++*count;
		return false;
	}
	if (!last || err == -EOPNOTSUPP)
		return false;
	netdev_warn(ns->dev, "driver refuses %s as they were: %d\n", s->name,
		    err);
	/* A request nobody has checked is not the new driver's fault. */
	return !(ns->txn->dirty & BIT(id));
}

/**
 * ns_settings_replay() - tell the incoming driver what differs
 * @ns: its shadow
 * @last: no other attempt follows: complain
 * @count: incremented for each setting told
 *
 * Some settings can only be told before the device is opened, others only
 * after; so it is tried twice.
 *
 * Context: RTNL.
 * Return: 0, or -EOPNOTSUPP with a named mismatch.
 */
int ns_settings_replay(struct net_shadow *ns, bool last, unsigned int *count)
{
	struct lu_txn *lu = ns_lu_txn(ns);
	int err = 0;
	unsigned int id;

	ns_settings_fetch(ns, &ns->txn->scratch);
	if (driver_begin(ns))
		return 0;
	for (id = 0; id < NS_SET_COUNT; id++) {
		if (!setting_replay(ns, id, last, count))
			continue;
		if (lu_txn_rolling_back(lu))
			continue;
		lu_mismatch(lu, "%s: %s refused", ns->name,
			    ns_settings[id].name);
		if (!lu_txn_forced(lu))
			err = -EOPNOTSUPP;
	}
	driver_complete(ns);
	return err;
}
