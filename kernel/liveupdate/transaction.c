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
	const char *added;
	va_list args;

	va_start(args, fmt);
	added = lu_verdict_vadd(&txn->record->verdict, fmt, args);
	va_end(args);
	if (added) {
		trace_lu_mismatch(txn->set->name, added);
		lu_timeline(txn->set, "mismatch: %s", added);
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

/**
 * lu_txn_has() - does a device take part in a transaction?
 * @txn: the transaction
 * @ldev: the device
 *
 * Context: Any.
 */
bool lu_txn_has(struct lu_txn *txn, const struct lu_device *ldev)
{
	return ldev->in_txn && READ_ONCE(ldev->set->txn) == txn;
}
EXPORT_SYMBOL_GPL(lu_txn_has);

/* Generation that a phase takes out, and the one that it puts in. */
struct lu_generation *lu_outgoing(const struct lu_member *mb)
{
	return mb->txn->rolling_back ? mb->to : mb->from;
}

struct lu_generation *lu_incoming(const struct lu_member *mb)
{
	return mb->txn->rolling_back ? mb->from : mb->to;
}

/**
 * lu_txn_incoming_module() - the module that a phase puts in
 * @txn: the transaction
 * @set: one of its sets
 *
 * Return: the one that the set is named after; NULL if the set takes no part.
 */
struct module *lu_txn_incoming_module(struct lu_txn *txn, const struct lu_set *set)
{
	const struct lu_module *m = NULL;
	struct lu_member *mb;

	lu_for_each_member(mb, &txn->members)
		if (mb->set == set)
			m = lu_generation_lead(lu_incoming(mb));
	return m ? m->mod : NULL;
}
EXPORT_SYMBOL_GPL(lu_txn_incoming_module);

/**
 * lu_txn_successor() - the module that takes the place of another one
 * @txn: the transaction
 * @mod: a module that a phase takes out
 *
 * Return: the one that the phase puts in; NULL if @mod stays.
 */
struct module *lu_txn_successor(struct lu_txn *txn, const struct module *mod)
{
	const struct lu_module *m;
	struct lu_member *mb;

	lu_for_each_member(mb, &txn->members) {
		m = lu_generation_lead(lu_outgoing(mb));
		if (!m || m->mod != mod)
			continue;
		m = lu_generation_lead(lu_incoming(mb));
		return m ? m->mod : NULL;
	}
	return NULL;
}
EXPORT_SYMBOL_GPL(lu_txn_successor);

bool lu_set_stuck(struct lu_set *set)
{
	return atomic_read(&set->stuck);
}

static unsigned int lu_txn_enlist(struct lu_txn *txn)
{
	struct lu_device *ldev;
	struct lu_member *mb;
	unsigned int n = 0;

	lu_for_each_device(ldev, mb, txn) {
		ldev->in_txn = ldev->bound;
		ldev->lost = false;
		n += ldev->in_txn;
	}
	return n;
}

static void lu_txn_dismiss(struct lu_txn *txn)
{
	struct lu_device *ldev;
	struct lu_member *mb;

	lu_for_each_device(ldev, mb, txn)
		ldev->in_txn = false;
}

/* Did detach end before it did anything? */
static bool lu_txn_untouched(const struct lu_txn *txn)
{
	const struct lu_member *mb;

	lu_for_each_member(mb, &txn->members)
		if (!lu_generation_inited(mb->from))
			return false;
	return true;
}

static bool lu_txn_wedged(const struct lu_txn *txn)
{
	const struct lu_member *mb;

	lu_for_each_member(mb, &txn->members)
		if (mb->from->wedged)
			return true;
	return false;
}

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
		snprintf(rec->reason, sizeof(rec->reason), "%s%s failed (%d)%s%s",
			 txn->rolling_back ? "rollback: " : "", lu_phase_name(phase), err,
			 rec->verdict.count ? ": " : "",
			 rec->verdict.count ? rec->verdict.text[0] : "");
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
 * has nothing to undo; a lost thread keeps the locks it holds, so that nobody
 * can be attached.
 */
static enum lu_result lu_go_back(struct lu_txn *txn, enum lu_phase failed)
{
	enum lu_phase at;

	if (lu_set_stuck(txn->set))
		return LU_RESULT_FAILED;
	if (failed <= LU_PH_QUIESCE)
		return LU_RESULT_ROLLED_BACK;
	if (failed == LU_PH_DETACH && lu_txn_untouched(txn))
		return lu_txn_unquiesce(txn) ? LU_RESULT_FAILED : LU_RESULT_ROLLED_BACK;
	if (lu_txn_wedged(txn))
		return LU_RESULT_FAILED;
	txn->rolling_back = true;
	if (lu_run_phases(txn, LU_PH_DETACH, LU_PH_RESUME, &at))
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

/* Did objects that users hold references for change hands between the two? */
static bool lu_refs_move(const struct lu_member *mb)
{
	const struct lu_shadow *shadow = mb->txn->shadow;

	if (!shadow || !shadow->moves_references)
		return false;
	return !shadow->moved || shadow->moved(mb->txn, lu_generation_lead(mb->from)->mod);
}

/* The incoming generation runs: roles, names and references follow. */
static struct lu_generation *lu_settle_member(struct lu_member *mb)
{
	struct lu_set *set = mb->set;
	struct lu_generation *older = NULL;

	if (lu_refs_move(mb))
		lu_generation_move_refs(mb->from, mb->to);
	mutex_lock(&set->lock);
	if (set->gens[LU_ROLE_KEPT] != mb->to)
		older = set->gens[LU_ROLE_KEPT];
	lu_generation_show_exports(mb->to, true);
	lu_generation_show_exports(mb->from, false);
	lu_generation_swap_names(mb->to, mb->from);
	lu_generation_set_role(mb->to, LU_ROLE_NONE);
	if (older)
		lu_generation_set_role(older, LU_ROLE_NONE);
	lu_generation_set_role(mb->from, LU_ROLE_KEPT);
	lu_generation_set_role(mb->to, LU_ROLE_RUNNING);
	set->generation++;
	mutex_unlock(&set->lock);
	return older;
}

static void lu_settle(struct lu_txn *txn)
{
	struct lu_generation *older[LU_MAX_MEMBERS];
	struct lu_members *ms = &txn->members;
	unsigned int i;

	if (txn->shadow && txn->shadow->settle)
		txn->shadow->settle(txn);
	lu_members_sort(ms, false);
	for (i = 0; i < ms->nr; i++)
		older[i] = lu_settle_member(&ms->member[i]);
	while (i--)
		if (older[i])
			lu_generation_unload(older[i]);
}

/*
 * References that were taken for the transaction. In state failed the running
 * generation's stay, and the other's too if a lost thread may be in its code.
 */
static void lu_txn_put(struct lu_txn *txn, bool failed)
{
	struct lu_member *mb;

	txn->holds_to = failed && !txn->again && lu_set_stuck(txn->set);
	lu_for_each_member(mb, &txn->members) {
		if (!txn->again && !txn->holds_to)
			lu_generation_put(mb->to);
		if (!failed)
			lu_generation_put(mb->from);
	}
}

/* What the others show is what their lead has. */
static void lu_finish_members(struct lu_txn *txn, enum lu_result result)
{
	bool failed = result == LU_RESULT_FAILED;
	struct lu_member *mb;

	lu_for_each_member(mb, &txn->members) {
		struct lu_set *set = mb->set;

		WRITE_ONCE(set->txn, NULL);
		if (set != txn->set)
			set->record = *txn->record;
		mutex_lock(&set->lock);
		lu_set_change_state(set, failed ? LU_FAILED :
				    set->gens[LU_ROLE_STAGED] ? LU_STAGED : LU_RUNNING);
		mutex_unlock(&set->lock);
		lu_devices_prune(set, NULL);
	}
}

static void lu_finish(struct lu_txn *txn, enum lu_result result)
{
	struct lu_set *set = txn->set;
	bool failed = result == LU_RESULT_FAILED;

	txn->record->result = result;
	if (failed) {
		pr_err("liveupdate: %s: no driver runs: %s\n", set->name, txn->record->reason);
		if (txn->shadow && txn->shadow->stuck)
			txn->shadow->stuck(txn);
	} else {
		if (txn->prepared)
			txn->shadow->unprepare(txn);
		txn->prepared = false;
		lu_txn_dismiss(txn);
	}
	if (result == LU_RESULT_ROLLED_BACK)
		pr_warn("liveupdate: %s: rolled back: %s\n", set->name, txn->record->reason);
	lu_timeline(set, "%s", lu_result_name(result));
	trace_lu_result(set->name, lu_result_name(result), txn->record->err,
			txn->record->blackout_us);
	lu_txn_put(txn, failed);
	if (!failed)
		lu_crew_dismiss(set);
	lu_finish_members(txn, result);
	lu_members_end(&txn->members, failed);
	lu_uevent(set, result);
}

/* A transaction that follows one that failed: nobody should be attached now. */
static int lu_clear_field(struct lu_txn *txn)
{
	struct lu_generation *gen;
	struct lu_members *ms = &txn->members;
	bool back = txn->rolling_back;
	unsigned int role, i;
	int err = 0;

	/* Whoever was attached last, this transaction's two or a third. */
	txn->rolling_back = false;		/* outgoing: from */
	for (role = LU_ROLE_RUNNING; role < LU_ROLE_COUNT && !err; role++) {
		for (i = 0; i < ms->nr; i++) {
			gen = ms->member[i].set->gens[role];
			ms->member[i].from = gen && lu_generation_inited(gen) ? gen : NULL;
		}
		err = lu_phases[LU_PH_DETACH](txn);
	}
	for (i = 0; i < ms->nr; i++)
		ms->member[i].from = ms->member[i].set->gens[LU_ROLE_RUNNING];
	txn->rolling_back = back;
	return err;
}

/*
 * The transaction, in a thread of its own: the task that asked for it may be
 * killed, the transaction may not.
 */
static int lu_transact(void *data)
{
	struct lu_txn *txn = data;
	ktime_t start = ktime_get();
	enum lu_phase failed = LU_PH_PREPARE;
	enum lu_result result;
	int err = 0;

	if (txn->cold)
		err = lu_clear_field(txn);
	if (err) {
		txn->record->err = err;
		result = LU_RESULT_FAILED;
	} else if (txn->again) {
		txn->rolling_back = true;
		result = lu_run_phases(txn, LU_PH_ATTACH, LU_PH_RESUME, &failed) ?
			 LU_RESULT_FAILED : LU_RESULT_ROLLED_BACK;
	} else if (lu_run_phases(txn, txn->cold ? LU_PH_ATTACH : LU_PH_PREPARE,
				 LU_PH_RESUME, &failed)) {
		result = lu_go_back(txn, failed);
	} else {
		result = LU_RESULT_UPDATED;
		lu_settle(txn);
	}
	txn->failed_at = failed;
	txn->record->total_us = ktime_us_delta(ktime_get(), start);
	lu_finish(txn, result);
	return 0;
}

static int lu_txn_error(const struct lu_txn *txn)
{
	const struct lu_record *rec = txn->record;

	switch (rec->result) {
	case LU_RESULT_UPDATED:
		return 0;
	case LU_RESULT_ROLLED_BACK:
		if (txn->again)
			return 0;	/* just what was asked for */
		/* Nothing was touched: there was nothing to roll back. */
		if (txn->failed_at <= LU_PH_QUIESCE && rec->err == -ETIME)
			return -ETIME;
		return -ECANCELED;
	default:
		return -EIO;
	}
}

/* The sets are ours: their state says so, and who asks is led here. */
static void lu_txn_enter(struct lu_txn *txn)
{
	struct lu_member *mb;
	unsigned long flags;

	lu_for_each_member(mb, &txn->members) {
		mb->txn = txn;
		txn->shadow = txn->shadow ?: mb->set->shadow;
		raw_spin_lock_irqsave(&lu_lock, flags);	/* devices are not pruned any more */
		WRITE_ONCE(mb->set->txn, txn);
		raw_spin_unlock_irqrestore(&lu_lock, flags);
		mutex_lock(&mb->set->lock);
		lu_set_change_state(mb->set, LU_UPDATING);
		mutex_unlock(&mb->set->lock);
	}
}

static void lu_txn_describe(struct lu_txn *txn, const struct lu_member *lead)
{
	struct lu_record *rec = txn->record;

	memset(rec, 0, sizeof(*rec));
	lu_describe(rec->from, sizeof(rec->from), lead->from);
	lu_describe(rec->to, sizeof(rec->to), lead->to);
}

static int lu_switch_awake(struct lu_set *set, enum lu_role role, bool forced)
{
	/* What a lost thread may still look at has to live as long as the set. */
	struct lu_txn *txn = &set->transaction;
	struct lu_members members;
	struct lu_member *mb;
	struct lu_worker *w;
	int err;

	err = lu_members_begin(&members, set, role, true);
	if (err)
		return err;
	if (txn->holds_to)	/* the thread came back */
		lu_for_each_member(mb, &txn->members)
			lu_generation_put(mb->to);
	*txn = (struct lu_txn) {
		.set = set,
		.members = members,
		.record = &set->record,
		.forced = forced,
		.cold = set->state == LU_FAILED,
		.prepared = set->state == LU_FAILED && txn->prepared,
	};
	lu_txn_describe(txn, txn->members.member);
	lu_txn_enter(txn);
	txn->again = members.member[0].from == members.member[0].to;
	if (!txn->cold)
		set->record.devices = lu_txn_enlist(txn);

	w = lu_worker_start(set, lu_transact, txn);
	if (IS_ERR(w))
		lu_transact(txn);
	else
		lu_worker_join(w);
	return lu_txn_error(txn);
}

static int lu_switch_to(struct lu_set *set, enum lu_role role, bool forced)
{
	int err = lu_pm_hold();

	if (err)
		return err;
	err = lu_switch_awake(set, role, forced);
	lu_pm_release();
	return err;
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
	return lu_switch_to(set, LU_ROLE_KEPT, true);
}

static int lu_unload_role(struct lu_set *set, enum lu_role role)
{
	struct lu_members members;
	unsigned int i;
	int err, ret;

	ret = lu_members_begin(&members, set, role, false);
	if (ret)
		return ret;
	for (i = members.nr; i--; ) {
		err = lu_generation_unload(members.member[i].to);
		ret = ret ?: err;
	}
	lu_members_end(&members, set->lead);
	return ret;
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
