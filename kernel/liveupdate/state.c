// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: State of a driver set
 *
 * The state of a set is what an operator sees in sysfs. It changes along the
 * edges below and along no others; lu_set_change_state() is its only writer.
 * Within %LU_UPDATING the transaction proceeds phase by phase, see
 * transaction.c; each of its outcomes is an edge out of %LU_UPDATING.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "internal.h"

/* Every legal edge, once; absence means -EINVAL. */
static const struct lu_edge {
	enum lu_state from;
	enum lu_state to;
} lu_edges[] = {
	{ LU_EMPTY,    LU_RUNNING },	/* first generation initialized */
	{ LU_RUNNING,  LU_EMPTY },	/* unloaded by hand */
	{ LU_RUNNING,  LU_STAGED },	/* another generation loaded */
	{ LU_RUNNING,  LU_UPDATING },	/* back to the kept generation */
	{ LU_STAGED,   LU_EMPTY },	/* unloaded by hand while one waits */
	{ LU_STAGED,   LU_RUNNING },	/* discarded */
	{ LU_STAGED,   LU_UPDATING },	/* update */
	{ LU_UPDATING, LU_RUNNING },	/* updated */
	{ LU_UPDATING, LU_STAGED },	/* rolled back, the other still waits */
	{ LU_UPDATING, LU_FAILED },	/* neither runs */
	{ LU_FAILED,   LU_UPDATING },	/* another try */
};

static const char * const lu_state_names[LU_STATE_COUNT] = {
	[LU_EMPTY] = "empty",
	[LU_RUNNING] = "running",
	[LU_STAGED] = "staged",
	[LU_UPDATING] = "updating",
	[LU_FAILED] = "failed",
};

static const char * const lu_phase_names[LU_PH_COUNT + 1] = {
	[LU_PH_PREPARE] = "prepare",
	[LU_PH_QUIESCE] = "quiesce",
	[LU_PH_DETACH] = "detach",
	[LU_PH_ATTACH] = "attach",
	[LU_PH_VERIFY] = "verify",
	[LU_PH_REPLAY] = "replay",
	[LU_PH_RESUME] = "resume",
	[LU_PH_COUNT] = NULL,
};

static const char * const lu_result_names[] = {
	[LU_RESULT_NONE] = "none",
	[LU_RESULT_UPDATED] = "updated",
	[LU_RESULT_ROLLED_BACK] = "rolled-back",
	[LU_RESULT_FAILED] = "failed",
};

const char * const lu_policy_names[] = { "rollback", "force", NULL };
const char * const lu_method_names[] = { "auto", "reinit", "inherit", NULL };
const char * const lu_release_names[] = { "graceful", "force", NULL };
const char * const lu_role_names[] = { "none", "running", "staged", "kept", NULL };

/**
 * lu_edge_legal() - is this change of state allowed?
 * @from: state now
 * @to: state asked for
 *
 * Context: Any.
 * Return: true if the edge is in the table.
 */
bool lu_edge_legal(enum lu_state from, enum lu_state to)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lu_edges); i++)
		if (lu_edges[i].from == from && lu_edges[i].to == to)
			return true;
	return false;
}

const char *lu_state_name(enum lu_state state)
{
	return state < LU_STATE_COUNT ? lu_state_names[state] : "?";
}

const char *lu_phase_name(enum lu_phase phase)
{
	return phase < LU_PH_COUNT ? lu_phase_names[phase] : "?";
}

const char *lu_result_name(enum lu_result result)
{
	return result < ARRAY_SIZE(lu_result_names) ? lu_result_names[result] : "?";
}

/**
 * lu_phase_by_name() - phase of a transaction by its name
 * @name: as shown in timelines
 *
 * Return: the phase, or -EINVAL.
 */
int lu_phase_by_name(const char *name)
{
	return match_string(lu_phase_names, LU_PH_COUNT, name);
}
