/* SPDX-License-Identifier: GPL-2.0 */
/* What the suites of disks share. */
#ifndef _KT_DISK_STAGE_H
#define _KT_DISK_STAGE_H

#include "fake_disk.h"

struct task_struct;

/* A thread that writes, reads back and compares. */
extern struct kt_writer {
	struct task_struct *task;
	struct gendisk *disk;
	atomic_t rounds;
	int err;
	bool wrong;
} kt_writer;

/* How many rounds of it there were when a test last looked. */
extern int kt_rounds_seen;

int kt_disk_setup(struct kunit *test);
void kt_disk_teardown(struct kunit *test);
struct lu_set *kt_disk_up(struct kunit *test);
int kt_io(struct gendisk *disk, blk_opf_t op, unsigned int block, void *page);
int kt_write_read(struct gendisk *disk, unsigned int block, u8 value, bool *wrong);
void kt_writer_start(struct kunit *test, struct gendisk *disk);
void kt_writer_stop(void);
void kt_expect_writer_goes_on(struct kunit *test);
bool kt_await(bool (*cond)(void));

#endif /* _KT_DISK_STAGE_H */
