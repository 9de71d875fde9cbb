// SPDX-License-Identifier: GPL-2.0
/*
 * The sets of the core. An illegal change of state is a programming error and
 * warns loudly; where a suite makes one on purpose the warning is counted.
 */
#include <linux/bug.h>

#include "lu_kunit.h"

#undef WARN_ONCE
#define WARN_ONCE(cond, fmt, ...)					\
({									\
	bool __bad = (cond);						\
									\
	if (__bad) {							\
		kt.warned++;						\
		pr_info("kt: " fmt, ##__VA_ARGS__);			\
	}								\
	__bad;								\
})

#include "../../kernel/liveupdate/set.c"
