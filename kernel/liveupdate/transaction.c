// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: The update transaction
 *
 * prepare, quiesce, detach, attach, verify, replay, resume: each phase either
 * succeeds or is followed by the way back, on which the generation that ran
 * before is attached again, configured and resumed. Only if that fails too is
 * there no driver: the shadow goes on impersonating it, the state is failed,
 * and the record says why; another update or a rollback may be tried.
 *
 * While a transaction runs, the set is busy: no trigger, load or unload of its
 * modules gets in between. No lock is held across the phases: drivers take
 * class locks in remove and probe, and so do their work items.
 */
#include <linux/device.h>
#include <linux/kthread.h>
#include <linux/slab.h>

#include "internal.h"
#include "trace.h"

struct lu_set *lu_txn_set(struct lu_txn *txn)
{
	return txn->set;
}
EXPORT_SYMBOL_GPL(lu_txn_set);

bool lu_txn_forced(struct lu_txn *txn)
{
	return txn->forced;
}
EXPORT_SYMBOL_GPL(lu_txn_forced);

bool lu_txn_rolling_back(struct lu_txn *txn)
{
	return txn->rolling_back;
}
EXPORT_SYMBOL_GPL(lu_txn_rolling_back);

/**
 * lu_mismatch() - the incoming driver lacks something
 * @txn: the transaction
 * @fmt: what, by the name that a driver's author would use
 *
 * Context: Process context.
 */
void lu_mismatch(struct lu_txn *txn, const char *fmt, ...)
{
	struct lu_verdict *v = &txn->record->verdict;
	unsigned int before = v->count;
	va_list args;

	va_start(args, fmt);
	lu_verdict_vadd(v, fmt, args);
	va_end(args);
	if (v->count > before && before < LU_MAX_MISMATCHES) {
		trace_lu_mismatch(txn->set->name, v->text[before]);
		lu_timeline(txn->set, "mismatch: %s", v->text[before]);
	}
}
EXPORT_SYMBOL_GPL(lu_mismatch);

/**
 * lu_txn_of() - transaction under way on a set
 * @set: the set
 *
 * For taps, which know the set only.
 *
 * Return: the transaction, or NULL.
 */
struct lu_txn *lu_txn_of(struct lu_set *set)
{
	return READ_ONCE(set->txn);
}
EXPORT_SYMBOL_GPL(lu_txn_of);

/* The device stops passing work, as its users see it. */
void lu_txn_blackout_start(struct lu_txn *txn)
{
	if (!txn->blackout_from)
		txn->blackout_from = ktime_get();
}
EXPORT_SYMBOL_GPL(lu_txn_blackout_start);

void lu_txn_blackout_end(struct lu_txn *txn)
{
	if (txn->blackout_from)
		txn->record->blackout_us = ktime_us_delta(ktime_get(), txn->blackout_from);
}
EXPORT_SYMBOL_GPL(lu_txn_blackout_end);

void lu_txn_replayed(struct lu_txn *txn, unsigned int entries)
{
	txn->record->replayed += entries;
}
EXPORT_SYMBOL_GPL(lu_txn_replayed);

static unsigned long lu_deadline(const struct lu_set *set)
{
	return jiffies + (set->timeout_ms ? msecs_to_jiffies(set->timeout_ms) :
			  MAX_JIFFY_OFFSET);
}

/* Devices. */

static unsigned int lu_txn_enlist(struct lu_set *set)
{
	struct lu_device *ldev;
	unsigned int n = 0;

	list_for_each_entry(ldev, &set->devices, node) {
		ldev->in_txn = ldev->bound;
		ldev->lost = false;
		n += ldev->in_txn;
	}
	return n;
}

static void lu_txn_dismiss(struct lu_set *set)
{
	struct lu_device *ldev;

	list_for_each_entry(ldev, &set->devices, node)
		ldev->in_txn = false;
}

static int lu_release_thread(void *data)
{
	struct lu_device *ldev = data;

	device_release_driver(ldev->dev);
	complete(&ldev->released);
	return 0;
}

/*
 * Takes the outgoing driver off all devices at once: each remove waits for its
 * own hardware.
 */
static void lu_release_devices(struct lu_set *set, bool skip_remove)
{
	struct lu_device *ldev;

	list_for_each_entry(ldev, &set->devices, node) {
		if (!ldev->in_txn)
			continue;
		init_completion(&ldev->released);
		ldev->releasing = true;
		ldev->skip_remove = skip_remove;
		if (IS_ERR(kthread_run(lu_release_thread, ldev, "lu_release")))
			lu_release_thread(ldev);
	}
	list_for_each_entry(ldev, &set->devices, node) {
		if (!ldev->in_txn)
			continue;
		wait_for_completion(&ldev->released);
		ldev->releasing = false;
		ldev->skip_remove = false;
	}
}

/* Steps that run driver code, in a worker. */

static bool lu_release_by_force(const struct lu_generation *gen)
{
	return gen->set->release == LU_RELEASE_FORCE && gen->role == LU_ROLE_RUNNING;
}

static int lu_do_remove(struct lu_set *set, struct lu_generation *gen,
			struct lu_generation *unused)
{
	lu_release_devices(set, lu_release_by_force(gen));
	return 0;
}

static int lu_do_exit(struct lu_set *set, struct lu_generation *gen,
		      struct lu_generation *unused)
{
	lu_generation_exit(gen, lu_release_by_force(gen));
	return 0;
}

static int lu_do_release(struct lu_set *set, struct lu_generation *gen,
			 struct lu_generation *unused)
{
	set->record.released += lu_bus_unregister_all(gen);
	set->record.released += lu_objects_release(gen);
	return 0;
}

/* With the devices released, a driver that hangs in its exit stops nobody. */
static int lu_exit_or_abandon(struct lu_set *set, struct lu_generation *gen)
{
	int err;

	err = lu_run_limited(set, "exit", lu_do_exit, gen, NULL, set->timeout_ms);
	if (err != -EDEADLK && err != -EFAULT)
		return err;
	lu_timeline(set, "exit of %s abandoned: %d", lu_generation_lead(gen)->load_name, err);
	gen->wedged = true;
	lu_generation_abandon(gen);
	return 0;
}

static int lu_do_attach(struct lu_set *set, struct lu_generation *gen,
			struct lu_generation *model)
{
	int err;

	err = lu_generation_init(gen, model);
	/* Probes may go on in other threads, also those of a failed init. */
	wait_for_device_probe();
	return err;
}

/* Did the incoming generation take over every device? */
static int lu_check_devices(struct lu_txn *txn)
{
	struct lu_device *ldev;
	int err = 0;

	list_for_each_entry(ldev, &txn->set->devices, node) {
		if (!ldev->in_txn)
			continue;
		if (!device_is_registered(ldev->dev))
			ldev->lost = true;
		if (ldev->lost || (ldev->bound && (!ldev->shadow || ldev->adopted)))
			continue;
		if (!txn->rolling_back && !ldev->probed)
			lu_mismatch(txn, "%s not supported (device ids)", dev_name(ldev->dev));
		else if (!txn->rolling_back && ldev->probe_err)
			lu_mismatch(txn, "%s: probe failed (%d)", dev_name(ldev->dev),
				    ldev->probe_err);
		else if (!txn->rolling_back)
			lu_mismatch(txn, "%s not taken over", dev_name(ldev->dev));
		err = ldev->probe_err < 0 ? ldev->probe_err : -ENODEV;
	}
	return err;
}

/* Phases. */

static int lu_phase_prepare(struct lu_txn *txn)
{
	int err = lu_generation_save_params(txn->from);

	if (err)
		return err;
	return txn->shadow ? txn->shadow->prepare(txn) : 0;
}

static int lu_phase_quiesce(struct lu_txn *txn)
{
	struct lu_set *set = txn->set;
	int err = 0;

	/* Pairs with the acquire in lu_set_active(). */
	smp_store_release(&set->active, true);
	if (txn->shadow)
		err = txn->shadow->quiesce(txn, lu_deadline(set));
	if (err)
		smp_store_release(&set->active, false);
	return err;
}

static int lu_phase_detach(struct lu_txn *txn)
{
	struct lu_generation *gen = txn->rolling_back ? txn->to : txn->from;
	int err;

	if (!lu_generation_inited(gen))
		return 0;
	err = lu_run_limited(txn->set, "detach", lu_do_remove, gen, NULL,
			     txn->set->timeout_ms);
	if (err) {
		if (err == -EDEADLK || err == -EFAULT)
			txn->set->stuck++;
		return err;
	}
	err = lu_exit_or_abandon(txn->set, gen) ?:
	      lu_run_limited(txn->set, "release", lu_do_release, gen, NULL,
			     txn->set->timeout_ms);
	if (!err && txn->shadow)
		txn->shadow->detached(txn);
	return err;
}

static int lu_phase_attach(struct lu_txn *txn)
{
	struct lu_generation *gen = txn->rolling_back ? txn->from : txn->to;
	struct lu_device *ldev;
	int err;

	list_for_each_entry(ldev, &txn->set->devices, node) {
		ldev->adopted = false;
		ldev->probed = false;
		ldev->probe_err = 0;
	}
	err = lu_run_limited(txn->set, "attach", lu_do_attach, gen,
			     txn->rolling_back ? NULL : txn->from, txn->set->timeout_ms);
	if (err == -EDEADLK || err == -EFAULT) {
		txn->set->stuck++;
	} else if (err) {
		if (!txn->rolling_back)
			lu_mismatch(txn, "init failed (%d)", err);
	} else {
		err = lu_check_devices(txn);
	}
	return err;
}

static int lu_phase_verify(struct lu_txn *txn)
{
	int err = 0;

	if (txn->rolling_back || !txn->shadow)
		return 0;
	err = txn->shadow->verify(txn);
	if (!err && txn->record->verdict.count && !txn->forced)
		err = -EOPNOTSUPP;
	return err;
}

static int lu_phase_replay(struct lu_txn *txn)
{
	return txn->shadow ? txn->shadow->replay(txn, lu_deadline(txn->set)) : 0;
}

static int lu_phase_resume(struct lu_txn *txn)
{
	int err = 0;

	if (txn->shadow)
		err = txn->shadow->resume(txn, lu_deadline(txn->set));
	if (!err)
		smp_store_release(&txn->set->active, false);
	return err;
}

static int (* const lu_phases[LU_PH_COUNT])(struct lu_txn *txn) = {
	[LU_PH_PREPARE] = lu_phase_prepare,
	[LU_PH_QUIESCE] = lu_phase_quiesce,
	[LU_PH_DETACH] = lu_phase_detach,
	[LU_PH_ATTACH] = lu_phase_attach,
	[LU_PH_VERIFY] = lu_phase_verify,
	[LU_PH_REPLAY] = lu_phase_replay,
	[LU_PH_RESUME] = lu_phase_resume,
};

static int lu_run_phase(struct lu_txn *txn, enum lu_phase phase)
{
	struct lu_record *rec = txn->record;
	ktime_t start = ktime_get();
	u64 us;
	int err;

	lu_timeline(txn->set, "%s%s", txn->rolling_back ? "rollback " : "",
		    lu_phase_name(phase));
	err = lu_inject(txn, phase) ?: lu_phases[phase](txn);
	us = ktime_us_delta(ktime_get(), start);
	if (txn->rolling_back)
		rec->rollback_us += us;
	else
		rec->phase_us[phase] = us;
	trace_lu_phase(txn->set->name, lu_phase_name(phase), txn->rolling_back, err, us);
	if (!err)
		return 0;
	lu_timeline(txn->set, "%s%s failed: %d", txn->rolling_back ? "rollback " : "",
		    lu_phase_name(phase), err);
	if (!rec->err)
		rec->err = err;
	if (!rec->reason[0])
		snprintf(rec->reason, sizeof(rec->reason), "%s%s failed (%d)",
			 txn->rolling_back ? "rollback: " : "", lu_phase_name(phase), err);
	return err;
}

static int lu_run_phases(struct lu_txn *txn, enum lu_phase first, enum lu_phase last,
			 enum lu_phase *failed)
{
	enum lu_phase phase;
	int err;

	for (phase = first; phase <= last; phase++) {
		err = lu_run_phase(txn, phase);
		if (err) {
			*failed = phase;
			return err;
		}
	}
	return 0;
}

/*
 * The way back from @failed. A phase that failed before anything was touched
 * has nothing to undo; a lost thread leaves the device's lock held, so that
 * the driver core can attach nobody.
 */
static enum lu_result lu_go_back(struct lu_txn *txn, enum lu_phase failed)
{
	enum lu_phase first = LU_PH_DETACH, at;

	if (failed <= LU_PH_QUIESCE) {
		if (failed == LU_PH_QUIESCE && txn->shadow && lu_set_active(txn->set))
			txn->shadow->unquiesce(txn);
		smp_store_release(&txn->set->active, false);
		return LU_RESULT_ROLLED_BACK;
	}
	if (txn->set->stuck || txn->from->wedged)
		return LU_RESULT_FAILED;
	if (failed == LU_PH_DETACH && lu_generation_inited(txn->from)) {
		/* The driver was not touched yet. */
		if (txn->shadow)
			txn->shadow->unquiesce(txn);
		smp_store_release(&txn->set->active, false);
		return LU_RESULT_ROLLED_BACK;
	}
	txn->rolling_back = true;
	if (lu_run_phases(txn, first, LU_PH_RESUME, &at))
		return LU_RESULT_FAILED;
	return LU_RESULT_ROLLED_BACK;
}

static void lu_describe(char *dst, size_t size, const struct lu_generation *gen)
{
	const struct lu_module *m = lu_generation_lead(gen);

	if (!m) {
		strscpy(dst, "-", size);
		return;
	}
	snprintf(dst, size, "%s %*phN", m->mod->version ?: m->name,
		 (int)m->build_id_len, m->build_id);
}

/* The incoming generation runs: roles, names and references follow. */
static void lu_settle(struct lu_txn *txn)
{
	struct lu_set *set = txn->set;
	struct lu_generation *older = NULL;

	lu_generation_move_refs(txn->from, txn->to);
	mutex_lock(&set->lock);
	if (set->gens[LU_ROLE_KEPT] != txn->to)
		older = set->gens[LU_ROLE_KEPT];
	lu_generation_swap_names(txn->to, txn->from);
	lu_generation_set_role(txn->to, LU_ROLE_NONE);
	if (older)
		lu_generation_set_role(older, LU_ROLE_NONE);
	lu_generation_set_role(txn->from, LU_ROLE_KEPT);
	lu_generation_set_role(txn->to, LU_ROLE_RUNNING);
	set->generation++;
	mutex_unlock(&set->lock);
	if (older)
		lu_generation_unload(older);
}

static int lu_finish(struct lu_txn *txn, enum lu_result result)
{
	static const int errors[] = {
		[LU_RESULT_UPDATED] = 0,
		[LU_RESULT_ROLLED_BACK] = -ECANCELED,
		[LU_RESULT_FAILED] = -EIO,
	};
	struct lu_set *set = txn->set;
	enum lu_state state;

	txn->record->result = result;
	if (result == LU_RESULT_FAILED) {
		pr_err("liveupdate: %s: no driver runs: %s\n", set->name, txn->record->reason);
		if (txn->shadow && txn->shadow->stuck)
			txn->shadow->stuck(txn);
		state = LU_FAILED;
	} else {
		if (txn->shadow)
			txn->shadow->unprepare(txn);
		lu_txn_dismiss(set);
		state = set->gens[LU_ROLE_STAGED] ? LU_STAGED : LU_RUNNING;
	}
	WRITE_ONCE(set->txn, NULL);
	if (result == LU_RESULT_ROLLED_BACK)
		pr_warn("liveupdate: %s: rolled back: %s\n", set->name, txn->record->reason);
	mutex_lock(&set->lock);
	lu_set_change_state(set, state);
	set->busy = false;
	mutex_unlock(&set->lock);
	lu_timeline(set, "%s", lu_result_name(result));
	trace_lu_result(set->name, lu_result_name(result), txn->record->err,
			txn->record->blackout_us);
	lu_uevent(set, result);
	return errors[result];
}

static int lu_transact(struct lu_set *set, struct lu_generation *to, bool forced,
		       bool cold)
{
	struct lu_generation *from = set->gens[LU_ROLE_RUNNING];
	struct lu_txn txn = {
		.set = set,
		.from = from,
		.to = to,
		.shadow = set->shadow,
		.record = &set->record,
		.forced = forced,
	};
	ktime_t start = ktime_get();
	enum lu_phase failed = LU_PH_PREPARE;
	enum lu_result result;
	int err;

	memset(&set->record, 0, sizeof(set->record));
	lu_describe(set->record.from, sizeof(set->record.from), from);
	lu_describe(set->record.to, sizeof(set->record.to), to);
	if (!cold)
		set->record.devices = lu_txn_enlist(set);
	WRITE_ONCE(set->txn, &txn);

	if (from == to) {	/* only in state failed: another try with the same */
		txn.rolling_back = true;
		result = lu_run_phases(&txn, LU_PH_ATTACH, LU_PH_RESUME, &failed) ?
			 LU_RESULT_FAILED : LU_RESULT_ROLLED_BACK;
	} else {
		err = lu_run_phases(&txn, cold ? LU_PH_ATTACH : LU_PH_PREPARE,
				    LU_PH_RESUME, &failed);
		if (!err)
			result = LU_RESULT_UPDATED;
		else
			result = lu_go_back(&txn, failed);
		if (result == LU_RESULT_UPDATED)
			lu_settle(&txn);
	}
	set->record.total_us = ktime_us_delta(ktime_get(), start);
	err = lu_finish(&txn, result);
	if (err == -ECANCELED && failed <= LU_PH_QUIESCE && set->record.err == -ETIME)
		err = -ETIME;
	return from == to && err == -ECANCELED ? 0 : err;
}

/* Exclusive use of a set for a trigger; @role has to be filled. */
static int lu_trigger_begin(struct lu_set *set, enum lu_role role, bool transaction)
{
	int err = 0;

	mutex_lock(&set->lock);
	if (set->busy || (set->gens[role] && set->gens[role]->wedged)) {
		err = -EBUSY;
	} else if (!set->gens[role]) {
		err = -ENOENT;
	} else if (transaction && set->stuck) {
		err = -EIO;	/* the record says what hangs */
	} else if (transaction && !set->gens[LU_ROLE_RUNNING]) {
		err = -ENOENT;
	} else {
		set->busy = true;
		if (transaction)
			lu_set_change_state(set, LU_UPDATING);
	}
	mutex_unlock(&set->lock);
	return err;
}

static void lu_trigger_end(struct lu_set *set)
{
	mutex_lock(&set->lock);
	set->busy = false;
	mutex_unlock(&set->lock);
}

static int lu_switch_to(struct lu_set *set, enum lu_role role, bool forced)
{
	struct lu_generation *from, *to;
	enum lu_state before;
	int err;

	mutex_lock(&set->lock);
	before = set->state;
	mutex_unlock(&set->lock);
	err = lu_trigger_begin(set, role, true);
	if (err)
		return err;
	from = set->gens[LU_ROLE_RUNNING];
	to = set->gens[role];
	/* In state failed the references were kept. */
	if (before != LU_FAILED && !lu_generation_get(from))
		goto busy;
	if (from != to && !lu_generation_get(to)) {
		if (before != LU_FAILED)
			lu_generation_put(from);
		goto busy;
	}
	err = lu_transact(set, to, forced, before == LU_FAILED);
	if (from != to)
		lu_generation_put(to);
	if (set->state != LU_FAILED)
		lu_generation_put(from);
	return err;
busy:
	mutex_lock(&set->lock);
	set->busy = false;
	lu_set_change_state(set, set->gens[LU_ROLE_STAGED] ? LU_STAGED : LU_RUNNING);
	mutex_unlock(&set->lock);
	return -EBUSY;
}

/**
 * lu_update() - put the staged generation in the place of the running one
 * @set: the set
 *
 * Context: Process context; sleeps for as long as the transaction takes.
 * Return: 0; -ECANCELED rolled back, the old driver runs; -EIO neither runs;
 *	-EBUSY; -ENOENT nothing staged; -ETIME not quiet in time, nothing changed.
 */
int lu_update(struct lu_set *set)
{
	return lu_switch_to(set, LU_ROLE_STAGED, set->policy == LU_POLICY_FORCE);
}

/**
 * lu_rollback() - put the kept generation back in
 * @set: the set
 *
 * An operator who wants the old driver back wants it also if it offers less
 * than the new one: mismatches are noted and do not stop it. In state failed
 * the generation that ran last is tried again.
 *
 * Return: as lu_update().
 */
int lu_rollback(struct lu_set *set)
{
	enum lu_role role = set->state == LU_FAILED ? LU_ROLE_RUNNING : LU_ROLE_KEPT;

	return lu_switch_to(set, role, true);
}

static int lu_unload_role(struct lu_set *set, enum lu_role role)
{
	int err = lu_trigger_begin(set, role, false);

	if (err)
		return err;
	err = lu_generation_unload(set->gens[role]);
	lu_trigger_end(set);
	return err;
}

/**
 * lu_commit() - give up the way back: unload the kept generation
 * @set: the set
 *
 * Return: 0; -ENOENT nothing kept; -EBUSY.
 */
int lu_commit(struct lu_set *set)
{
	return lu_unload_role(set, LU_ROLE_KEPT);
}

/**
 * lu_discard() - unload the staged generation
 * @set: the set
 *
 * Return: 0; -ENOENT nothing staged; -EBUSY.
 */
int lu_discard(struct lu_set *set)
{
	return lu_unload_role(set, LU_ROLE_STAGED);
}
