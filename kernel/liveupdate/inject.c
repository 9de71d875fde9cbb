// SPDX-License-Identifier: GPL-2.0
/*
 * Failures on request: "<phase>[:errno]" makes the next transaction fail there,
 * "rollback-<phase>" on its way back. For tests; one shot.
 */
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "internal.h"

static DEFINE_MUTEX(lu_inject_lock);
static int lu_inject_phase = LU_PH_COUNT;	/* none */
static bool lu_inject_back;
static int lu_inject_err;

/**
 * lu_inject_set() - arrange for a failure
 * @spec: "<phase>[:errno]", "rollback-<phase>[:errno]" or "off"
 *
 * Return: 0 or -EINVAL.
 */
int lu_inject_set(const char *spec)
{
	char name[32], *colon;
	const char *phase = name;
	int nr, err = EIO;
	bool back;

	if (strscpy(name, spec, sizeof(name)) < 0)
		return -EINVAL;
	strim(name);
	colon = strchr(name, ':');
	if (colon) {
		*colon = '\0';
		if (kstrtoint(colon + 1, 0, &err) || err <= 0 || err > MAX_ERRNO)
			return -EINVAL;
	}
	back = strstarts(name, "rollback-");
	if (back)
		phase += strlen("rollback-");
	nr = strcmp(name, "off") ? lu_phase_by_name(phase) : LU_PH_COUNT;
	if (nr < 0)
		return nr;
	mutex_lock(&lu_inject_lock);
	lu_inject_phase = nr;
	lu_inject_back = back;
	lu_inject_err = -err;
	mutex_unlock(&lu_inject_lock);
	return 0;
}

/**
 * lu_inject() - does this phase fail on request?
 * @txn: the transaction
 * @phase: phase about to run
 *
 * Return: 0, or the error to fail with.
 */
int lu_inject(struct lu_txn *txn, enum lu_phase phase)
{
	int err = 0;

	mutex_lock(&lu_inject_lock);
	if (lu_inject_phase == phase && lu_inject_back == txn->rolling_back) {
		err = lu_inject_err;
		lu_inject_phase = LU_PH_COUNT;
	}
	mutex_unlock(&lu_inject_lock);
	if (err)
		lu_timeline(txn->set, "injected failure: %d", err);
	return err;
}
