// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Verdict
 *
 * Outcome of the capability check: empty, or the list of what the incoming
 * driver lacks, each by the name that a driver author would use.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "internal.h"

/**
 * lu_verdict_vadd() - add a named mismatch
 * @v: the verdict
 * @fmt: format of its name
 * @args: arguments of @fmt
 *
 * The same mismatch is listed once. Past %LU_MAX_MISMATCHES they are counted
 * only.
 */
void lu_verdict_vadd(struct lu_verdict *v, const char *fmt, va_list args)
{
	char text[LU_MISMATCH_LEN];
	unsigned int i;

	vscnprintf(text, sizeof(text), fmt, args);
	for (i = 0; i < min_t(unsigned int, v->count, LU_MAX_MISMATCHES); i++)
		if (!strcmp(v->text[i], text))
			return;
	if (v->count < LU_MAX_MISMATCHES)
		strscpy(v->text[v->count], text, LU_MISMATCH_LEN);
	v->count++;
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
