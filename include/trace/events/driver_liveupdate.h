/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM liveupdate

#if !defined(_TRACE_DRIVER_LIVEUPDATE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_DRIVER_LIVEUPDATE_H

#include <linux/tracepoint.h>

TRACE_EVENT(lu_state,
	TP_PROTO(const char *set, const char *from, const char *to),
	TP_ARGS(set, from, to),
	TP_STRUCT__entry(
		__string(set, set)
		__string(from, from)
		__string(to, to)
	),
	TP_fast_assign(
		lu_assign_str(set, set);
		lu_assign_str(from, from);
		lu_assign_str(to, to);
	),
	TP_printk("%s: %s -> %s", __get_str(set), __get_str(from), __get_str(to))
);

TRACE_EVENT(lu_phase,
	TP_PROTO(const char *set, const char *phase, bool rollback, int err, u64 us),
	TP_ARGS(set, phase, rollback, err, us),
	TP_STRUCT__entry(
		__string(set, set)
		__string(phase, phase)
		__field(bool, rollback)
		__field(int, err)
		__field(u64, us)
	),
	TP_fast_assign(
		lu_assign_str(set, set);
		lu_assign_str(phase, phase);
		__entry->rollback = rollback;
		__entry->err = err;
		__entry->us = us;
	),
	TP_printk("%s: %s%s err=%d us=%llu", __get_str(set),
		  __entry->rollback ? "rollback " : "", __get_str(phase),
		  __entry->err, __entry->us)
);

TRACE_EVENT(lu_result,
	TP_PROTO(const char *set, const char *result, int err, u64 blackout_us),
	TP_ARGS(set, result, err, blackout_us),
	TP_STRUCT__entry(
		__string(set, set)
		__string(result, result)
		__field(int, err)
		__field(u64, blackout_us)
	),
	TP_fast_assign(
		lu_assign_str(set, set);
		lu_assign_str(result, result);
		__entry->err = err;
		__entry->blackout_us = blackout_us;
	),
	TP_printk("%s: %s err=%d blackout_us=%llu", __get_str(set),
		  __get_str(result), __entry->err, __entry->blackout_us)
);

TRACE_EVENT(lu_mismatch,
	TP_PROTO(const char *set, const char *what),
	TP_ARGS(set, what),
	TP_STRUCT__entry(
		__string(set, set)
		__string(what, what)
	),
	TP_fast_assign(
		lu_assign_str(set, set);
		lu_assign_str(what, what);
	),
	TP_printk("%s: %s", __get_str(set), __get_str(what))
);

#endif /* _TRACE_DRIVER_LIVEUPDATE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH trace/events
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE driver_liveupdate
#include <trace/define_trace.h>
