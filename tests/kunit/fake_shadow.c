// SPDX-License-Identifier: GPL-2.0
/*
 * A fake shadow: records its calls, checks their order against what the
 * interface promises, and fails where the plan says so.
 */
#include <linux/module.h>

#include "lu_kunit.h"

/* What of a transaction is outstanding. */
static bool kt_prepared, kt_quiesced;

/* Between quiesce and resume nobody may wait for a new thread: it needs memory. */
void kt_check_thread(const char *what)
{
	if (kt.quiet_since && current->start_time >= kt.quiet_since && !kt.violation[0])
		snprintf(kt.violation, sizeof(kt.violation),
			 "%s in a thread created after quiesce", what);
}

static void kt_called(const char *what, bool legal)
{
	size_t len = strlen(kt.calls);

	kt_check_thread(what);
	if (!legal && !kt.violation[0])
		snprintf(kt.violation, sizeof(kt.violation), "%s after \"%s\"", what, kt.calls);
	snprintf(kt.calls + len, sizeof(kt.calls) - len, "%s%s", len ? " " : "", what);
}

static int kt_answer(struct lu_txn *txn, enum lu_phase phase)
{
	return lu_txn_rolling_back(txn) ? kt.plan.err_back[phase] : kt.plan.err[phase];
}

static int kt_prepare(struct lu_txn *txn)
{
	kt_called("prepare", !kt_prepared && !kt_quiesced);
	if (kt_answer(txn, LU_PH_PREPARE)) {
		lu_mismatch(txn, "kt cannot be updated now");
		return kt_answer(txn, LU_PH_PREPARE);
	}
	kt_prepared = true;
	return 0;
}

static void kt_unprepare(struct lu_txn *txn)
{
	kt_called("unprepare", kt_prepared && !kt_quiesced);
	kt_prepared = false;
}

static int kt_quiesce(struct lu_txn *txn, unsigned long deadline)
{
	kt_called("quiesce", kt_prepared && !kt_quiesced && lu_set_active(txn->set) &&
		  time_before_eq(jiffies, deadline));
	if (kt_answer(txn, LU_PH_QUIESCE))
		return kt_answer(txn, LU_PH_QUIESCE);
	lu_txn_blackout_start(txn);
	kt_quiesced = true;
	kt.quiet_since = ktime_get_ns();
	if (kt.plan.during)
		kt.plan.during(txn->set);
	return 0;
}

static int kt_unquiesce(struct lu_txn *txn)
{
	kt_called("unquiesce", kt_prepared && kt_quiesced && lu_set_active(txn->set));
	if (!kt.plan.err_unquiesce) {
		kt_quiesced = false;
		kt.quiet_since = 0;
	}
	return kt.plan.err_unquiesce;
}

static void kt_detached(struct lu_txn *txn)
{
	kt_called("detached", kt_prepared && kt_quiesced && lu_set_active(txn->set));
}

static int kt_verify(struct lu_txn *txn)
{
	kt_called("verify", kt_prepared && kt_quiesced && !lu_txn_rolling_back(txn));
	if (kt.plan.mismatch)
		lu_mismatch(txn, "%s", kt.plan.mismatch);
	return kt_answer(txn, LU_PH_VERIFY);
}

static int kt_replay(struct lu_txn *txn, unsigned long deadline)
{
	kt_called("replay", kt_prepared && kt_quiesced && lu_set_active(txn->set));
	if (!kt_answer(txn, LU_PH_REPLAY))
		lu_txn_replayed(txn, 3);
	return kt_answer(txn, LU_PH_REPLAY);
}

static int kt_resume(struct lu_txn *txn, unsigned long deadline)
{
	kt_called("resume", kt_prepared && kt_quiesced && lu_set_active(txn->set));
	if (kt_answer(txn, LU_PH_RESUME))
		return kt_answer(txn, LU_PH_RESUME);
	lu_txn_blackout_end(txn);
	kt_quiesced = false;
	kt.quiet_since = 0;
	return 0;
}

static void kt_stuck(struct lu_txn *txn)
{
	kt_called("stuck", kt_prepared && kt_quiesced && lu_set_active(txn->set));
}

struct lu_shadow kt_shadow = {
	.class = "kt",
	.owner = THIS_MODULE,
	.taps = kt_taps,
	.prepare = kt_prepare,
	.unprepare = kt_unprepare,
	.quiesce = kt_quiesce,
	.unquiesce = kt_unquiesce,
	.detached = kt_detached,
	.verify = kt_verify,
	.replay = kt_replay,
	.resume = kt_resume,
	.stuck = kt_stuck,
	.moves_references = true,
};

/* Nothing outstanding from an earlier test. */
void kt_shadow_reset(void)
{
	kt_prepared = false;
	kt_quiesced = false;
	kt_shadow.nr_taps = kt_nr_taps;
	kt_shadow.moves_references = true;
}
