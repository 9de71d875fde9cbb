// SPDX-License-Identifier: GPL-2.0
/* What the core does when driver code crashes, without the crash. */
#include "lu_kunit.h"

#include "../../kernel/liveupdate/guard.c"

/* An oops outside of the driver's own code: the thread will not come back. */
void kt_hook_die(void)
{
	struct pt_regs regs = { .ip = (unsigned long)kt_hook_die };
	struct die_args args = { .regs = &regs };

	lu_guard_die(&lu_guard_nb, DIE_OOPS, &args);
}
