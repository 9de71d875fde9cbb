// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: keeping an incoming driver's tables out of the kernel's sight
 *
 * A probing driver stores its tables of operations into the object that the
 * kernel is using, long before it is able to answer. Hardware breakpoints on
 * those two words notice the store and put our tables back at once; what the
 * driver stored is remembered for its registration. Processors have few
 * breakpoints, and network device operations come first: a word that gets none
 * relies on nobody asking at the wrong moment.
 */
#include "net_shadow.h"

#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>

/* Any context: this is the debug exception. */
static void ops_hit(struct perf_event *bp, struct perf_sample_data *data,
		    struct pt_regs *regs)
{
	struct net_shadow *ns = bp->overflow_handler_context;
	const struct net_device_ops *now = READ_ONCE(ns->dev->netdev_ops);

	if (!ns_impersonates(ns) || now == &ns->ops)
		return;
	ns->drv_ops = now;
	WRITE_ONCE(ns->dev->netdev_ops, &ns->ops);
	ns_bolt_stored(ns, NS_GUARD_OPS);
}

static void eops_hit(struct perf_event *bp, struct perf_sample_data *data,
		     struct pt_regs *regs)
{
	struct net_shadow *ns = bp->overflow_handler_context;
	const struct ethtool_ops *now = READ_ONCE(ns->dev->ethtool_ops);

	if (!ns_impersonates(ns) || now == &ns->eops)
		return;
	ns->drv_eops = now;
	WRITE_ONCE(ns->dev->ethtool_ops, &ns->eops);
	ns_bolt_stored(ns, NS_GUARD_EOPS);
}

static void guard_word(struct net_shadow *ns, enum ns_guarded which, void *word,
		       perf_overflow_handler_t hit)
{
	struct perf_event * __percpu *guard;
	struct perf_event_attr attr;

	if (ns->guard[which])
		return;
	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)word;
	attr.bp_len = sizeof(long) == 8 ? HW_BREAKPOINT_LEN_8 :
					  HW_BREAKPOINT_LEN_4;
	attr.bp_type = HW_BREAKPOINT_W;
	guard = register_wide_hw_breakpoint(&attr, hit, ns);
	if (IS_ERR((void __force *)guard))
		pr_debug("%s: no breakpoint left\n", ns->dev->name);
	else
		ns->guard[which] = guard;
}

/**
 * ns_guard_begin() - watch the table of operations from now on
 * @ns: shadow of a transaction
 */
void ns_guard_begin(struct net_shadow *ns)
{
	guard_word(ns, NS_GUARD_OPS, &ns->dev->netdev_ops, ops_hit);
}

/**
 * ns_guard_begin_ethtool() - likewise the one of ethtool
 * @ns: shadow of a transaction, when all have their first breakpoint
 */
void ns_guard_begin_ethtool(struct net_shadow *ns)
{
	guard_word(ns, NS_GUARD_EOPS, &ns->dev->ethtool_ops, eops_hit);
}

/**
 * ns_guard_end() - stop watching
 * @ns: shadow of a transaction
 */
void ns_guard_end(struct net_shadow *ns)
{
	unsigned int i;

	for (i = 0; i < NS_GUARD_COUNT; i++) {
		if (ns->guard[i])
			unregister_wide_hw_breakpoint(ns->guard[i]);
		ns->guard[i] = NULL;
	}
}
