// SPDX-License-Identifier: GPL-2.0
/*
 * The config log: the last writer wins, its size is the number of settings and
 * not the number of calls, whoever writes at the same time.
 */
#include <linux/kthread.h>

#include "lu_kunit.h"

#define KT_LOG_SIZE	16384

static struct lu_log *kt_log(struct kunit *test)
{
	struct lu_log *log = kunit_kzalloc(test, sizeof(*log), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, log);
	lu_log_init(log);
	return log;
}

static void kt_log_expect(struct kunit *test, struct lu_log *log, const char *expected)
{
	struct seq_file *s = kt_seq(test, KT_LOG_SIZE);

	lu_log_show(log, s);
	KUNIT_ASSERT_LT_MSG(test, s->count, s->size, "overflow of the test's own buffer");
	s->buf[s->count] = '\0';
	KUNIT_EXPECT_STREQ(test, s->buf, expected);
}

static void kt_log_empty_test(struct kunit *test)
{
	struct lu_log *log = kt_log(test);

	KUNIT_EXPECT_EQ(test, log->count, 0);
	KUNIT_EXPECT_EQ(test, log->bytes, 0);
	KUNIT_EXPECT_FALSE(test, lu_log_remove(log, "eth0", "mtu"));
	KUNIT_EXPECT_FALSE(test, lu_log_remove(log, NULL, NULL));
	kt_log_expect(test, log, "# device\tkey\tvalue\n");
}

static void kt_log_last_wins_test(struct kunit *test)
{
	struct lu_log *log = kt_log(test);
	size_t bytes;

	KUNIT_ASSERT_EQ(test, lu_log_store(log, "a", "mtu", "1500"), 0);
	KUNIT_ASSERT_EQ(test, lu_log_store(log, "a", "mac", "02:00"), 0);
	KUNIT_ASSERT_EQ(test, lu_log_store(log, "b", "mtu", "1400"), 0);
	bytes = log->bytes;
	KUNIT_ASSERT_EQ(test, lu_log_store(log, "a", "mtu", "9000"), 0);
	KUNIT_EXPECT_EQ(test, log->count, 3);
	KUNIT_EXPECT_EQ(test, log->bytes, bytes);
	kt_log_expect(test, log,
		      "# device\tkey\tvalue\na\tmac\t02:00\nb\tmtu\t1400\na\tmtu\t9000\n");
	lu_log_clear(log);
}

/* A longer and a shorter value are accounted for. */
static void kt_log_bytes_test(struct kunit *test)
{
	struct lu_log *log = kt_log(test);
	size_t before;

	KUNIT_ASSERT_EQ(test, lu_log_store(log, "a", "k", "1"), 0);
	before = log->bytes;
	KUNIT_ASSERT_EQ(test, lu_log_store(log, "a", "k", "12345"), 0);
	KUNIT_EXPECT_EQ(test, log->bytes, before + 4);
	KUNIT_ASSERT_EQ(test, lu_log_store(log, "a", "k", ""), 0);
	KUNIT_EXPECT_EQ(test, log->bytes, before - 1);
	lu_log_clear(log);
	KUNIT_EXPECT_EQ(test, log->bytes, 0);
	KUNIT_EXPECT_EQ(test, log->count, 0);
}

static void kt_log_bounded_test(struct kunit *test)
{
	static const char * const keys[] = { "mtu", "mac", "flags" };
	struct lu_log *log = kt_log(test);
	size_t bytes = 0;
	unsigned int i;
	char value[8];

	for (i = 0; i < 1000; i++) {
		snprintf(value, sizeof(value), "%04u", i);
		KUNIT_ASSERT_EQ(test, lu_log_store(log, "a", keys[i % 3], value), 0);
		if (i == 2)
			bytes = log->bytes;
	}
	KUNIT_EXPECT_EQ(test, log->count, 3);
	KUNIT_EXPECT_EQ(test, log->bytes, bytes);
	kt_log_expect(test, log,
		      "# device\tkey\tvalue\na\tmac\t0997\na\tflags\t0998\na\tmtu\t0999\n");
	lu_log_clear(log);
}

static const struct kt_removal {
	const char *name;
	const char *dev;
	const char *key;
	bool found;
	unsigned int left;	/* of a.mtu, a.mac, b.mtu, ab.mtu */
} kt_removals[] = {
	{ "one setting of one device",	"a",  "mtu",  true,  3 },
	{ "all of one device",		"a",  NULL,   true,  2 },
	{ "one setting everywhere",	NULL, "mtu",  true,  1 },
	{ "everything",			NULL, NULL,   true,  0 },
	{ "no such setting",		"b",  "mac",  false, 4 },
	{ "no such device",		"c",  NULL,   false, 4 },
	{ "only a beginning of a name",	"a",  "mt",   false, 4 },
};

static void kt_removal_desc(const struct kt_removal *r, char *desc)
{
	strscpy(desc, r->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_removal, kt_removals, kt_removal_desc);

static void kt_log_remove_test(struct kunit *test)
{
	const struct kt_removal *r = test->param_value;
	struct lu_log *log = kt_log(test);

	KUNIT_ASSERT_EQ(test, lu_log_store(log, "a", "mtu", "1"), 0);
	KUNIT_ASSERT_EQ(test, lu_log_store(log, "a", "mac", "2"), 0);
	KUNIT_ASSERT_EQ(test, lu_log_store(log, "b", "mtu", "3"), 0);
	KUNIT_ASSERT_EQ(test, lu_log_store(log, "ab", "mtu", "4"), 0);
	KUNIT_EXPECT_EQ(test, lu_log_remove(log, r->dev, r->key), r->found);
	KUNIT_EXPECT_EQ(test, log->count, r->left);
	lu_log_clear(log);
	KUNIT_EXPECT_EQ(test, log->count, 0);
	KUNIT_EXPECT_EQ(test, log->bytes, 0);
}

/* The interface that shadows use, by device. */
static void kt_log_of_devices_test(struct kunit *test)
{
	struct lu_set *set;

	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	set = kt_set();
	KUNIT_ASSERT_NOT_NULL(test, set);
	KUNIT_EXPECT_EQ(test, lu_log_set(set, kt.devices[0], "mtu", "%u", 1400), 0);
	KUNIT_EXPECT_EQ(test, lu_log_set(set, kt.devices[0], "vlan.10", "1"), 0);
	KUNIT_EXPECT_EQ(test, lu_log_set(set, kt.devices[1], "mtu", "%u", 1300), 0);
	kt_log_expect(test, &set->log,
		      "# device\tkey\tvalue\nkt0\tmtu\t1400\nkt0\tvlan.10\t1\nkt1\tmtu\t1300\n");
	lu_log_del(set, kt.devices[0], "vlan.10");
	KUNIT_EXPECT_EQ(test, set->log.count, 2);
	lu_log_forget_device(set, kt.devices[0]);
	kt_log_expect(test, &set->log, "# device\tkey\tvalue\nkt1\tmtu\t1300\n");
	/* A set that forgets a device forgets its settings. */
	KUNIT_ASSERT_NOT_NULL(test, lu_device_find(set, kt.devices[1]));
	KUNIT_ASSERT_EQ(test, lu_log_set(set, kt.devices[1], "mac", "x"), 0);
	KUNIT_EXPECT_EQ(test, set->log.count, 2);
	lu_device_drop(lu_device_find(set, kt.devices[1]));
	KUNIT_EXPECT_EQ(test, set->log.count, 0);
}

/* Several writers, one that removes and one that reads, at one time. */

#define KT_WRITERS	4
#define KT_WRITES	3000
#define KT_KEYS		5

struct kt_race {
	struct lu_log *log;
	struct completion done;
	atomic_t writers;
	atomic_t errors;
	atomic_t next;
};

static int kt_race_write(void *arg)
{
	struct kt_race *r = arg;
	unsigned int me = atomic_inc_return(&r->next), i;
	char key[8], value[16];

	for (i = 0; i < KT_WRITES; i++) {
		snprintf(key, sizeof(key), "k%u", i % KT_KEYS);
		snprintf(value, sizeof(value), "%u.%0*u", me, 1 + i % 7, i);
		if (lu_log_store(r->log, "shared", key, value))
			atomic_inc(&r->errors);
		if (i % 16 == 0)
			cond_resched();
	}
	if (atomic_dec_and_test(&r->writers))
		complete_all(&r->done);
	return 0;
}

static unsigned int kt_lines(const struct seq_file *s)
{
	unsigned int lines = 0;
	size_t i;

	for (i = 0; i < s->count; i++)
		lines += s->buf[i] == '\n';
	return lines;
}

/* Meanwhile: never more entries than keys, never one of them twice. */
static void kt_race_watch(struct kunit *test, struct kt_race *r)
{
	struct seq_file *s = kt_seq(test, KT_LOG_SIZE);
	unsigned long deadline = jiffies + 120 * HZ;
	unsigned int rounds = 0;

	while (!completion_done(&r->done) && time_before(jiffies, deadline)) {
		s->count = 0;
		lu_log_show(r->log, s);
		if (kt_lines(s) > KT_KEYS + 1)
			atomic_inc(&r->errors);
		lu_log_remove(r->log, "shared", rounds++ % 2 ? "k0" : "k3");
		cond_resched();
	}
	KUNIT_EXPECT_GT_MSG(test, rounds, 0, "no overlap with the writers");
}

static void kt_log_race_test(struct kunit *test)
{
	struct kt_race *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	unsigned int i;
	char key[8];

	KUNIT_ASSERT_NOT_NULL(test, r);
	r->log = kt_log(test);
	init_completion(&r->done);
	atomic_set(&r->writers, KT_WRITERS);
	for (i = 0; i < KT_WRITERS; i++)
		KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(kt_race_write, r, "kt_log/%u", i)));
	kt_race_watch(test, r);
	KUNIT_ASSERT_TRUE_MSG(test, completion_done(&r->done), "the writers are stuck");
	KUNIT_EXPECT_EQ(test, atomic_read(&r->errors), 0);

	for (i = 0; i < KT_KEYS; i++) {
		snprintf(key, sizeof(key), "k%u", i);
		KUNIT_ASSERT_EQ(test, lu_log_store(r->log, "shared", key, "last"), 0);
	}
	KUNIT_EXPECT_EQ(test, r->log->count, KT_KEYS);
	kt_log_expect(test, r->log,
		      "# device\tkey\tvalue\nshared\tk0\tlast\nshared\tk1\tlast\n"
		      "shared\tk2\tlast\nshared\tk3\tlast\nshared\tk4\tlast\n");
	lu_log_clear(r->log);
	KUNIT_EXPECT_EQ(test, r->log->bytes, 0);
}

static struct kunit_case kt_log_cases[] = {
	KUNIT_CASE(kt_log_empty_test),
	KUNIT_CASE(kt_log_last_wins_test),
	KUNIT_CASE(kt_log_bytes_test),
	KUNIT_CASE(kt_log_bounded_test),
	KUNIT_CASE_PARAM(kt_log_remove_test, kt_removal_gen_params),
	KUNIT_CASE(kt_log_of_devices_test),
	KUNIT_CASE(kt_log_race_test),
	{}
};

struct kunit_suite kt_log_suite = {
	.name = "lu_log",
	.init = kt_setup,
	.exit = kt_teardown,
	.test_cases = kt_log_cases,
};
