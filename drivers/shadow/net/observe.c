// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: what observers see during an update
 *
 * A few functions of the network core read the state of a device directly,
 * where drivers keep the truth. Probes on them show, while an update is under
 * way, the concealed link as it was, and the name that a driver overwrote as it
 * is. No packet passes through these functions. Each is optional: without it,
 * an observer who looks at the wrong moment sees a link that is down, but is
 * told of no event.
 *
 * Statistics are the one operation that is asked for all the time without RTNL,
 * which keeps the others from an incoming driver's own tables (bolt.c): while
 * it may store them, dev_get_stats() is answered without a look at the tables.
 */
#include "net_shadow.h"

#include <linux/kprobes.h>
#include <linux/mii.h>
#include <net/netlink.h>

struct observed {
	struct net_shadow *ns;
	struct sk_buff *skb;
	unsigned int len;
	char *buf;
};

static DEFINE_MUTEX(observe_mutex);

static struct net_shadow *concealing(const void *dev)
{
	struct net_shadow *ns = ns_find(dev);

	return ns && ns_in_update(ns) ? ns : NULL;
}

/* unsigned int dev_get_flags(const struct net_device *dev) */
static int flags_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct observed *o = (struct observed *)ri->data;

	o->ns = concealing((void *)regs_get_kernel_argument(regs, 0));
	return o->ns ? 0 : 1;
}

static int flags_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct observed *o = (struct observed *)ri->data;

	if (ns_carrier_lost(o->ns) && netif_running(o->ns->dev))
		regs_set_return_value(regs, regs_return_value(regs) |
				      IFF_LOWER_UP | IFF_RUNNING);
	return 0;
}

/* int rtnl_fill_ifinfo(struct sk_buff *skb, struct net_device *dev, ...) */
static int ifinfo_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct observed *o = (struct observed *)ri->data;

	o->ns = concealing((void *)regs_get_kernel_argument(regs, 1));
	if (!o->ns)
		return 1;
	o->skb = (void *)regs_get_kernel_argument(regs, 0);
	o->len = o->skb->len;
	/* Only an incoming driver writes there, before it registers. */
	if (ns_impersonates(o->ns) && o->ns->handed && !o->ns->adopted)
		ns_name_restore(o->ns);
	return 0;
}

static int ifinfo_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct observed *o = (struct observed *)ri->data;
	struct nlmsghdr *nlh;
	struct nlattr *carrier;

	if ((int)regs_return_value(regs) || !ns_carrier_lost(o->ns) ||
	    o->skb->len < o->len + nlmsg_total_size(sizeof(struct ifinfomsg)))
		return 0;
	nlh = (struct nlmsghdr *)(o->skb->data + o->len);
	carrier = nlmsg_find_attr(nlh, sizeof(struct ifinfomsg), IFLA_CARRIER);
	if (carrier && nla_len(carrier) == sizeof(u8))
		*(u8 *)nla_data(carrier) = 1;
	return 0;
}

/* ssize_t carrier_show(struct device *, struct device_attribute *, char *) */
static int carrier_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct observed *o = (struct observed *)ri->data;
	struct device *d = (void *)regs_get_kernel_argument(regs, 0);

	o->ns = concealing(to_net_dev(d));
	o->buf = (void *)regs_get_kernel_argument(regs, 2);
	return o->ns ? 0 : 1;
}

static int carrier_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct observed *o = (struct observed *)ri->data;

	if ((long)regs_return_value(regs) > 0 && o->buf[0] == '0' &&
	    ns_carrier_lost(o->ns))
		o->buf[0] = '1';
	return 0;
}

/* int dev_change_name(struct net_device *dev, const char *newname) */
static int rename_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct observed *o = (struct observed *)ri->data;

	o->ns = concealing((void *)regs_get_kernel_argument(regs, 0));
	if (!o->ns || !ns_impersonates(o->ns))
		return 1;
	ns_name_settle(o->ns);
	return 0;
}

static int rename_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct observed *o = (struct observed *)ri->data;

	ns_name_save(o->ns);
	return 0;
}

/* int bond_check_dev_link(struct bonding *, struct net_device *slave, int) */
static int bond_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct observed *o = (struct observed *)ri->data;

	o->ns = concealing((void *)regs_get_kernel_argument(regs, 1));
	return o->ns ? 0 : 1;
}

static int bond_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct observed *o = (struct observed *)ri->data;

	if (!regs_return_value(regs) && ns_carrier_lost(o->ns) &&
	    netif_running(o->ns->dev))
		regs_set_return_value(regs, BMSR_LSTATUS);
	return 0;
}

static void core_stats_add(const struct net_device *dev,
			   struct rtnl_link_stats64 *to)
{
	const struct net_device_core_stats __percpu *all = READ_ONCE(dev->core_stats);
	int cpu;

	if (!all)
		return;
	for_each_possible_cpu(cpu) {
		const struct net_device_core_stats *s = per_cpu_ptr(all, cpu);

		to->rx_dropped += READ_ONCE(s->rx_dropped);
		to->tx_dropped += READ_ONCE(s->tx_dropped);
		to->rx_nohandler += READ_ONCE(s->rx_nohandler);
		to->rx_otherhost_dropped += READ_ONCE(s->rx_otherhost_dropped);
	}
}

/* In the place of dev_get_stats(): totals stand still while no driver answers. */
static struct rtnl_link_stats64 *stats_instead(struct net_device *dev,
					       struct rtnl_link_stats64 *to)
{
	struct net_shadow *ns;

	rcu_read_lock();
	ns = ns_find(dev);
	if (ns)
		*to = ns->frozen;
	else
		memset(to, 0, sizeof(*to));
	rcu_read_unlock();
	core_stats_add(dev, to);
	return to;
}

/* struct rtnl_link_stats64 *dev_get_stats(struct net_device *, struct rtnl_link_stats64 *) */
static int stats_entry(struct kprobe *p, struct pt_regs *regs)
{
	struct net_shadow *ns = concealing((void *)regs_get_kernel_argument(regs, 0));

	if (!ns || !ns_impersonates(ns) || !ns->handed || ns->adopted ||
	    /* Pairs with the release in stats.c. */
	    !smp_load_acquire(&ns->stats_frozen))
		return 0;
	/* /proc/net/dev asks before it prints the name. */
	ns_name_mend(ns);
	instruction_pointer_set(regs, (unsigned long)stats_instead);
	return 1;
}

/* A probe that has one may change where the function goes on. */
static void stats_after(struct kprobe *p, struct pt_regs *regs,
			unsigned long flags)
{
}

static struct kprobe stats_probe;
static bool stats_probed;

static void stats_observe(void)
{
	if (stats_probed)
		return;
	memset(&stats_probe, 0, sizeof(stats_probe));
	stats_probe.symbol_name = "dev_get_stats";
	stats_probe.pre_handler = stats_entry;
	stats_probe.post_handler = stats_after;
	stats_probed = !register_kprobe(&stats_probe);
}

#define OBSERVE(_symbol, _fn)						\
	.symbol = (_symbol), .entry = _fn##_entry, .handler = _fn##_return

static struct observer {
	const char *symbol;
	const char *other;
	kretprobe_handler_t entry;
	kretprobe_handler_t handler;
	struct kretprobe rp;
	bool registered;
} observers[] = {
	{ OBSERVE("dev_get_flags", flags) },
	{ OBSERVE("rtnl_fill_ifinfo", ifinfo),
	  .other = "rtnl_fill_ifinfo.constprop.0" },
	{ OBSERVE("carrier_show", carrier) },
	{ OBSERVE("dev_change_name", rename) },
	{ OBSERVE("bond_check_dev_link", bond) },
};

/* A probe that was registered cannot be registered again as it is. */
static int observer_register(struct observer *o, const char *symbol)
{
	memset(&o->rp, 0, sizeof(o->rp));
	o->rp.kp.symbol_name = symbol;
	o->rp.entry_handler = o->entry;
	o->rp.handler = o->handler;
	o->rp.data_size = sizeof(struct observed);
	return register_kretprobe(&o->rp);
}

static void observer_drop(struct observer *o)
{
	if (o->registered)
		unregister_kretprobe(&o->rp);
	o->registered = false;
}

/**
 * ns_observe_begin() - see that all probes are there that can be
 *
 * They stay until the module goes: patching the kernel's text for each update
 * would stall all processors within it. Of a function in a module that has been
 * loaded again since, the old probe is dead.
 *
 * Context: Process context, no lock.
 */
void ns_observe_begin(void)
{
	struct observer *o;
	int err;

	mutex_lock(&observe_mutex);
	stats_observe();
	for (o = observers; o < observers + ARRAY_SIZE(observers); o++) {
		if (o->registered && kprobe_gone(&o->rp.kp))
			observer_drop(o);
		if (o->registered)
			continue;
		err = observer_register(o, o->symbol);
		if (err && o->other)
			err = observer_register(o, o->other);
		o->registered = !err;
	}
	mutex_unlock(&observe_mutex);
}

/**
 * ns_observe_end() - no update will follow
 */
void ns_observe_end(void)
{
	struct observer *o;

	mutex_lock(&observe_mutex);
	for (o = observers; o < observers + ARRAY_SIZE(observers); o++)
		observer_drop(o);
	if (stats_probed)
		unregister_kprobe(&stats_probe);
	stats_probed = false;
	mutex_unlock(&observe_mutex);
}
