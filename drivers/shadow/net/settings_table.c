// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: table of settings
 *
 * One row for each setting that a driver keeps for the user: how to ask a
 * driver, how to tell it, what counts as equal, how the log shows it.
 */
#include "settings.h"

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

const struct ns_setting ns_settings[NS_SET_COUNT] = {
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
