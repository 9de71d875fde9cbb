// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: settings that a driver keeps for the user
 *
 * One table row for each: how to ask a driver, how to tell it, what counts as
 * equal, how the log shows it. At quiesce every setting is read from the
 * outgoing driver; while no driver answers, requests are answered from and kept
 * in that copy; the replay compares it with what the incoming driver says and
 * tells it only what differs, so that defaults that differ between versions are
 * carried over as well.
 */
#include "net_shadow.h"

struct ns_setting {
	const char *name;
	size_t offset;
	size_t size;
	int (*get)(struct net_shadow *ns, void *value);
	int (*set)(struct net_shadow *ns, void *value);
	bool (*same)(struct net_shadow *ns, const void *a, const void *b);
	void (*show)(const void *value, char *buf, size_t size);
};

#define EOPS(ns)	((ns)->drv_eops)

/* Driver private flags: bits mean what their names say. */

static int priv_flags_get(struct net_shadow *ns, void *value)
{
	if (!EOPS(ns)->get_priv_flags)
		return -EOPNOTSUPP;
	*(u32 *)value = EOPS(ns)->get_priv_flags(ns->dev);
	return 0;
}

static int priv_flags_set(struct net_shadow *ns, void *value)
{
	if (!EOPS(ns)->set_priv_flags)
		return -EOPNOTSUPP;
	return EOPS(ns)->set_priv_flags(ns->dev, *(u32 *)value);
}

static bool u32_same(struct net_shadow *ns, const void *a, const void *b)
{
	return *(const u32 *)a == *(const u32 *)b;
}

static void u32_show(const void *value, char *buf, size_t size)
{
	snprintf(buf, size, "%#x", *(const u32 *)value);
}

static int channels_get(struct net_shadow *ns, void *value)
{
	if (!EOPS(ns)->get_channels)
		return -EOPNOTSUPP;
	EOPS(ns)->get_channels(ns->dev, value);
	return 0;
}

static int channels_set(struct net_shadow *ns, void *value)
{
	if (!EOPS(ns)->set_channels)
		return -EOPNOTSUPP;
	return EOPS(ns)->set_channels(ns->dev, value);
}

static bool channels_same(struct net_shadow *ns, const void *a, const void *b)
{
	const struct ethtool_channels *x = a, *y = b;

	return x->rx_count == y->rx_count && x->tx_count == y->tx_count &&
	       x->other_count == y->other_count &&
	       x->combined_count == y->combined_count;
}

static void channels_show(const void *value, char *buf, size_t size)
{
	const struct ethtool_channels *c = value;

	snprintf(buf, size, "rx %u tx %u other %u combined %u", c->rx_count,
		 c->tx_count, c->other_count, c->combined_count);
}

static int rings_get(struct net_shadow *ns, void *value)
{
	struct ns_rings *r = value;

	if (!EOPS(ns)->get_ringparam)
		return -EOPNOTSUPP;
	EOPS(ns)->get_ringparam(ns->dev, &r->ring, &r->kernel, NULL);
	return 0;
}

static int rings_set(struct net_shadow *ns, void *value)
{
	struct ns_rings *r = value;

	if (!EOPS(ns)->set_ringparam)
		return -EOPNOTSUPP;
	return EOPS(ns)->set_ringparam(ns->dev, &r->ring, &r->kernel, NULL);
}

static bool rings_same(struct net_shadow *ns, const void *a, const void *b)
{
	const struct ns_rings *x = a, *y = b;

	return x->ring.rx_pending == y->ring.rx_pending &&
	       x->ring.rx_mini_pending == y->ring.rx_mini_pending &&
	       x->ring.rx_jumbo_pending == y->ring.rx_jumbo_pending &&
	       x->ring.tx_pending == y->ring.tx_pending &&
	       x->kernel.rx_buf_len == y->kernel.rx_buf_len &&
	       x->kernel.tcp_data_split == y->kernel.tcp_data_split &&
	       x->kernel.cqe_size == y->kernel.cqe_size;
}

static void rings_show(const void *value, char *buf, size_t size)
{
	const struct ns_rings *r = value;

	snprintf(buf, size, "rx %u tx %u", r->ring.rx_pending,
		 r->ring.tx_pending);
}

static int coalesce_get(struct net_shadow *ns, void *value)
{
	struct ns_coalesce *c = value;

	if (!EOPS(ns)->get_coalesce)
		return -EOPNOTSUPP;
	return EOPS(ns)->get_coalesce(ns->dev, &c->coalesce, &c->kernel, NULL);
}

static int coalesce_set(struct net_shadow *ns, void *value)
{
	struct ns_coalesce *c = value;

	if (!EOPS(ns)->set_coalesce)
		return -EOPNOTSUPP;
	return EOPS(ns)->set_coalesce(ns->dev, &c->coalesce, &c->kernel, NULL);
}

static bool coalesce_same(struct net_shadow *ns, const void *a, const void *b)
{
	const struct ns_coalesce *x = a, *y = b;

	/* All but the command word, which callers fill in as they like. */
	return !memcmp(&x->coalesce.rx_coalesce_usecs,
		       &y->coalesce.rx_coalesce_usecs,
		       sizeof(x->coalesce) -
		       offsetof(struct ethtool_coalesce, rx_coalesce_usecs)) &&
	       !memcmp(&x->kernel, &y->kernel, sizeof(x->kernel));
}

static void coalesce_show(const void *value, char *buf, size_t size)
{
	const struct ns_coalesce *c = value;

	snprintf(buf, size, "rx-usecs %u rx-frames %u tx-usecs %u tx-frames %u",
		 c->coalesce.rx_coalesce_usecs,
		 c->coalesce.rx_max_coalesced_frames,
		 c->coalesce.tx_coalesce_usecs,
		 c->coalesce.tx_max_coalesced_frames);
}

static int pause_get(struct net_shadow *ns, void *value)
{
	if (!EOPS(ns)->get_pauseparam)
		return -EOPNOTSUPP;
	EOPS(ns)->get_pauseparam(ns->dev, value);
	return 0;
}

static int pause_set(struct net_shadow *ns, void *value)
{
	if (!EOPS(ns)->set_pauseparam)
		return -EOPNOTSUPP;
	return EOPS(ns)->set_pauseparam(ns->dev, value);
}

/* Negotiated directions follow the link unless the user has chosen them. */
static bool pause_same(struct net_shadow *ns, const void *a, const void *b)
{
	const struct ethtool_pauseparam *x = a, *y = b;

	if (!x->autoneg != !y->autoneg)
		return false;
	if (x->autoneg && !(ns->user_set & BIT(NS_SET_PAUSE)))
		return true;
	return !x->rx_pause == !y->rx_pause && !x->tx_pause == !y->tx_pause;
}

static void pause_show(const void *value, char *buf, size_t size)
{
	const struct ethtool_pauseparam *p = value;

	snprintf(buf, size, "autoneg %u rx %u tx %u", p->autoneg, p->rx_pause,
		 p->tx_pause);
}

static int eee_get(struct net_shadow *ns, void *value)
{
	if (!EOPS(ns)->get_eee)
		return -EOPNOTSUPP;
	return EOPS(ns)->get_eee(ns->dev, value);
}

static int eee_set(struct net_shadow *ns, void *value)
{
	if (!EOPS(ns)->set_eee)
		return -EOPNOTSUPP;
	return EOPS(ns)->set_eee(ns->dev, value);
}

static bool eee_same(struct net_shadow *ns, const void *a, const void *b)
{
	const ns_eee_t *x = a, *y = b;

	return !x->eee_enabled == !y->eee_enabled &&
	       !x->tx_lpi_enabled == !y->tx_lpi_enabled &&
	       x->tx_lpi_timer == y->tx_lpi_timer &&
	       !memcmp(&x->advertised, &y->advertised, sizeof(x->advertised));
}

static void eee_show(const void *value, char *buf, size_t size)
{
	const ns_eee_t *e = value;

	snprintf(buf, size, "enabled %u tx-lpi %u timer %u",
		 (unsigned int)e->eee_enabled, (unsigned int)e->tx_lpi_enabled,
		 e->tx_lpi_timer);
}

static int fec_get(struct net_shadow *ns, void *value)
{
	if (!EOPS(ns)->get_fecparam)
		return -EOPNOTSUPP;
	return EOPS(ns)->get_fecparam(ns->dev, value);
}

static int fec_set(struct net_shadow *ns, void *value)
{
	if (!EOPS(ns)->set_fecparam)
		return -EOPNOTSUPP;
	return EOPS(ns)->set_fecparam(ns->dev, value);
}

static bool fec_same(struct net_shadow *ns, const void *a, const void *b)
{
	return ((const struct ethtool_fecparam *)a)->fec ==
	       ((const struct ethtool_fecparam *)b)->fec;
}

static void fec_show(const void *value, char *buf, size_t size)
{
	u32_show(&((const struct ethtool_fecparam *)value)->fec, buf, size);
}

static int link_get(struct net_shadow *ns, void *value)
{
	if (!EOPS(ns)->get_link_ksettings)
		return -EOPNOTSUPP;
	memset(value, 0, sizeof(struct ethtool_link_ksettings));
	return EOPS(ns)->get_link_ksettings(ns->dev, value);
}

static int link_set(struct net_shadow *ns, void *value)
{
	if (!EOPS(ns)->set_link_ksettings)
		return -EOPNOTSUPP;
	return EOPS(ns)->set_link_ksettings(ns->dev, value);
}

/* What was negotiated is not a setting; nor is what nobody knows. */
static bool link_same(struct net_shadow *ns, const void *a, const void *b)
{
	const struct ethtool_link_ksettings *x = a, *y = b;

	if (x->base.autoneg != y->base.autoneg)
		return false;
	if (x->base.eth_tp_mdix_ctrl != y->base.eth_tp_mdix_ctrl)
		return false;
	if (x->base.autoneg == AUTONEG_ENABLE)
		return bitmap_equal(x->link_modes.advertising,
				    y->link_modes.advertising,
				    __ETHTOOL_LINK_MODE_MASK_NBITS);
	if (x->base.speed == (u32)SPEED_UNKNOWN)
		return true;
	return x->base.speed == y->base.speed &&
	       x->base.duplex == y->base.duplex;
}

static void link_show(const void *value, char *buf, size_t size)
{
	const struct ethtool_link_ksettings *k = value;

	if (k->base.autoneg == AUTONEG_ENABLE)
		snprintf(buf, size, "autoneg on advertise %*pb",
			 __ETHTOOL_LINK_MODE_MASK_NBITS,
			 k->link_modes.advertising);
	else
		snprintf(buf, size, "autoneg off speed %u duplex %u",
			 k->base.speed, k->base.duplex);
}

static int rss_get(struct net_shadow *ns, void *value)
{
	const struct ethtool_ops *ops = EOPS(ns);
	struct ns_rss *r = value;

	if (!ops->get_rxfh)
		return -EOPNOTSUPP;
	r->indir_size = ops->get_rxfh_indir_size ?
			ops->get_rxfh_indir_size(ns->dev) : 0;
	r->key_size = ops->get_rxfh_key_size ?
		      ops->get_rxfh_key_size(ns->dev) : 0;
	if (r->indir_size > NS_RSS_MAX_INDIR || r->key_size > NS_RSS_MAX_KEY)
		return -E2BIG;
	if (!r->indir_size && !r->key_size)
		return -EOPNOTSUPP;
	return ns_get_rxfh(ops, ns->dev, r->indir, r->indir_size, r->key,
			   r->key_size, &r->hfunc);
}

static int rss_set(struct net_shadow *ns, void *value)
{
	const struct ethtool_ops *ops = EOPS(ns);
	struct ns_rss *r = value;

	if (!ops->set_rxfh)
		return -EOPNOTSUPP;
	return ns_set_rxfh(ops, ns->dev, r->indir, r->indir_size, r->key,
			   r->key_size, r->hfunc);
}

/* A key that nobody chose is random in each generation, and stays hidden. */
static bool rss_same(struct net_shadow *ns, const void *a, const void *b)
{
	const struct ns_rss *x = a, *y = b;

	return x->indir_size == y->indir_size && x->key_size == y->key_size &&
	       x->hfunc == y->hfunc &&
	       !memcmp(x->indir, y->indir, x->indir_size * sizeof(u32)) &&
	       !memcmp(x->key, y->key, x->key_size);
}

static void rss_show(const void *value, char *buf, size_t size)
{
	const struct ns_rss *r = value;

	snprintf(buf, size, "hash %u, %u entries, key of %u bytes", r->hfunc,
		 r->indir_size, r->key_size);
}

static int tunable_get(struct net_shadow *ns, u32 id, void *value)
{
	const struct ethtool_tunable t = {
		.cmd = ETHTOOL_GTUNABLE, .id = id, .len = sizeof(u32),
		.type_id = ETHTOOL_TUNABLE_U32,
	};

	if (!EOPS(ns)->get_tunable)
		return -EOPNOTSUPP;
	return EOPS(ns)->get_tunable(ns->dev, &t, value);
}

static int tunable_set(struct net_shadow *ns, u32 id, const void *value)
{
	const struct ethtool_tunable t = {
		.cmd = ETHTOOL_STUNABLE, .id = id, .len = sizeof(u32),
		.type_id = ETHTOOL_TUNABLE_U32,
	};

	if (!EOPS(ns)->set_tunable)
		return -EOPNOTSUPP;
	return EOPS(ns)->set_tunable(ns->dev, &t, value);
}

static int rx_copybreak_get(struct net_shadow *ns, void *value)
{
	return tunable_get(ns, ETHTOOL_RX_COPYBREAK, value);
}

static int rx_copybreak_set(struct net_shadow *ns, void *value)
{
	return tunable_set(ns, ETHTOOL_RX_COPYBREAK, value);
}

static int tx_copybreak_get(struct net_shadow *ns, void *value)
{
	return tunable_get(ns, ETHTOOL_TX_COPYBREAK, value);
}

static int tx_copybreak_set(struct net_shadow *ns, void *value)
{
	return tunable_set(ns, ETHTOOL_TX_COPYBREAK, value);
}

static int wol_get(struct net_shadow *ns, void *value)
{
	if (!EOPS(ns)->get_wol)
		return -EOPNOTSUPP;
	EOPS(ns)->get_wol(ns->dev, value);
	return 0;
}

static int wol_set(struct net_shadow *ns, void *value)
{
	if (!EOPS(ns)->set_wol)
		return -EOPNOTSUPP;
	return EOPS(ns)->set_wol(ns->dev, value);
}

static bool wol_same(struct net_shadow *ns, const void *a, const void *b)
{
	const struct ethtool_wolinfo *x = a, *y = b;

	return x->wolopts == y->wolopts &&
	       !memcmp(x->sopass, y->sopass, sizeof(x->sopass));
}

static void wol_show(const void *value, char *buf, size_t size)
{
	u32_show(&((const struct ethtool_wolinfo *)value)->wolopts, buf, size);
}

static int msglevel_get(struct net_shadow *ns, void *value)
{
	if (!EOPS(ns)->get_msglevel)
		return -EOPNOTSUPP;
	*(u32 *)value = EOPS(ns)->get_msglevel(ns->dev);
	return 0;
}

static int msglevel_set(struct net_shadow *ns, void *value)
{
	if (!EOPS(ns)->set_msglevel)
		return -EOPNOTSUPP;
	EOPS(ns)->set_msglevel(ns->dev, *(u32 *)value);
	return 0;
}

#define SETTING(_id, _name, _member, _fn, _same, _show)			\
	[_id] = {							\
		.name = (_name),					\
		.offset = offsetof(struct ns_settings, _member),	\
		.size = sizeof_field(struct ns_settings, _member),	\
		.get = _fn##_get, .set = _fn##_set,			\
		.same = (_same), .show = (_show),			\
	}

static const struct ns_setting ns_settings[NS_SET_COUNT] = {
	SETTING(NS_SET_PRIV_FLAGS, "priv-flags", priv_flags, priv_flags,
		u32_same, u32_show),
	SETTING(NS_SET_CHANNELS, "channels", channels, channels,
		channels_same, channels_show),
	SETTING(NS_SET_RINGS, "rings", rings, rings, rings_same, rings_show),
	SETTING(NS_SET_COALESCE, "coalesce", coalesce, coalesce,
		coalesce_same, coalesce_show),
	SETTING(NS_SET_PAUSE, "pause", pause, pause, pause_same, pause_show),
	SETTING(NS_SET_EEE, "eee", eee, eee, eee_same, eee_show),
	SETTING(NS_SET_FEC, "fec", fec, fec, fec_same, fec_show),
	SETTING(NS_SET_LINK, "link", link, link, link_same, link_show),
	SETTING(NS_SET_RSS, "rss", rss, rss, rss_same, rss_show),
	SETTING(NS_SET_RX_COPYBREAK, "rx-copybreak", rx_copybreak,
		rx_copybreak, u32_same, u32_show),
	SETTING(NS_SET_TX_COPYBREAK, "tx-copybreak", tx_copybreak,
		tx_copybreak, u32_same, u32_show),
	SETTING(NS_SET_WOL, "wake-on-lan", wol, wol, wol_same, wol_show),
	SETTING(NS_SET_MSGLEVEL, "msglevel", msglevel, msglevel,
		u32_same, u32_show),
};

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
	if (!EOPS(ns) || driver_begin(ns))
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
	struct lu_txn *lu = ns->txn->lu;
	int err = 0;
	unsigned int id;

	ns_settings_fetch(ns, &ns->txn->scratch);
	if (!EOPS(ns) || driver_begin(ns))
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
