/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shadow driver for network devices: what its files share.
 *
 * DOC: objects and locks
 *
 * A struct net_shadow belongs to each net_device that a managed driver
 * allocates for a device of its own. It holds the tables that the kernel sees
 * instead of the driver's (@ops, @eops), so a wrapper finds its shadow by
 * container_of() and the data path pays nothing. What only a transaction needs
 * hangs off @txn.
 *
 * RTNL orders every change of @mode and every config wrapper. The wrappers
 * that run without RTNL are fenced where the mode changes: rx mode by the
 * address list lock, statistics and the transmit path by synchronize_net(),
 * the carrier by @carrier_lock. ns_mutex guards the list of shadows and nests
 * inside RTNL.
 */
#ifndef _LU_NET_SHADOW_H
#define _LU_NET_SHADOW_H

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/ethtool.h>
#include <linux/etherdevice.h>
#include <linux/irq_work.h>
#include <linux/kref.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/shadow_driver.h>
#include <linux/workqueue.h>

#include "compat.h"

/**
 * enum ns_mode - what a shadow does at the moment
 * @NS_NEW: allocated by the driver, not registered
 * @NS_PASSIVE: registered; the shadow only observes
 * @NS_ACTIVE: no driver answers; the shadow impersonates it
 * @NS_GATED: a driver answers again; transmit and carrier are still held back
 */
enum ns_mode {
	NS_NEW,
	NS_PASSIVE,
	NS_ACTIVE,
	NS_GATED,
};

/* Settings that a driver keeps and ethtool sets; see settings.c. */
enum ns_setting_id {
	NS_SET_PRIV_FLAGS,
	NS_SET_CHANNELS,
	NS_SET_RINGS,
	NS_SET_COALESCE,
	NS_SET_PAUSE,
	NS_SET_EEE,
	NS_SET_FEC,
	NS_SET_LINK,
	NS_SET_RSS,
	NS_SET_RX_COPYBREAK,
	NS_SET_TX_COPYBREAK,
	NS_SET_WOL,
	NS_SET_MSGLEVEL,
	NS_SET_COUNT,
};

struct ns_rings {
	struct ethtool_ringparam ring;
	struct kernel_ethtool_ringparam kernel;
};

struct ns_coalesce {
	struct ethtool_coalesce coalesce;
	struct kernel_ethtool_coalesce kernel;
};

#define NS_RSS_MAX_INDIR	1024
#define NS_RSS_MAX_KEY		256

struct ns_rss {
	u32 indir_size;
	u32 key_size;
	u8 hfunc;
	u32 indir[NS_RSS_MAX_INDIR];
	u8 key[NS_RSS_MAX_KEY];
};

/* What the driver's getters said at quiesce, kept up to date while active. */
struct ns_settings {
	bool valid[NS_SET_COUNT];
	struct ethtool_channels channels;
	struct ns_rings rings;
	struct ns_coalesce coalesce;
	struct ethtool_pauseparam pause;
	struct ethtool_wolinfo wol;
	struct ethtool_link_ksettings link;
	struct ethtool_fecparam fec;
	ns_eee_t eee;
	struct ns_rss rss;
	u32 msglevel;
	u32 priv_flags;
	u32 rx_copybreak;
	u32 tx_copybreak;
};

/* Driver-specific statistics: names and values of one moment. */
struct ns_estats {
	unsigned int count;
	unsigned int room;
	u8 *names;
	u64 *values;
};

/* What a generation offers; the new one must not offer less. */
struct ns_offer {
	struct net_device_ops ops;
	struct ethtool_ops eops;
	netdev_features_t features;
	unsigned int min_mtu;
	unsigned int max_mtu;
	unsigned int priv_flags;
	bool dcbnl;
	const void *tunnel_info;
};

/* The last offload of traffic classes that the driver accepted. */
struct ns_mqprio {
	bool valid;
	struct tc_mqprio_qopt_offload offload;
};

/**
 * struct ns_txn - what a shadow needs during a transaction only
 * @fresh: net_device as ether_setup() leaves it
 * @kern: copy of the net_device's fields that are the kernel's or the user's
 * @offer: what the outgoing generation offered
 * @set: settings as the user has them
 * @scratch: settings as the incoming driver has them
 * @estats: driver-specific statistics at quiesce
 * @drvinfo: answer for ethtool -i while active
 * @names_flags: names of private flags
 * @features: features that were in force; users' changes included
 * @drv_features: features that the incoming driver begins with
 * @applied: features that the replay left in force
 * @dirty: settings that users changed while no driver answered
 * @gated: settings that users changed after the replay, before the resume
 * @readopted: another generation registered the object since quiesce
 * @vlans_changed: a VLAN was added while no driver answered
 * @mtu_fresh: what the incoming driver believes that the MTU is
 * @want_tx: number of queues that the incoming driver has in use
 * @want_rx: likewise
 * @onlookers: ns_onlookers() at quiesce
 */
struct ns_txn {
	struct net_device *fresh;
	struct net_device *kern;
	struct ns_offer offer;
	struct ns_settings set;
	struct ns_settings scratch;
	struct ns_estats estats;
	struct ethtool_drvinfo drvinfo;
	u8 *names_flags;
	unsigned int n_flags;
	netdev_features_t features;
	netdev_features_t drv_features;
	netdev_features_t applied;
	unsigned long dirty;
	unsigned long gated;
	bool readopted;
	bool vlans_changed;
	unsigned int mtu_fresh;
	unsigned int want_tx;
	unsigned int want_rx;
	unsigned int onlookers;
};

/* Words of the object that are watched while a driver fills it in. */
enum ns_guarded {
	NS_GUARD_OPS,
	NS_GUARD_EOPS,
	NS_GUARD_COUNT,
};

/**
 * struct ns_bolt - holds off requests while a driver stores its tables
 * @work: holds RTNL
 * @irq: opens from the debug exception
 * @closed: RTNL is held
 * @open: RTNL need not be held any more
 * @stored: bit for each table that was stored since
 */
struct ns_bolt {
	struct work_struct work;
	struct irq_work irq;
	struct completion closed;
	struct completion open;
	unsigned long stored;
};

/**
 * struct net_shadow - shadow of one network device
 * @node: in the table that taps search by @dev
 * @list: in the list of all shadows, oldest first
 * @id: position in that list
 * @ref: the object's life and each walk of the list
 * @rcu: readers of the table
 * @dev: the kept object
 * @ldev: the bus device it stands for
 * @priv_size: bytes of private area that @dev was allocated with
 * @mode: see &enum ns_mode
 * @handed: @dev is in the hands of a driver
 * @adopted: that driver registered it
 * @drv_open: that driver's ndo_open ran and its ndo_stop has not
 * @drv_init: that driver's ndo_init ran and its ndo_uninit has not
 * @ops: table that the kernel sees
 * @eops: likewise
 * @drv_ops: table of the driver
 * @drv_eops: likewise
 * @drv_addr: address that the driver believes it has
 * @txn: not NULL from prepare to unprepare, and while active
 */
struct net_shadow {
	struct hlist_node node;
	struct list_head list;
	u64 id;
	struct kref ref;
	struct rcu_head rcu;

	struct net_device *dev;
	struct lu_device *ldev;
	unsigned int priv_size;

	enum ns_mode mode;
	bool handed;
	bool adopted;
	bool drv_open;
	bool drv_init;

	struct net_device_ops ops;
	struct ethtool_ops eops;
	const struct net_device_ops *drv_ops;
	const struct ethtool_ops *drv_eops;
	bool groups_present;
	const struct attribute_group *group;
	const struct attribute_group *rx_group;

	char name[IFNAMSIZ];
	u8 drv_addr[MAX_ADDR_LEN];

	/* carrier */
	spinlock_t carrier_lock;
	bool had_carrier;

	/* gate */
	bool gate_closed;
	struct delayed_work keepalive;

	/* statistics */
	bool stats_frozen;
	struct rtnl_link_stats64 base;
	struct rtnl_link_stats64 frozen;
	struct ns_estats ebase;

	/* logged offloads */
	struct ns_mqprio mqprio;
	unsigned int tc_blocks;
	unsigned long tc_other;
	unsigned int xsk_pools;
	unsigned int stations;
	bool hwtstamp;
	bool drv_xdp;
	atomic_t busy;
	unsigned long user_set;

	bool gone;
	struct notifier_block unplug;
	struct work_struct drop;
	struct perf_event * __percpu *guard[NS_GUARD_COUNT];
	struct ns_bolt bolt;
	struct ns_txn *txn;
};

static inline struct net_shadow *ns_of(const struct net_device *dev)
{
	return container_of(dev->netdev_ops, struct net_shadow, ops);
}

/* Wrappers of ethtool operations: same object, RTNL held. */
static inline struct net_shadow *ns_of_eops(const struct net_device *dev)
{
	return container_of(dev->ethtool_ops, struct net_shadow, eops);
}

static inline bool ns_impersonates(const struct net_shadow *ns)
{
	return READ_ONCE(ns->mode) == NS_ACTIVE;
}

static inline bool ns_in_update(const struct net_shadow *ns)
{
	return READ_ONCE(ns->mode) >= NS_ACTIVE;
}

/* The transaction under way on the set; taps are not told it. */
static inline struct lu_txn *ns_lu_txn(const struct net_shadow *ns)
{
	return lu_txn_of(ns->ldev->set);
}

#define ns_log(ns, key, fmt, ...)					\
	lu_log_set((ns)->ldev->set, (ns)->ldev->dev, key, fmt, ##__VA_ARGS__)

/* object.c: life cycle, lookup */
extern struct lu_shadow net_lu_shadow;
struct net_shadow *ns_find(const struct net_device *dev);
struct net_shadow *ns_next(struct lu_txn *txn, struct net_shadow *prev);
void ns_put(struct net_shadow *ns);
struct net_shadow *ns_next_to_hand_out(struct lu_device *ldev);
void ns_track(struct net_device *dev, struct lu_device *ldev,
	      unsigned int priv_size);
void ns_untrack(struct net_shadow *ns);
bool ns_usable(struct net_shadow *ns);
bool ns_attach_ops(struct net_shadow *ns);
void ns_detach_ops(struct net_shadow *ns);
void ns_registered(struct net_shadow *ns);
unsigned int ns_slack(void);

#define ns_for_each(ns, txn)						\
	for ((ns) = ns_next(txn, NULL); (ns); (ns) = ns_next(txn, ns))

/* adopt.c: an object changes hands */
int ns_txn_alloc(struct net_shadow *ns);
void ns_txn_free(struct net_shadow *ns);
struct net_device *ns_hand_out(struct net_shadow *ns, int priv_size,
			       void (*setup)(struct net_device *dev),
			       unsigned int txqs, unsigned int rxqs);
void ns_save_kernel_fields(struct net_shadow *ns);
void ns_name_save(struct net_shadow *ns);
void ns_name_restore(struct net_shadow *ns);
void ns_name_mend(struct net_shadow *ns);
void ns_name_settle(struct net_shadow *ns);
int ns_adopt(struct net_shadow *ns);
void ns_conceal_unregister(struct net_shadow *ns);
void ns_conceal_free(struct net_shadow *ns);
void ns_groups_remove(struct net_shadow *ns);
void ns_groups_create(struct net_shadow *ns);

/* ops.c */
void ns_ops_update(struct net_shadow *ns);
void ns_driver_stop(struct net_shadow *ns);
int ns_driver_open(struct net_shadow *ns);

/* ethtool.c, settings.c */
void ns_eops_update(struct net_shadow *ns);
void ns_ethtool_snapshot(struct net_shadow *ns);
void *ns_settings_slot(struct ns_settings *s, enum ns_setting_id id);
void ns_settings_fetch(struct net_shadow *ns, struct ns_settings *to);
void ns_settings_recall(struct net_shadow *ns);
int ns_settings_replay(struct net_shadow *ns, bool last, unsigned int *count);
void ns_setting_log(struct net_shadow *ns, enum ns_setting_id id,
		    const void *value);
void *ns_setting_answer(struct net_shadow *ns, enum ns_setting_id id);
void ns_setting_changed(struct net_shadow *ns, enum ns_setting_id id);

/* stats.c */
void ns_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *to);
void ns_stats_freeze(struct net_shadow *ns);
void ns_stats_thaw(struct net_shadow *ns);
void ns_estats_free(struct ns_estats *es);
void ns_estats_freeze(struct net_shadow *ns);
void ns_estats_rebase(struct net_shadow *ns);
void ns_estats_add_base(struct net_shadow *ns, unsigned int count,
			u64 *values);

/* gate.c */
netdev_tx_t ns_gate_xmit(struct sk_buff *skb, struct net_device *dev);
void ns_gate_init(struct net_shadow *ns);
void ns_gate_close(struct net_shadow *ns);
void ns_gate_open(struct net_shadow *ns);
void ns_drain(struct net_shadow *ns);
void ns_queues_reset(struct net_shadow *ns);
void ns_queues_settle(struct net_shadow *ns);

/* carrier.c */
extern wait_queue_head_t ns_carrier_wq;
extern atomic_t ns_carrier_reports;
void ns_carrier_hold(struct net_shadow *ns);
void ns_carrier_fresh(struct net_shadow *ns);
bool ns_carrier_tap(struct net_shadow *ns, bool on);
bool ns_carrier_ready(const struct net_shadow *ns);
bool ns_carrier_lost(const struct net_shadow *ns);
void ns_carrier_release(struct net_shadow *ns);
void ns_carrier_report_loss(struct net_shadow *ns);
void ns_linkwatch_settle(struct net_shadow *ns, unsigned long deadline);

/* guard.c, unplug.c, observe.c */
void ns_bolt_init(struct net_shadow *ns);
void ns_bolt_close(struct net_shadow *ns);
void ns_bolt_open(struct net_shadow *ns);
void ns_bolt_stored(struct net_shadow *ns, enum ns_guarded which);
int ns_bolt_setup(void);
void ns_bolt_cleanup(void);
void ns_guard_begin(struct net_shadow *ns);
void ns_guard_begin_ethtool(struct net_shadow *ns);
void ns_guard_end(struct net_shadow *ns);
void ns_unplug_begin(struct net_shadow *ns);
void ns_unplug_end(struct net_shadow *ns);
void ns_observe_begin(void);
void ns_observe_end(void);

/* quiesce.c, replay.c, verify.c */
int ns_refusal(struct net_shadow *ns, struct lu_txn *txn);
unsigned int ns_onlookers(const struct net_shadow *ns);
void ns_quiesce(struct net_shadow *ns, struct lu_txn *txn, bool first,
		unsigned long deadline);
void ns_xdp_detach(struct net_shadow *ns);
void ns_reactivate(struct net_shadow *ns);
int ns_replay(struct net_shadow *ns, struct lu_txn *txn);
void ns_resume(struct net_shadow *ns, struct lu_txn *txn);
void ns_offer_of(struct net_shadow *ns, struct ns_offer *offer);
void ns_verify(struct net_shadow *ns, struct lu_txn *txn);

/* taps.c */
extern struct lu_tap net_taps[];
size_t net_nr_taps(void);

#endif /* _LU_NET_SHADOW_H */
