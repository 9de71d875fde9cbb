/* SPDX-License-Identifier: GPL-2.0 */
/* What the suites of sound cards share; sound_test.c. */
#ifndef _KT_SOUND_STAGE_H
#define _KT_SOUND_STAGE_H

#include "lu_kunit.h"

struct file;

int kt_sound_setup(struct kunit *test);
void kt_sound_teardown(struct kunit *test);
struct lu_set *kt_sound_up(struct kunit *test);
void kt_close(struct file *file);

#endif /* _KT_SOUND_STAGE_H */
