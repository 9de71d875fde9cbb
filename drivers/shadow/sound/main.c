// SPDX-License-Identifier: GPL-2.0
/*
 * Shadow driver for sound cards: what the core calls.
 *
 * A transaction moves all cards of a driver set. While no driver is there,
 * streams go on by the clock and controls are answered from notes.
 */
#include "sound_shadow.h"

#include <linux/jiffies.h>

static void unprepare_one(struct ss_card *sc)
{
	ss_reopen_settle(sc);
	ss_refs_settle(sc);
	if (!ss_in_update(sc))
		ss_ctls_unprepare(sc);
}

static void sound_unprepare(struct lu_txn *txn)
{
	struct ss_card *sc;

	ss_for_each(sc, txn) {
		unprepare_one(sc);
		/* Its device vanished meanwhile: nobody will ask for it again. */
		if (ss_in_update(sc) && !sc->handed && !device_is_registered(sc->ldev->dev)) {
			ss_card_leave(sc);
			ss_streams_wake(sc);
			snd_card_free_when_closed(sc->card);
		}
	}
}

static int prepare_one(struct ss_card *sc, struct lu_txn *txn)
{
	/* In the hands of nobody since a failure: it was looked at then. */
	if (ss_in_update(sc))
		return 0;
	return ss_card_refusal(sc, txn) ?: ss_ctls_prepare(sc);
}

static int sound_prepare(struct lu_txn *txn)
{
	struct ss_card *sc;
	int err;

	ss_for_each(sc, txn) {
		err = prepare_one(sc, txn);
		if (err) {
			ss_put(sc);
			sound_unprepare(txn);
			return err;
		}
	}
	return 0;
}

static int sound_replay(struct lu_txn *txn, unsigned long deadline)
{
	struct ss_card *sc;
	int err;

	ss_for_each(sc, txn) {
		if (!ss_in_update(sc) || !sc->handed)
			continue;
		lu_txn_replayed(txn, ss_ctls_replay(sc));
		err = ss_midis_reopen(sc, txn) ?: ss_streams_replay(sc, txn);
		if (err) {
			ss_put(sc);
			return err;
		}
	}
	return 0;
}

static void resume_one(struct ss_card *sc, struct lu_txn *txn)
{
	if (!ss_in_update(sc) || !sc->handed)
		return;
	ss_refs_switch(sc);
	ss_card_settle(sc);
	sc->stuck = false;
	WRITE_ONCE(sc->mode, SS_PASSIVE);
	ss_hwdeps_resume(sc);
	ss_moment_ready(sc, !lu_txn_rolling_back(txn));
	ss_streams_land(sc);
}

static int sound_resume(struct lu_txn *txn, unsigned long deadline)
{
	struct ss_card *sc;
	long left;

	ss_for_each(sc, txn)
		resume_one(sc, txn);
	ss_for_each(sc, txn) {
		left = max(0L, (long)(deadline - jiffies));
		wait_event_timeout(sc->wq, ss_streams_landed(sc), left);
	}
	lu_txn_blackout_end(txn);
	/* This may wait for a client. */
	ss_for_each(sc, txn)
		if (!ss_in_update(sc))
			ss_midis_resume(sc);
	return 0;
}

/* For the way back to the same driver, which has no limit of the core's. */
#define SS_UNQUIESCE_MS	10000

static int sound_unquiesce(struct lu_txn *txn)
{
	unsigned long deadline = jiffies + msecs_to_jiffies(SS_UNQUIESCE_MS);
	struct ss_card *sc;

	ss_for_each(sc, txn)
		ss_moment_ready(sc, false);
	return sound_replay(txn, deadline) ?: sound_resume(txn, deadline);
}

/* Whatever takes its time while streams still have their driver. */
static int quiesce_one(struct ss_card *sc)
{
	if (ss_in_update(sc))
		return 0;
	WRITE_ONCE(sc->mode, SS_ACTIVE);
	ss_midis_away(sc);
	return ss_ctls_away(sc) ?: ss_hwdeps_away(sc);
}

static int sound_quiesce(struct lu_txn *txn, unsigned long deadline)
{
	struct ss_card *sc;
	int err;

	ss_for_each(sc, txn) {
		err = quiesce_one(sc);
		if (err)
			goto err_put;
	}
	ss_moment_wait(txn, deadline);
	ss_for_each(sc, txn) {
		err = ss_streams_away(sc, txn);
		if (err)
			goto err_put;
	}
	return 0;

err_put:
	ss_put(sc);
	sound_unquiesce(txn);
	return err;
}

static void sound_detached(struct lu_txn *txn)
{
	struct ss_card *sc;

	/* A driver that went without a word: its functions with it. */
	ss_for_each(sc, txn)
		if (ss_in_update(sc) && sc->handed)
			ss_card_part(sc);
}

/* A driver may go on with its probe in a work item, and register the card there. */
static void sound_probed(struct lu_txn *txn)
{
	struct ss_card *sc;

	ss_for_each(sc, txn)
		if (ss_in_update(sc))
			wait_event_killable(sc->wq, sc->adopted || !sc->handed);
}

static int sound_verify(struct lu_txn *txn)
{
	struct ss_card *sc;

	ss_for_each(sc, txn)
		ss_card_verify(sc, txn);
	return 0;
}

/* As long as it takes, which a busy kernel thread decides; sound goes on. */
static void sound_settle(struct lu_txn *txn)
{
	ss_refs_wait(txn);
}

static void sound_stuck(struct lu_txn *txn)
{
	struct ss_card *sc;

	ss_for_each(sc, txn) {
		if (!ss_in_update(sc))
			continue;
		pr_err("card%d (%s) has no driver; clients go on, nothing is heard\n",
		       sc->card->number, dev_name(sc->ldev->dev));
		sc->stuck = true;
		ss_streams_wake(sc);
	}
}

struct lu_shadow sound_lu_shadow = {
	.class = "sound",
	.owner = THIS_MODULE,
	.taps = sound_taps,
	.prepare = sound_prepare,
	.unprepare = sound_unprepare,
	.quiesce = sound_quiesce,
	.unquiesce = sound_unquiesce,
	.detached = sound_detached,
	.probed = sound_probed,
	.verify = sound_verify,
	.replay = sound_replay,
	.resume = sound_resume,
	.settle = sound_settle,
	.moves_references = true,
	.moved = ss_refs_moved,
	.stuck = sound_stuck,
};

static int __init sound_shadow_init(void)
{
	sound_lu_shadow.nr_taps = sound_nr_taps;
	return lu_shadow_register(&sound_lu_shadow);
}
module_init(sound_shadow_init);

static void __exit sound_shadow_exit(void)
{
	lu_shadow_unregister(&sound_lu_shadow);
}
module_exit(sound_shadow_exit);

MODULE_DESCRIPTION("Live update of sound drivers");
MODULE_LICENSE("GPL");
