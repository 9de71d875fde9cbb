// SPDX-License-Identifier: GPL-2.0
/*
 * The phases of a transaction. Whatever runs driver code does so in a thread
 * with a time limit, see worker.c; a thread that is lost keeps the locks that
 * it holds, and the set is stuck until it comes back.
 */
#include <linux/device.h>
#include <linux/slab.h>

#include "internal.h"

/*
 * The limit that users set says how long they are willing to try the incoming
 * driver. The way back to the one that ran is not cut short by it.
 */
static unsigned long lu_limit(const struct lu_set *set)
{
	unsigned int ms = set->timeout_ms;

	if (!ms)
		return MAX_JIFFY_OFFSET / 2;
	if (set->txn && set->txn->rolling_back)
		ms = max_t(unsigned int, ms, LU_DEFAULT_TIMEOUT_MS);
	return msecs_to_jiffies(ms);
}

/**
 * lu_deadline() - when a step that begins now has to be done
 * @set: the set
 *
 * Return: jiffies.
 */
unsigned long lu_deadline(const struct lu_set *set)
{
	return jiffies + lu_limit(set);
}

/* Devices. */

/* One step on each device at a time, all at once; each waits for its hardware. */
static int lu_each_device(struct lu_txn *txn, const char *what, int (*fn)(void *data),
			  enum lu_outcome *worst)
{
	unsigned long deadline = lu_deadline(txn->set);
	struct lu_device *ldev;
	enum lu_outcome outcome;
	struct lu_member *mb;
	int err, ret = 0;

	*worst = LU_IN_TIME;
	lu_for_each_device(ldev, mb, txn) {
		ldev->worker = NULL;
		if (!ldev->in_txn)
			continue;
		ldev->worker = lu_worker_start(txn->set, fn, ldev);
		if (IS_ERR(ldev->worker)) {
			ldev->worker = NULL;
			fn(ldev);
		}
	}
	lu_for_each_device(ldev, mb, txn) {
		if (!ldev->worker)
			continue;
		err = lu_worker_finish(ldev->worker, what, deadline, &outcome);
		ldev->worker = NULL;
		*worst = max(*worst, outcome);
		if (err && !ret)
			ret = err;
	}
	return ret;
}

static bool lu_release_by_force(const struct lu_generation *gen)
{
	return gen->set->release == LU_RELEASE_FORCE && gen->role == LU_ROLE_RUNNING;
}

static int lu_do_remove(void *data)
{
	struct lu_device *ldev = data;

	lu_bus_keep(ldev, true);
	ldev->releasing = true;
	device_release_driver(ldev->dev);
	ldev->releasing = false;
	lu_bus_keep(ldev, false);
	return 0;
}

static int lu_do_bind(void *data)
{
	struct lu_device *ldev = data;
	int ret;

	lu_bus_keep(ldev, false);
	lu_bus_tidy(ldev);
	ldev->attaching = true;
	ret = device_attach(ldev->dev);
	ldev->attaching = false;
	return ret < 0 ? ret : 0;
}

/* Steps on the whole set. */

static int lu_do_exit(void *data)
{
	struct lu_generation *gen = lu_outgoing(data);

	lu_generation_exit(gen, lu_release_by_force(gen));
	return 0;
}

static int lu_do_release(void *data)
{
	struct lu_member *mb = data;
	struct lu_generation *gen = lu_outgoing(mb);

	mb->txn->record->released += lu_bus_unregister_all(gen);
	mb->txn->record->released += lu_objects_release(gen);
	return 0;
}

/* The inits, libraries first; after one that failed none is in effect. */
static int lu_do_init(void *data)
{
	struct lu_txn *txn = data;
	struct lu_members *ms = &txn->members;
	struct lu_member *mb;
	unsigned int i;
	int err = 0;

	lu_members_sort(ms, !txn->rolling_back);
	for (i = 0; i < ms->nr && !err; i++) {
		mb = &ms->member[i];
		if (i && lu_set_stuck(txn->set))
			err = -ETIME;	/* this thread was given up */
		else if (!lu_generation_inited(lu_incoming(mb)))
			err = lu_generation_init(lu_incoming(mb),
						 txn->rolling_back ? NULL : mb->from);
	}
	if (!err)
		return 0;
	if (ms->nr > 1 && !txn->rolling_back)
		lu_mismatch(txn, "init of %s failed (%d)", mb->set->name, err);
	for (i--; i--; )
		lu_generation_exit(lu_incoming(&ms->member[i]), false);
	return err;
}

static int lu_do_quiesce(void *data)
{
	struct lu_txn *txn = data;

	return txn->shadow->quiesce(txn, lu_deadline(txn->set));
}

static int lu_do_unquiesce(void *data)
{
	struct lu_txn *txn = data;

	return txn->shadow->unquiesce(txn);
}

static int lu_do_detached(void *data)
{
	struct lu_txn *txn = data;

	txn->shadow->detached(txn);
	return 0;
}

static int lu_do_probed(void *data)
{
	struct lu_txn *txn = data;

	txn->shadow->probed(txn);
	return 0;
}

static int lu_do_verify(void *data)
{
	struct lu_txn *txn = data;

	return txn->shadow->verify(txn);
}

static int lu_do_replay(void *data)
{
	struct lu_txn *txn = data;

	return txn->shadow->replay(txn, lu_deadline(txn->set));
}

static int lu_do_resume(void *data)
{
	struct lu_txn *txn = data;
	unsigned long limit = lu_limit(txn->set);

	/* It waits for the device itself, and then has to have time to go on. */
	return txn->shadow->resume(txn, jiffies + limit - limit / 4);
}

static int lu_shadow_step(struct lu_txn *txn, const char *what, int (*fn)(void *data))
{
	enum lu_outcome outcome;

	return txn->shadow ? lu_run_limited(txn->set, what, fn, txn, &outcome) : 0;
}

/* Impersonation on and off. */
static void lu_txn_set_active(struct lu_txn *txn, bool active)
{
	struct lu_member *mb;

	lu_for_each_member(mb, &txn->members)
		/* Pairs with the acquire in lu_set_active(). */
		smp_store_release(&mb->set->active, active);
}

/* One shadow speaks for all devices. */
static int lu_check_classes(struct lu_txn *txn)
{
	struct lu_member *mb;

	lu_for_each_member(mb, &txn->members)
		if (mb->set->shadow && mb->set->shadow != txn->shadow) {
			lu_mismatch(txn, "%s: devices of two classes, %s and %s", mb->set->name,
				    txn->shadow->class, mb->set->shadow->class);
			return -EOPNOTSUPP;
		}
	return 0;
}

/* A device that nobody would hand over: an update would be an ordinary reload to its users. */
static int lu_check_buses(struct lu_txn *txn)
{
	struct lu_member *mb;
	struct device *dev;
	unsigned int n;

	lu_for_each_member(mb, &txn->members)
		for (n = 0; (dev = lu_scan_unknown_device(txn, mb->from, n)); n++) {
			lu_mismatch(txn, "%s: live update does not know the bus %s",
				    dev_name(dev), dev_bus_name(dev));
			put_device(dev);
			if (!txn->forced)
				return -EOPNOTSUPP;
		}
	return 0;
}

/*
 * All devices take a step at once. A thread that is lost in the exit of a module
 * is not missed; one that is lost elsewhere ends the transaction, and leaves the
 * others to the one that follows it.
 */
static unsigned int lu_crew_needed(const struct lu_txn *txn)
{
	return max(txn->record->devices, 1U) + 2 * txn->members.nr + 1;
}

static int lu_phase_prepare(struct lu_txn *txn)
{
	struct lu_device *ldev;
	struct lu_member *mb;
	int err;

	lu_for_each_member(mb, &txn->members) {
		err = lu_generation_save_params(mb->from);
		if (err)
			return err;
	}
	err = lu_crew_gather(txn->set, lu_crew_needed(txn)) ?:
	      lu_check_classes(txn) ?: lu_check_buses(txn);
	if (err)
		return err;
	lu_for_each_device(ldev, mb, txn)
		if (ldev->in_txn && !ldev->shadow) {
			lu_mismatch(txn, "%s: no shadow driver knows its class",
				    dev_name(ldev->dev));
			if (!txn->forced)
				return -EOPNOTSUPP;
		}
	if (!txn->shadow)
		return 0;
	err = txn->shadow->prepare(txn);
	txn->prepared = !err;
	return err;
}

static int lu_phase_quiesce(struct lu_txn *txn)
{
	int err;

	lu_txn_set_active(txn, true);
	err = lu_shadow_step(txn, "quiesce", lu_do_quiesce);
	if (err && !lu_set_stuck(txn->set))
		lu_txn_set_active(txn, false);
	return err;
}

/*
 * With the devices released, a driver that hangs or crashes in its exit stops
 * nobody: it is left alone, and what it had registered is unregistered.
 */
static int lu_exit_or_abandon(struct lu_member *mb)
{
	struct lu_set *lead = mb->txn->set;
	struct lu_generation *gen = lu_outgoing(mb);
	enum lu_outcome outcome;
	struct lu_worker *w;
	int err;

	w = lu_worker_start(lead, lu_do_exit, mb);
	if (IS_ERR(w))
		return PTR_ERR(w);
	lu_worker_expendable(w);
	err = lu_worker_finish(w, "exit", lu_deadline(lead), &outcome);
	if (outcome != LU_LOST)
		return err;
	lu_timeline(lead, "exit of %s abandoned", lu_generation_lead(gen)->load_name);
	lu_generation_abandon(gen);
	return 0;
}

/* The exits, from the dependents down. */
static int lu_exit_members(struct lu_txn *txn)
{
	struct lu_members *ms = &txn->members;
	struct lu_generation *gen;
	enum lu_outcome outcome;
	unsigned int i;
	int err = 0;

	lu_members_sort(ms, txn->rolling_back);
	for (i = ms->nr; i-- && !err; ) {
		gen = lu_outgoing(&ms->member[i]);
		if (!gen || !lu_generation_inited(gen))
			continue;
		err = lu_exit_or_abandon(&ms->member[i]) ?:
		      lu_run_limited(txn->set, "release", lu_do_release, &ms->member[i],
				     &outcome);
	}
	return err;
}

static bool lu_outgoing_inited(const struct lu_txn *txn)
{
	const struct lu_generation *gen;
	const struct lu_member *mb;

	lu_for_each_member(mb, &txn->members) {
		gen = lu_outgoing(mb);
		if (gen && lu_generation_inited(gen))
			return true;
	}
	return false;
}

static int lu_phase_detach(struct lu_txn *txn)
{
	const struct lu_generation *gen;
	enum lu_outcome outcome;
	struct lu_device *ldev;
	struct lu_member *mb;
	int err;

	if (!lu_outgoing_inited(txn))
		return 0;
	lu_for_each_device(ldev, mb, txn) {
		gen = lu_outgoing(mb);
		ldev->skip_remove = gen && lu_release_by_force(gen);
	}
	lu_each_device(txn, "remove", lu_do_remove, &outcome);
	lu_for_each_device(ldev, mb, txn)
		ldev->skip_remove = false;
	if (outcome == LU_LOST)
		return -ETIME;
	err = lu_exit_members(txn);
	if (err)
		return err;
	return lu_shadow_step(txn, "detached", lu_do_detached);
}

/* Did the incoming generation take over every device? */
static int lu_check_devices(struct lu_txn *txn)
{
	struct lu_device *ldev;
	struct lu_member *mb;
	int err = 0;

	lu_for_each_device(ldev, mb, txn) {
		if (!ldev->in_txn)
			continue;
		if (!device_is_registered(ldev->dev))
			ldev->lost = true;
		if (ldev->lost || (ldev->bound && (!ldev->shadow || ldev->adopted)))
			continue;
		err = ldev->probe_err ?: -ENODEV;
		if (txn->rolling_back)
			continue;
		if (!ldev->probed)
			lu_mismatch(txn, "%s not supported (device ids)", dev_name(ldev->dev));
		else if (ldev->probe_err)
			lu_mismatch(txn, "%s: probe failed (%d)", dev_name(ldev->dev),
				    ldev->probe_err);
		else
			lu_mismatch(txn, "%s not taken over", dev_name(ldev->dev));
	}
	return err;
}

static int lu_phase_attach(struct lu_txn *txn)
{
	enum lu_outcome outcome;
	struct lu_device *ldev;
	struct lu_member *mb;
	int err;

	lu_for_each_device(ldev, mb, txn) {
		ldev->adopted = false;
		ldev->probed = false;
		ldev->probe_err = 0;
	}
	err = lu_run_limited(txn->set, "init", lu_do_init, txn, &outcome);
	if (err && outcome != LU_LOST && !txn->rolling_back && txn->members.nr == 1)
		lu_mismatch(txn, "init failed (%d)", err);
	if (err)
		return err;
	lu_each_device(txn, "probe", lu_do_bind, &outcome);
	if (outcome == LU_LOST)
		return -ETIME;
	if (outcome == LU_LATE && !txn->rolling_back) {
		lu_mismatch(txn, "probe took longer than %u ms", txn->set->timeout_ms);
		return -ETIME;
	}
	if (txn->shadow && txn->shadow->probed)
		err = lu_shadow_step(txn, "probed", lu_do_probed);
	return err ?: lu_check_devices(txn);
}

static int lu_phase_verify(struct lu_txn *txn)
{
	int err;

	if (txn->rolling_back)
		return 0;
	err = lu_shadow_step(txn, "verify", lu_do_verify);
	if (!err && txn->record->verdict.count && !txn->forced)
		err = -EOPNOTSUPP;
	return err;
}

static int lu_phase_replay(struct lu_txn *txn)
{
	return lu_shadow_step(txn, "replay", lu_do_replay);
}

static int lu_phase_resume(struct lu_txn *txn)
{
	int err = lu_shadow_step(txn, "resume", lu_do_resume);

	if (!err)
		lu_txn_set_active(txn, false);
	return err;
}

/**
 * lu_txn_unquiesce() - undo of quiesce: the same driver goes on
 * @txn: the transaction
 *
 * Return: 0, or an error and the shadow impersonates.
 */
int lu_txn_unquiesce(struct lu_txn *txn)
{
	int err = lu_shadow_step(txn, "unquiesce", lu_do_unquiesce);

	if (!err)
		lu_txn_set_active(txn, false);
	return err;
}

int (* const lu_phases[LU_PH_COUNT])(struct lu_txn *txn) = {
	[LU_PH_PREPARE] = lu_phase_prepare,
	[LU_PH_QUIESCE] = lu_phase_quiesce,
	[LU_PH_DETACH] = lu_phase_detach,
	[LU_PH_ATTACH] = lu_phase_attach,
	[LU_PH_VERIFY] = lu_phase_verify,
	[LU_PH_REPLAY] = lu_phase_replay,
	[LU_PH_RESUME] = lu_phase_resume,
};
