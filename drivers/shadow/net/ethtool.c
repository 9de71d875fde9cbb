// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: ethtool operations
 *
 * As ops.c, for the other table. All of these come with RTNL held. While no
 * driver answers, getters answer from the copy taken at quiesce and setters
 * change that copy; what cannot be honoured later says that it is busy.
 */
#include "net_shadow.h"

#include <linux/delay.h>
#include <linux/utsname.h>

/* How long a request waits for a driver that fills in its object. */
#define NS_BEGIN_MS	2000
#define NS_BEGIN_STEP_MS	2

static int ns_rss_read(struct net_shadow *ns, u32 *indir, u8 *key, u8 *hfunc)
{
	const struct ns_rss *r = ns_setting_answer(ns, NS_SET_RSS);

	if (!r)
		return -EBUSY;
	if (indir)
		memcpy(indir, r->indir, r->indir_size * sizeof(u32));
	if (key)
		memcpy(key, r->key, r->key_size);
	if (hfunc)
		*hfunc = r->hfunc;
	return 0;
}

static int ns_rss_write(struct net_shadow *ns, const u32 *indir, const u8 *key,
			u8 hfunc)
{
	struct ns_rss *r = ns_setting_answer(ns, NS_SET_RSS);

	if (!r)
		return -EBUSY;
	if (indir)
		memcpy(r->indir, indir, r->indir_size * sizeof(u32));
	if (key)
		memcpy(r->key, key, r->key_size);
	if (hfunc)
		r->hfunc = hfunc;
	ns_setting_changed(ns, NS_SET_RSS);
	return 0;
}

/*
 * Between hand-out and registration the incoming driver fills in features and
 * limits that requests are checked against before they reach us. Every ethtool
 * request begins here: let it wait, without the lock that the driver needs.
 */
static int w_begin(struct net_device *dev)
{
	struct net_shadow *ns = ns_of_eops(dev);
	unsigned long limit = jiffies + msecs_to_jiffies(NS_BEGIN_MS);

	if (ns_impersonates(ns) && ns->handed && !ns->adopted) {
		dev_hold(dev);
		do {
			rtnl_unlock();
			msleep(NS_BEGIN_STEP_MS);
			rtnl_lock();
		} while (ns_find(dev) == ns && ns_impersonates(ns) &&
			 ns->handed && !ns->adopted &&
			 time_before(jiffies, limit));
		dev_put(dev);
		if (dev->reg_state != NETREG_REGISTERED)
			return -ENODEV;
		if (ns_impersonates(ns) && ns->handed && !ns->adopted)
			return -EBUSY;
	}
	if (ns_impersonates(ns) || !ns->drv_eops->begin)
		return 0;
	return ns->drv_eops->begin(dev);
}

static void w_complete(struct net_device *dev)
{
	struct net_shadow *ns = ns_of_eops(dev);

	if (!ns_impersonates(ns))
		ns->drv_eops->complete(dev);
}

static void w_get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	struct net_shadow *ns = ns_of_eops(dev);

	if (ns_impersonates(ns))
		*info = ns->txn->drvinfo;
	else
		ns->drv_eops->get_drvinfo(dev, info);
}

/* Users do not see the link go while its loss is concealed. */
static u32 w_get_link(struct net_device *dev)
{
	struct net_shadow *ns = ns_of_eops(dev);

	if (ns_in_update(ns))
		return ns->had_carrier;
	return ns->drv_eops->get_link(dev);
}

/* Settings whose operations take one structure: get and set. */
#define GET_VOID(_name, _type, _id)					\
static void w_get_##_name(struct net_device *dev, _type *value)	\
{									\
	struct net_shadow *ns = ns_of_eops(dev);			\
	const _type *kept;						\
									\
	if (!ns_impersonates(ns)) {					\
		ns->drv_eops->get_##_name(dev, value);			\
		return;							\
	}								\
	kept = ns_setting_answer(ns, _id);				\
	if (kept)							\
		*value = *kept;						\
}

#define GET_INT(_name, _type, _id)					\
static int w_get_##_name(struct net_device *dev, _type *value)		\
{									\
	struct net_shadow *ns = ns_of_eops(dev);			\
	const _type *kept;						\
									\
	if (!ns_impersonates(ns))					\
		return ns->drv_eops->get_##_name(dev, value);		\
	kept = ns_setting_answer(ns, _id);				\
	if (!kept)							\
		return -EBUSY;						\
	*value = *kept;							\
	return 0;							\
}

/* @_merge: what of the request goes into the copy */
#define SET_INT(_name, _ctype, _type, _id, _merge)			\
static int w_set_##_name(struct net_device *dev, _ctype *value)	\
{									\
	struct net_shadow *ns = ns_of_eops(dev);			\
	_type *kept;							\
	int err;							\
									\
	if (!ns_impersonates(ns)) {					\
		err = ns->drv_eops->set_##_name(dev, value);		\
		if (!err)						\
			ns_setting_log(ns, _id, value);			\
		return err;						\
	}								\
	kept = ns_setting_answer(ns, _id);				\
	if (!kept)							\
		return -EBUSY;						\
	_merge(kept, value);						\
	ns_setting_changed(ns, _id);					\
	return 0;							\
}

static void channels_merge(struct ethtool_channels *to,
			   const struct ethtool_channels *from)
{
	to->rx_count = from->rx_count;
	to->tx_count = from->tx_count;
	to->other_count = from->other_count;
	to->combined_count = from->combined_count;
}

static void pause_merge(struct ethtool_pauseparam *to,
			const struct ethtool_pauseparam *from)
{
	to->autoneg = from->autoneg;
	to->rx_pause = from->rx_pause;
	to->tx_pause = from->tx_pause;
}

static void wol_merge(struct ethtool_wolinfo *to,
		      const struct ethtool_wolinfo *from)
{
	to->wolopts = from->wolopts;
	memcpy(to->sopass, from->sopass, sizeof(to->sopass));
}

static void eee_merge(ns_eee_t *to, const ns_eee_t *from)
{
	to->eee_enabled = from->eee_enabled;
	to->tx_lpi_enabled = from->tx_lpi_enabled;
	to->tx_lpi_timer = from->tx_lpi_timer;
	memcpy(&to->advertised, &from->advertised, sizeof(to->advertised));
}

static void fec_merge(struct ethtool_fecparam *to,
		      const struct ethtool_fecparam *from)
{
	to->fec = from->fec;
}

static void link_merge(struct ethtool_link_ksettings *to,
		       const struct ethtool_link_ksettings *from)
{
	to->base.autoneg = from->base.autoneg;
	to->base.speed = from->base.speed;
	to->base.duplex = from->base.duplex;
	to->base.port = from->base.port;
	to->base.eth_tp_mdix_ctrl = from->base.eth_tp_mdix_ctrl;
	to->base.master_slave_cfg = from->base.master_slave_cfg;
	bitmap_copy(to->link_modes.advertising, from->link_modes.advertising,
		    __ETHTOOL_LINK_MODE_MASK_NBITS);
}

GET_VOID(channels, struct ethtool_channels, NS_SET_CHANNELS)
SET_INT(channels, struct ethtool_channels, struct ethtool_channels,
	NS_SET_CHANNELS, channels_merge)
GET_VOID(pauseparam, struct ethtool_pauseparam, NS_SET_PAUSE)
SET_INT(pauseparam, struct ethtool_pauseparam, struct ethtool_pauseparam,
	NS_SET_PAUSE, pause_merge)
GET_VOID(wol, struct ethtool_wolinfo, NS_SET_WOL)
SET_INT(wol, struct ethtool_wolinfo, struct ethtool_wolinfo, NS_SET_WOL,
	wol_merge)
GET_INT(eee, ns_eee_t, NS_SET_EEE)
SET_INT(eee, ns_eee_t, ns_eee_t, NS_SET_EEE, eee_merge)
GET_INT(fecparam, struct ethtool_fecparam, NS_SET_FEC)
SET_INT(fecparam, struct ethtool_fecparam, struct ethtool_fecparam, NS_SET_FEC,
	fec_merge)
GET_INT(link_ksettings, struct ethtool_link_ksettings, NS_SET_LINK)
SET_INT(link_ksettings, const struct ethtool_link_ksettings,
	struct ethtool_link_ksettings, NS_SET_LINK, link_merge)

static void w_get_ringparam(struct net_device *dev,
			    struct ethtool_ringparam *ring,
			    struct kernel_ethtool_ringparam *kernel,
			    struct netlink_ext_ack *extack)
{
	struct net_shadow *ns = ns_of_eops(dev);
	const struct ns_rings *kept;

	if (!ns_impersonates(ns)) {
		ns->drv_eops->get_ringparam(dev, ring, kernel, extack);
		return;
	}
	kept = ns_setting_answer(ns, NS_SET_RINGS);
	if (kept) {
		*ring = kept->ring;
		*kernel = kept->kernel;
	}
}

static int w_set_ringparam(struct net_device *dev,
			   struct ethtool_ringparam *ring,
			   struct kernel_ethtool_ringparam *kernel,
			   struct netlink_ext_ack *extack)
{
	struct net_shadow *ns = ns_of_eops(dev);
	struct ns_rings *kept, told;
	int err;

	if (!ns_impersonates(ns)) {
		err = ns->drv_eops->set_ringparam(dev, ring, kernel, extack);
		if (!err) {
			told.ring = *ring;
			ns_setting_log(ns, NS_SET_RINGS, &told);
		}
		return err;
	}
	kept = ns_setting_answer(ns, NS_SET_RINGS);
	if (!kept)
		return -EBUSY;
	kept->ring.rx_pending = ring->rx_pending;
	kept->ring.rx_mini_pending = ring->rx_mini_pending;
	kept->ring.rx_jumbo_pending = ring->rx_jumbo_pending;
	kept->ring.tx_pending = ring->tx_pending;
	kept->kernel = *kernel;
	ns_setting_changed(ns, NS_SET_RINGS);
	return 0;
}

static int w_get_coalesce(struct net_device *dev, struct ethtool_coalesce *c,
			  struct kernel_ethtool_coalesce *kernel,
			  struct netlink_ext_ack *extack)
{
	struct net_shadow *ns = ns_of_eops(dev);
	const struct ns_coalesce *kept;

	if (!ns_impersonates(ns))
		return ns->drv_eops->get_coalesce(dev, c, kernel, extack);
	kept = ns_setting_answer(ns, NS_SET_COALESCE);
	if (!kept)
		return -EBUSY;
	*c = kept->coalesce;
	*kernel = kept->kernel;
	return 0;
}

static int w_set_coalesce(struct net_device *dev, struct ethtool_coalesce *c,
			  struct kernel_ethtool_coalesce *kernel,
			  struct netlink_ext_ack *extack)
{
	struct net_shadow *ns = ns_of_eops(dev);
	struct ns_coalesce *kept, told;
	int err;

	if (!ns_impersonates(ns)) {
		err = ns->drv_eops->set_coalesce(dev, c, kernel, extack);
		if (!err) {
			told.coalesce = *c;
			ns_setting_log(ns, NS_SET_COALESCE, &told);
		}
		return err;
	}
	kept = ns_setting_answer(ns, NS_SET_COALESCE);
	if (!kept)
		return -EBUSY;
	kept->coalesce = *c;
	kept->kernel = *kernel;
	ns_setting_changed(ns, NS_SET_COALESCE);
	return 0;
}

static u32 w_get_msglevel(struct net_device *dev)
{
	struct net_shadow *ns = ns_of_eops(dev);

	return ns_impersonates(ns) ? ns->txn->set.msglevel :
				     ns->drv_eops->get_msglevel(dev);
}

static void w_set_msglevel(struct net_device *dev, u32 level)
{
	struct net_shadow *ns = ns_of_eops(dev);

	if (ns_impersonates(ns)) {
		ns->txn->set.msglevel = level;
		ns_setting_changed(ns, NS_SET_MSGLEVEL);
		return;
	}
	ns->drv_eops->set_msglevel(dev, level);
	ns_setting_log(ns, NS_SET_MSGLEVEL, &level);
}

static u32 w_get_priv_flags(struct net_device *dev)
{
	struct net_shadow *ns = ns_of_eops(dev);

	return ns_impersonates(ns) ? ns->txn->set.priv_flags :
				     ns->drv_eops->get_priv_flags(dev);
}

static int w_set_priv_flags(struct net_device *dev, u32 flags)
{
	struct net_shadow *ns = ns_of_eops(dev);
	int err;

	if (ns_impersonates(ns)) {
		ns->txn->set.priv_flags = flags;
		ns_setting_changed(ns, NS_SET_PRIV_FLAGS);
		return 0;
	}
	err = ns->drv_eops->set_priv_flags(dev, flags);
	if (!err)
		ns_setting_log(ns, NS_SET_PRIV_FLAGS, &flags);
	return err;
}

static int tunable_id(const struct ethtool_tunable *t)
{
	if (t->type_id != ETHTOOL_TUNABLE_U32)
		return -EBUSY;
	if (t->id == ETHTOOL_RX_COPYBREAK)
		return NS_SET_RX_COPYBREAK;
	if (t->id == ETHTOOL_TX_COPYBREAK)
		return NS_SET_TX_COPYBREAK;
	return -EBUSY;
}

static int w_get_tunable(struct net_device *dev,
			 const struct ethtool_tunable *t, void *data)
{
	struct net_shadow *ns = ns_of_eops(dev);
	int id = tunable_id(t);
	const u32 *kept;

	if (!ns_impersonates(ns))
		return ns->drv_eops->get_tunable(dev, t, data);
	kept = id < 0 ? NULL : ns_setting_answer(ns, id);
	if (!kept)
		return -EBUSY;
	*(u32 *)data = *kept;
	return 0;
}

static int w_set_tunable(struct net_device *dev,
			 const struct ethtool_tunable *t, const void *data)
{
	struct net_shadow *ns = ns_of_eops(dev);
	int err, id = tunable_id(t);
	u32 *kept;

	if (!ns_impersonates(ns)) {
		err = ns->drv_eops->set_tunable(dev, t, data);
		if (!err && id >= 0)
			ns_setting_log(ns, id, data);
		return err;
	}
	kept = id < 0 ? NULL : ns_setting_answer(ns, id);
	if (!kept)
		return -EBUSY;
	*kept = *(const u32 *)data;
	ns_setting_changed(ns, id);
	return 0;
}

static u32 w_get_rxfh_indir_size(struct net_device *dev)
{
	struct net_shadow *ns = ns_of_eops(dev);

	return ns_impersonates(ns) ? ns->txn->set.rss.indir_size :
				     ns->drv_eops->get_rxfh_indir_size(dev);
}

static u32 w_get_rxfh_key_size(struct net_device *dev)
{
	struct net_shadow *ns = ns_of_eops(dev);

	return ns_impersonates(ns) ? ns->txn->set.rss.key_size :
				     ns->drv_eops->get_rxfh_key_size(dev);
}

static int w_get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *nfc,
		       u32 *rules)
{
	struct net_shadow *ns = ns_of_eops(dev);

	if (!ns_impersonates(ns))
		return ns->drv_eops->get_rxnfc(dev, nfc, rules);
	if (nfc->cmd != ETHTOOL_GRXRINGS)
		return -EBUSY;
	nfc->data = dev->real_num_rx_queues;
	return 0;
}

/* Driver-specific statistics and names */

static int w_get_sset_count(struct net_device *dev, int set)
{
	struct net_shadow *ns = ns_of_eops(dev);

	if (!ns_impersonates(ns))
		return ns->drv_eops->get_sset_count(dev, set);
	if (set == ETH_SS_STATS)
		return ns->txn->estats.count;
	if (set == ETH_SS_PRIV_FLAGS)
		return ns->txn->n_flags;
	return -EBUSY;
}

static void w_get_strings(struct net_device *dev, u32 set, u8 *data)
{
	struct net_shadow *ns = ns_of_eops(dev);

	if (!ns_impersonates(ns))
		ns->drv_eops->get_strings(dev, set, data);
	else if (set == ETH_SS_STATS && ns->txn->estats.count)
		memcpy(data, ns->txn->estats.names,
		       ns->txn->estats.count * ETH_GSTRING_LEN);
	else if (set == ETH_SS_PRIV_FLAGS && ns->txn->n_flags)
		memcpy(data, ns->txn->names_flags,
		       ns->txn->n_flags * ETH_GSTRING_LEN);
}

static void w_get_ethtool_stats(struct net_device *dev,
				struct ethtool_stats *head, u64 *data)
{
	struct net_shadow *ns = ns_of_eops(dev);

	if (!ns_impersonates(ns)) {
		ns->drv_eops->get_ethtool_stats(dev, head, data);
		ns_estats_add_base(ns, head->n_stats, data);
	} else if (head->n_stats == ns->txn->estats.count) {
		memcpy(data, ns->txn->estats.values,
		       head->n_stats * sizeof(u64));
	}
}

/* Gives up RTNL while it works: no update begins meanwhile. */
static int w_flash_device(struct net_device *dev, struct ethtool_flash *flash)
{
	struct net_shadow *ns = ns_of_eops(dev);
	int err;

	if (ns_in_update(ns))
		return -EBUSY;
	atomic_inc(&ns->busy);
	err = ns->drv_eops->flash_device(dev, flash);
	atomic_dec(&ns->busy);
	return err;
}

#include "compat_rxfh.h"

static int n_busy(struct net_device *dev)
{
	return -EBUSY;
}

static int n_zero(struct net_device *dev)
{
	return 0;
}

static void n_nothing(struct net_device *dev)
{
}

struct eth_slot {
	unsigned short offset;
	bool always;
	void *wrapper;
	void *neutral;
};

#define ETH(_op)	.offset = offsetof(struct ethtool_ops, _op)
#define WRAP(_op)	{ ETH(_op), .wrapper = w_##_op }
#define SWAP(_op, _fn)	{ ETH(_op), .neutral = (_fn) }

static const struct eth_slot eth_slots[] = {
	{ ETH(begin), .wrapper = w_begin, .always = true },
	WRAP(complete),
	WRAP(get_drvinfo),
	WRAP(get_link),
	WRAP(get_channels),
	WRAP(set_channels),
	WRAP(get_pauseparam),
	WRAP(set_pauseparam),
	WRAP(get_wol),
	WRAP(set_wol),
	WRAP(get_eee),
	WRAP(set_eee),
	WRAP(get_fecparam),
	WRAP(set_fecparam),
	WRAP(get_link_ksettings),
	WRAP(set_link_ksettings),
	WRAP(get_ringparam),
	WRAP(set_ringparam),
	WRAP(get_coalesce),
	WRAP(set_coalesce),
	WRAP(get_msglevel),
	WRAP(set_msglevel),
	WRAP(get_priv_flags),
	WRAP(set_priv_flags),
	WRAP(get_tunable),
	WRAP(set_tunable),
	WRAP(get_rxfh_indir_size),
	WRAP(get_rxfh_key_size),
	WRAP(get_rxfh),
	WRAP(set_rxfh),
	WRAP(get_rxnfc),
	WRAP(get_sset_count),
	WRAP(get_strings),
	WRAP(get_ethtool_stats),
	WRAP(flash_device),

	SWAP(get_regs_len, n_busy),
	SWAP(get_regs, n_nothing),
	SWAP(nway_reset, n_busy),
	SWAP(get_link_ext_state, n_busy),
	SWAP(get_eeprom_len, n_zero),
	SWAP(get_eeprom, n_busy),
	SWAP(set_eeprom, n_busy),
	SWAP(get_pause_stats, n_nothing),
	SWAP(self_test, n_nothing),
	SWAP(set_phys_id, n_busy),
	SWAP(set_rxnfc, n_busy),
	SWAP(reset, n_busy),
	SWAP(get_dump_flag, n_busy),
	SWAP(get_dump_data, n_busy),
	SWAP(set_dump, n_busy),
	SWAP(get_ts_info, ethtool_op_get_ts_info),
	SWAP(get_module_info, n_busy),
	SWAP(get_module_eeprom, n_busy),
	SWAP(get_per_queue_coalesce, n_busy),
	SWAP(set_per_queue_coalesce, n_busy),
	SWAP(get_fec_stats, n_nothing),
	SWAP(get_ethtool_phy_stats, n_nothing),
	SWAP(get_phy_tunable, n_busy),
	SWAP(set_phy_tunable, n_busy),
	SWAP(get_module_eeprom_by_page, n_busy),
	SWAP(get_eth_phy_stats, n_nothing),
	SWAP(get_eth_mac_stats, n_nothing),
	SWAP(get_eth_ctrl_stats, n_nothing),
	SWAP(get_rmon_stats, n_nothing),
	SWAP(get_module_power_mode, n_busy),
	SWAP(set_module_power_mode, n_busy),
	NS_ETH_SLOTS_COMPAT
};

#define ETH_HEAD	offsetof(struct ethtool_ops, get_drvinfo)

static_assert(ARRAY_SIZE(eth_slots) ==
	      (sizeof(struct ethtool_ops) - ETH_HEAD) / sizeof(void *));

/**
 * ns_eops_update() - bring the table that ethtool sees in line with the state
 * @ns: its shadow
 *
 * Context: RTNL, or before registration.
 */
void ns_eops_update(struct net_shadow *ns)
{
	bool away = ns_impersonates(ns);
	const struct eth_slot *slot;
	void *drv, *value;

	memcpy(&ns->eops, ns->drv_eops, ETH_HEAD);
	for (slot = eth_slots; slot < eth_slots + ARRAY_SIZE(eth_slots); slot++) {
		drv = *(void **)((void *)ns->drv_eops + slot->offset);
		value = NULL;
		if (drv && away && slot->neutral)
			value = slot->neutral;
		else if (drv || slot->always)
			value = slot->wrapper ?: drv;
		WRITE_ONCE(*(void **)((void *)&ns->eops + slot->offset), value);
	}
}

/**
 * ns_ethtool_snapshot() - copy what the outgoing driver answers
 * @ns: its shadow at quiesce
 *
 * Context: RTNL.
 */
void ns_ethtool_snapshot(struct net_shadow *ns)
{
	const struct ethtool_ops *ops = ns->drv_eops;
	struct ns_txn *t = ns->txn;
	int count = 0;

	ns_settings_fetch(ns, &t->set);
	memset(&t->drvinfo, 0, sizeof(t->drvinfo));
	t->drvinfo.cmd = ETHTOOL_GDRVINFO;
	strscpy(t->drvinfo.version, init_utsname()->release,
		sizeof(t->drvinfo.version));
	if (ops->get_drvinfo)
		ops->get_drvinfo(ns->dev, &t->drvinfo);
	if (ops->get_sset_count && ops->get_strings)
		count = ops->get_sset_count(ns->dev, ETH_SS_PRIV_FLAGS);
	kfree(t->names_flags);
	t->names_flags = NULL;
	t->n_flags = 0;
	if (count > 0)
		t->names_flags = kcalloc(count, ETH_GSTRING_LEN, GFP_KERNEL);
	if (t->names_flags) {
		ops->get_strings(ns->dev, ETH_SS_PRIV_FLAGS, t->names_flags);
		t->n_flags = count;
	}
	ns_estats_freeze(ns);
}
