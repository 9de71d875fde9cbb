// SPDX-License-Identifier: GPL-2.0
/*
 * Shadow driver for network devices: what the core calls.
 *
 * A transaction moves all network devices of a driver set. Each step is done
 * for each of them in the order of their first registration; a step that fails
 * for one is undone for those before it.
 */
#include "net_shadow.h"

/* For the way back to the same driver, which has no limit of the core's. */
#define NS_UNQUIESCE_MS	10000
#define NS_LINK_POLL_MS		20

static void net_unprepare(struct lu_txn *txn)
{
	struct net_shadow *ns;

	ns_for_each(ns, txn) {
		ns_guard_end(ns);
		ns_unplug_end(ns);
		/* Impersonation goes on after a failure: it needs its copies. */
		if (!ns_in_update(ns))
			ns_txn_free(ns);
	}
}

static int prepare_one(struct net_shadow *ns, struct lu_txn *txn)
{
	int err;

	if (!ns->txn) {
		err = ns_txn_alloc(ns);
		if (err)
			return err;
	}
	rtnl_lock();
	err = ns_usable(ns) ? ns_refusal(ns, txn) : 0;
	rtnl_unlock();
	if (err)
		return err;
	ns_guard_begin(ns);
	ns_unplug_begin(ns);
	return 0;
}

static int net_prepare(struct lu_txn *txn)
{
	struct net_shadow *ns;
	int err = 0;

	ns_observe_begin();
	ns_for_each(ns, txn) {
		err = prepare_one(ns, txn);
		if (err) {
			ns_put(ns);
			break;
		}
	}
	if (err) {
		net_unprepare(txn);
		return err;
	}
	ns_for_each(ns, txn)
		ns_guard_begin_ethtool(ns);
	return 0;
}

static int net_quiesce(struct lu_txn *txn, unsigned long deadline)
{
	struct net_shadow *ns;
	bool first = true;

	ns_for_each(ns, txn) {
		ns_quiesce(ns, txn, first, deadline);
		first = false;
	}
	return 0;
}

static int net_replay(struct lu_txn *txn, unsigned long deadline)
{
	struct net_shadow *ns;
	int err;

	ns_for_each(ns, txn) {
		err = ns_replay(ns, txn);
		if (err) {
			ns_put(ns);
			return err;
		}
	}
	return 0;
}

/* Opens each gate whose driver is ready. Returns true when all are open. */
static bool resume_ready(struct lu_txn *txn, bool all)
{
	struct net_shadow *ns;
	bool done = true;

	ns_for_each(ns, txn) {
		if (READ_ONCE(ns->mode) != NS_GATED)
			continue;
		if (all || ns_carrier_ready(ns))
			ns_resume(ns, txn);
		else
			done = false;
	}
	return done;
}

static int net_resume(struct lu_txn *txn, unsigned long deadline)
{
	int seen = atomic_read(&ns_carrier_reports);

	while (!resume_ready(txn, false) && time_before(jiffies, deadline)) {
		/* Drivers look for link every other second: ask for a look. */
		lu_txn_expedite(txn);
		wait_event_timeout(ns_carrier_wq,
				   atomic_read(&ns_carrier_reports) != seen,
				   msecs_to_jiffies(NS_LINK_POLL_MS));
		seen = atomic_read(&ns_carrier_reports);
	}
	resume_ready(txn, true);
	lu_txn_blackout_end(txn);
	return 0;
}

static int net_unquiesce(struct lu_txn *txn)
{
	int err = net_replay(txn, 0);

	return err ?: net_resume(txn, jiffies +
				 msecs_to_jiffies(NS_UNQUIESCE_MS));
}

static void net_detached(struct lu_txn *txn)
{
	struct net_shadow *ns;

	ns_for_each(ns, txn) {
		/* A driver that went without a word: its own functions with it. */
		ns->drv_open = false;
		ns_conceal_free(ns);
	}
}

static int net_verify(struct lu_txn *txn)
{
	struct net_shadow *ns;

	ns_for_each(ns, txn)
		ns_verify(ns, txn);
	return 0;
}

static void net_stuck(struct lu_txn *txn)
{
	struct net_shadow *ns;

	ns_for_each(ns, txn) {
		if (!ns_impersonates(ns))
			continue;
		pr_err("%s (%s) has no driver; requests are answered, nothing is sent\n",
		       ns->name, dev_name(ns->ldev->dev));
		ns_carrier_report_loss(ns);
	}
}

struct lu_shadow net_lu_shadow = {
	.class = "net",
	.owner = THIS_MODULE,
	.taps = net_taps,
	.prepare = net_prepare,
	.unprepare = net_unprepare,
	.quiesce = net_quiesce,
	.unquiesce = net_unquiesce,
	.detached = net_detached,
	.verify = net_verify,
	.replay = net_replay,
	.resume = net_resume,
	.stuck = net_stuck,
};

static int __init net_shadow_init(void)
{
	int err;

	err = ns_bolt_setup();
	if (err)
		return err;
	net_lu_shadow.nr_taps = net_nr_taps();
	ns_observe_begin();
	err = lu_shadow_register(&net_lu_shadow);
	if (err) {
		ns_observe_end();
		ns_bolt_cleanup();
	}
	return err;
}
module_init(net_shadow_init);

static void __exit net_shadow_exit(void)
{
	lu_shadow_unregister(&net_lu_shadow);
	ns_observe_end();
	ns_bolt_cleanup();
	/* Shadows that the last drivers dropped. */
	rcu_barrier();
}
module_exit(net_shadow_exit);

MODULE_DESCRIPTION("Live update of network drivers");
MODULE_LICENSE("GPL");
