// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: keeping an incoming driver's table out of the kernel's sight
 *
 * A probing driver stores its table of operations into the object that the
 * kernel is using, long before it is able to answer. A hardware breakpoint on
 * that word notices the store and puts our table back at once; what the driver
 * stored is remembered for its registration. Processors have few breakpoints:
 * a device that gets none relies on nobody asking at the wrong moment.
 */
#include "net_shadow.h"

#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>

/* Any context: this is the debug exception. */
static void guard_hit(struct perf_event *bp, struct perf_sample_data *data,
		      struct pt_regs *regs)
{
	struct net_shadow *ns = bp->overflow_handler_context;
	const struct net_device_ops *now = READ_ONCE(ns->dev->netdev_ops);

	if (!ns_impersonates(ns) || now == &ns->ops)
		return;
	ns->drv_ops = now;
	WRITE_ONCE(ns->dev->netdev_ops, &ns->ops);
}

/**
 * ns_guard_begin() - watch the table from now on
 * @ns: shadow of a transaction
 */
void ns_guard_begin(struct net_shadow *ns)
{
	struct perf_event_attr attr;
	struct perf_event * __percpu *guard;

	if (ns->guard)
		return;
	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)&ns->dev->netdev_ops;
	attr.bp_len = sizeof(long) == 8 ? HW_BREAKPOINT_LEN_8 :
					  HW_BREAKPOINT_LEN_4;
	attr.bp_type = HW_BREAKPOINT_W;
	guard = register_wide_hw_breakpoint(&attr, guard_hit, ns);
	if (IS_ERR((void __force *)guard))
		pr_debug("%s: no breakpoint left\n", ns->dev->name);
	else
		ns->guard = guard;
}

/**
 * ns_guard_end() - stop watching
 * @ns: shadow of a transaction
 */
void ns_guard_end(struct net_shadow *ns)
{
	if (ns->guard)
		unregister_wide_hw_breakpoint(ns->guard);
	ns->guard = NULL;
}
