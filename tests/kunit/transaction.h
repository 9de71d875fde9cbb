/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of the transaction share: a case, and how it is staged.
 */
#ifndef _KT_TRANSACTION_H
#define _KT_TRANSACTION_H

#include "lu_kunit.h"

#define ALL_WELL "prepare quiesce detached verify replay resume unprepare"

/**
 * struct kt_case - one update
 * @name: what happens
 * @inject: failure on request, or NULL
 * @how0: misbehaviour of the version that runs
 * @how1: misbehaviour of the version that comes in
 * @plan: misbehaviour of the shadow
 * @force: policy
 * @skip: release=force
 * @timeout_ms: limit, or 0 for the default
 * @ret: what the trigger returns
 * @result: what the record says
 * @err: error in the record
 * @state: of the set afterwards
 * @drives: version that drives the devices afterwards
 * @calls: of the shadow
 * @mismatches: as sysfs shows them
 */
struct kt_case {
	const char *name;
	const char *inject;
	struct kt_behaviour how0, how1;
	struct kt_shadow_plan plan;
	bool force;
	bool skip;
	unsigned int timeout_ms;
	int ret;
	enum lu_result result;
	int err;
	enum lu_state state;
	int drives;
	const char *calls;
	const char *mismatches;
};

struct lu_set *kt_stage_of(struct kunit *test, const struct kt_case *c);
void kt_expect_calls(struct kunit *test, const char *calls);

#endif /* _KT_TRANSACTION_H */
