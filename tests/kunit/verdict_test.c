// SPDX-License-Identifier: GPL-2.0
/* The verdict: each mismatch once, bounded in memory and in what it prints. */
#include "lu_kunit.h"

static struct lu_verdict *kt_verdict(struct kunit *test)
{
	struct lu_verdict *v = kunit_kzalloc(test, sizeof(*v), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, v);
	return v;
}

static char *kt_page(struct kunit *test)
{
	char *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	return page;
}

static void kt_verdict_empty_test(struct kunit *test)
{
	struct lu_verdict *v = kt_verdict(test);
	char *page = kt_page(test);

	page[0] = 'x';
	KUNIT_EXPECT_EQ(test, lu_verdict_show(v, page, PAGE_SIZE), 0);
}

static void kt_verdict_names_test(struct kunit *test)
{
	struct lu_verdict *v = kt_verdict(test);
	char *page = kt_page(test);
	const char *expected = "eth0: NETIF_F_HW_CSUM lost\neth0: tx queues 8 -> 1\n";

	lu_verdict_add(v, "%s: NETIF_F_HW_CSUM lost", "eth0");
	lu_verdict_add(v, "eth0: tx queues %u -> %u", 8, 1);
	KUNIT_EXPECT_EQ(test, v->count, 2);
	KUNIT_EXPECT_EQ(test, lu_verdict_show(v, page, PAGE_SIZE), strlen(expected));
	KUNIT_EXPECT_STREQ(test, page, expected);
}

static void kt_verdict_dedupe_test(struct kunit *test)
{
	struct lu_verdict *v = kt_verdict(test);
	unsigned int i;

	for (i = 0; i < 1000; i++)
		lu_verdict_add(v, "mismatch %u", i % 3);
	KUNIT_EXPECT_EQ(test, v->count, 3);
	KUNIT_EXPECT_STREQ(test, v->text[0], "mismatch 0");
	KUNIT_EXPECT_STREQ(test, v->text[2], "mismatch 2");
	KUNIT_EXPECT_STREQ(test, v->text[3], "");
}

/* Two that differ only past the limit are taken for one; neither overflows. */
static void kt_verdict_long_test(struct kunit *test)
{
	struct lu_verdict *v = kt_verdict(test);
	char text[3 * LU_MISMATCH_LEN];

	memset(text, 'm', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	lu_verdict_add(v, "%s", text);
	text[sizeof(text) - 2] = 'n';
	lu_verdict_add(v, "%s", text);
	KUNIT_EXPECT_EQ(test, v->count, 1);
	KUNIT_EXPECT_EQ(test, strlen(v->text[0]), LU_MISMATCH_LEN - 1);
	KUNIT_EXPECT_STREQ(test, v->text[1], "");
}

static void kt_verdict_overflow_test(struct kunit *test)
{
	struct lu_verdict *v = kt_verdict(test);
	char *page = kt_page(test);
	unsigned int i, lines = 0;
	ssize_t len;

	for (i = 0; i < LU_MAX_MISMATCHES + 7; i++)
		lu_verdict_add(v, "mismatch %u", i);
	KUNIT_EXPECT_EQ(test, v->count, LU_MAX_MISMATCHES + 7);
	len = lu_verdict_show(v, page, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, len, strlen(page));
	for (i = 0; i < len; i++)
		lines += page[i] == '\n';
	KUNIT_EXPECT_EQ(test, lines, LU_MAX_MISMATCHES + 1);
	KUNIT_EXPECT_NOT_NULL(test, strstr(page, "\nmismatch 63\nand 7 more\n"));
}

static const struct kt_room {
	const char *name;
	size_t size;
	unsigned int listed;	/* of ten */
} kt_rooms[] = {
	{ "room for all",	PAGE_SIZE, 10 },
	{ "just enough",	10 * 11 + 31, 10 },
	{ "one byte short",	10 * 11 + 30, 9 },
	{ "room for one",	11 + 31, 1 },
	{ "room for none",	32, 0 },
};

static void kt_room_desc(const struct kt_room *r, char *desc)
{
	strscpy(desc, r->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_room, kt_rooms, kt_room_desc);

/* Never past the end of what it is given, and always says what is missing. */
static void kt_verdict_room_test(struct kunit *test)
{
	const struct kt_room *r = test->param_value;
	struct lu_verdict *v = kt_verdict(test);
	char *page = kt_page(test), rest[32] = "";
	unsigned int i, lines = 0;
	ssize_t len;

	for (i = 0; i < 10; i++)
		lu_verdict_add(v, "mismatch %u", i);	/* 11 bytes with newline */
	memset(page, 'x', PAGE_SIZE);
	len = lu_verdict_show(v, page, r->size);
	KUNIT_ASSERT_LT(test, len, (ssize_t)r->size);
	KUNIT_EXPECT_EQ_MSG(test, page[len], '\0', "not terminated");
	for (i = r->size; i < PAGE_SIZE; i++)
		KUNIT_ASSERT_EQ_MSG(test, page[i], 'x', "written past the end, at %u", i);
	for (i = 0; i < len; i++)
		lines += page[i] == '\n';
	KUNIT_EXPECT_EQ(test, lines, r->listed + (r->listed < 10));
	snprintf(rest, sizeof(rest), "and %u more\n", 10 - r->listed);
	KUNIT_EXPECT_EQ_MSG(test, !!strstr(page, rest), r->listed < 10, "\"%s\" in \"%s\"",
			    rest, page);
}

static struct kunit_case kt_verdict_cases[] = {
	KUNIT_CASE(kt_verdict_empty_test),
	KUNIT_CASE(kt_verdict_names_test),
	KUNIT_CASE(kt_verdict_dedupe_test),
	KUNIT_CASE(kt_verdict_long_test),
	KUNIT_CASE(kt_verdict_overflow_test),
	KUNIT_CASE_PARAM(kt_verdict_room_test, kt_room_gen_params),
	{}
};

struct kunit_suite kt_verdict_suite = {
	.name = "lu_verdict",
	.test_cases = kt_verdict_cases,
};
