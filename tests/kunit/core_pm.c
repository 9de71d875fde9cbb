// SPDX-License-Identifier: GPL-2.0
/* What the kernel tells who wants to know of system sleep, without the sleep. */
#include "../../kernel/liveupdate/pm.c"

#include "lu_kunit.h"

/* Return: 0, or the error that ends the attempt to sleep. */
int kt_hook_sleep(unsigned long event)
{
	return notifier_to_errno(lu_pm_notify(&lu_pm_nb, event, NULL));
}
