// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Verdict
 *
 * Outcome of the capability check: empty, or the list of what the incoming
 * driver lacks, each by the name that a driver author would use.
 */
#include <linux/kernel.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "internal.h"

/* Devices are probed all at once, and so they find fault. */
static DEFINE_SPINLOCK(lu_verdict_lock);

static const char *__lu_verdict_add(struct lu_verdict *v, const char *text)
{
	unsigned int i;

	lockdep_assert_held(&lu_verdict_lock);
	for (i = 0; i < min_t(unsigned int, v->count, LU_MAX_MISMATCHES); i++)
		if (!strcmp(v->text[i], text))
			return NULL;
	v->count++;
	if (i == LU_MAX_MISMATCHES)
		return NULL;
	strscpy(v->text[i], text, LU_MISMATCH_LEN);
	return v->text[i];
}

/**
 * lu_verdict_vadd() - add a named mismatch
 * @v: the verdict
 * @fmt: format of its name
 * @args: arguments of @fmt
 *
 * The same mismatch is listed once. Past %LU_MAX_MISMATCHES they are counted
 * only.
 *
 * Context: Process context.
 * Return: its name, or NULL if it was not listed.
 */
const char *lu_verdict_vadd(struct lu_verdict *v, const char *fmt, va_list args)
{
	char text[LU_MISMATCH_LEN];
	const char *added;

	vscnprintf(text, sizeof(text), fmt, args);
	spin_lock(&lu_verdict_lock);
	added = __lu_verdict_add(v, text);
	spin_unlock(&lu_verdict_lock);
	return added;
}

void lu_verdict_add(struct lu_verdict *v, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	lu_verdict_vadd(v, fmt, args);
	va_end(args);
}

/**
 * lu_verdict_show() - the mismatches, one a line
 * @v: the verdict
 * @buf: where to
 * @size: bytes there
 *
 * Return: bytes written, without the terminating NUL.
 */
ssize_t lu_verdict_show(const struct lu_verdict *v, char *buf, size_t size)
{
	unsigned int listed = min_t(unsigned int, v->count, LU_MAX_MISMATCHES);
	unsigned int i, shown = 0;
	size_t len = 0;

	/* Keep room for the line that says how many were left out. */
	for (i = 0; i < listed; i++) {
		if (len + strlen(v->text[i]) + 32 > size)
			break;
		len += scnprintf(buf + len, size - len, "%s\n", v->text[i]);
		shown++;
	}
	if (shown < v->count)
		len += scnprintf(buf + len, size - len, "and %u more\n",
				 v->count - shown);
	return len;
}
