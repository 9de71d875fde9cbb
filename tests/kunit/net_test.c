// SPDX-License-Identifier: GPL-2.0
/*
 * The network shadow over a fake driver: one net_device goes from version to
 * version, and neither the kernel nor the user notices.
 */
#include <linux/delay.h>
#include <linux/if_arp.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>

#include "fake_net.h"

static struct net_device *kt_dev;	/* of the first device on the bus */
static unsigned long kt_events;		/* seen on it, one bit for each kind */

static int kt_net_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	if (netdev_notifier_info_to_dev(ptr) == READ_ONCE(kt_dev) && event < BITS_PER_LONG)
		set_bit(event, &kt_events);
	return NOTIFY_DONE;
}

static struct notifier_block kt_net_nb = {
	.notifier_call = kt_net_event,
};

static int kt_net_setup(struct kunit *test)
{
	unsigned int i;

	kt_setup(test);
	kt_net_reset();
	kt_dev = NULL;
	kt_events = 0;
	for (i = 0; i < KT_VERSIONS; i++)
		kt.behaviour[i].net = true;
	KUNIT_ASSERT_EQ(test, register_netdevice_notifier(&kt_net_nb), 0);
	kt.notified = true;
	return 0;
}

static void kt_net_teardown(struct kunit *test)
{
	WRITE_ONCE(kt_dev, NULL);
	if (kt.notified)
		unregister_netdevice_notifier(&kt_net_nb);
	kt_teardown(test);
}

/* Version 0 drives the interface, which is up; version 1 is staged. */
static struct lu_set *kt_net_up(struct kunit *test)
{
	int err;

	KUNIT_ASSERT_EQ(test, kt_load(0, ""), 0);
	KUNIT_ASSERT_EQ(test, kt_load(1, ""), 0);
	kt_dev = dev_get_drvdata(kt.devices[0]);
	KUNIT_ASSERT_NOT_NULL(test, kt_dev);
	rtnl_lock();
	err = dev_open(kt_dev, NULL);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, err, 0);
	KUNIT_ASSERT_TRUE(test, netif_carrier_ok(kt_dev));
	kt_events = 0;
	KUNIT_ASSERT_NOT_NULL(test, kt_set());
	return kt_set();
}

static void kt_expect_text(struct kunit *test, struct lu_set *set, const char *text)
{
	char *buf = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	lu_verdict_show(&set->record.verdict, buf, PAGE_SIZE);
	KUNIT_EXPECT_STREQ(test, buf, text);
}

static void kt_net_passive_test(struct kunit *test)
{
	struct lu_set *set = kt_net_up(test);

	KUNIT_EXPECT_STREQ(test, set->shadow->class, "net");
	KUNIT_EXPECT_PTR_NE_MSG(test, kt_dev->netdev_ops, kt_net_ops(0), "not shadowed");
	KUNIT_EXPECT_PTR_EQ_MSG(test, (void *)kt_dev->netdev_ops->ndo_start_xmit,
				(void *)kt_net_xmit, "something stands in the data path");
	KUNIT_EXPECT_EQ(test, kt_net.seen[0].opens, 1);
	KUNIT_EXPECT_EQ(test, kt_net.seen[0].dirty, 0);
}

/* Events that tell of something that a user would notice. */
static const struct kt_event {
	const char *name;
	unsigned long event;
} kt_noticed[] = {
	{ "up",			NETDEV_UP },
	{ "down",		NETDEV_DOWN },
	{ "going down",		NETDEV_GOING_DOWN },
	{ "register",		NETDEV_REGISTER },
	{ "unregister",		NETDEV_UNREGISTER },
	{ "change of MTU",	NETDEV_CHANGEMTU },
	{ "change of address",	NETDEV_CHANGEADDR },
	{ "change of name",	NETDEV_CHANGENAME },
	{ "change of features",	NETDEV_FEAT_CHANGE },
};

static void kt_expect_unnoticed(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kt_noticed); i++)
		KUNIT_EXPECT_FALSE_MSG(test, test_bit(kt_noticed[i].event, &kt_events), "%s",
				       kt_noticed[i].name);
}

/* What the user set: told to the new driver, in force as before. */

static const u8 kt_user_mac[ETH_ALEN] = { 2, 1, 2, 3, 4, 5 };

static void kt_user_settings(struct kunit *test)
{
	struct sockaddr_storage ss = { .ss_family = ARPHRD_ETHER };
	struct ethtool_ringparam ring = { .tx_pending = 64 };
	struct sockaddr *sa = (struct sockaddr *)&ss;
	int err;

	memcpy(sa->sa_data, kt_user_mac, ETH_ALEN);
	rtnl_lock();
	err = dev_set_mtu(kt_dev, 1400) ?: dev_set_mac_address(kt_dev, sa, NULL) ?:
	      dev_set_promiscuity(kt_dev, 1) ?:
	      kt_dev->ethtool_ops->set_ringparam(kt_dev, &ring, NULL, NULL);
	kt_dev->wanted_features &= ~NETIF_F_RXCSUM;
	netdev_update_features(kt_dev);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, err, 0);
}

static void kt_expect_in_force(struct kunit *test, unsigned int nr)
{
	const struct kt_net_seen *seen = &kt_net.seen[nr];

	KUNIT_EXPECT_EQ(test, kt_dev->mtu, 1400);
	KUNIT_EXPECT_EQ(test, seen->mtu, 1400);
	KUNIT_EXPECT_EQ(test, memcmp(kt_dev->dev_addr, kt_user_mac, ETH_ALEN), 0);
	KUNIT_EXPECT_EQ_MSG(test, memcmp(seen->mac, kt_user_mac, ETH_ALEN), 0, "%pM", seen->mac);
	KUNIT_EXPECT_EQ(test, kt_dev->promiscuity, 1);
	KUNIT_EXPECT_TRUE(test, kt_dev->flags & IFF_PROMISC);
	KUNIT_EXPECT_TRUE(test, seen->promisc);
	KUNIT_EXPECT_EQ(test, seen->ring, 64);
	KUNIT_EXPECT_FALSE(test, kt_dev->features & NETIF_F_RXCSUM);
	KUNIT_EXPECT_FALSE(test, seen->features & NETIF_F_RXCSUM);
	KUNIT_EXPECT_TRUE(test, kt_dev->features & NETIF_F_HW_CSUM);
}

static void kt_expect_same_object(struct kunit *test, int ifindex, const char *name,
				  unsigned int nr)
{
	struct net_device *found = dev_get_by_index(&init_net, ifindex);

	KUNIT_EXPECT_PTR_EQ(test, found, kt_dev);
	if (found)
		dev_put(found);
	KUNIT_EXPECT_STREQ(test, kt_dev->name, name);
	KUNIT_EXPECT_PTR_EQ_MSG(test, dev_get_drvdata(kt.devices[0]), (void *)kt_dev,
				"the driver has another object");
	KUNIT_EXPECT_EQ(test, kt_dev->reg_state, NETREG_REGISTERED);
	KUNIT_EXPECT_TRUE(test, netif_running(kt_dev));
	KUNIT_EXPECT_TRUE(test, kt_dev->flags & IFF_UP);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(kt_dev));
	KUNIT_EXPECT_PTR_EQ(test, (void *)kt_dev->netdev_ops->ndo_start_xmit,
			    (void *)kt_net_xmit);
	KUNIT_EXPECT_EQ(test, kt.drives[0], nr);
	KUNIT_EXPECT_EQ_MSG(test, kt_net.seen[nr].opens - kt_net.seen[nr].stops, 1,
			    "open by the one in charge");
	KUNIT_EXPECT_EQ_MSG(test, kt_net.seen[!nr].opens, kt_net.seen[!nr].stops,
			    "closed by the other");
	KUNIT_EXPECT_EQ(test, kt_net.seen[nr].dirty, 0);
}

static void kt_net_update_test(struct kunit *test)
{
	struct lu_set *set = kt_net_up(test);
	int ifindex = kt_dev->ifindex;
	char name[IFNAMSIZ];
	int up = atomic_read(&kt_dev->carrier_up_count);
	int down = atomic_read(&kt_dev->carrier_down_count);

	strscpy(name, kt_dev->name, sizeof(name));
	kt_user_settings(test);
	kt_events = 0;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	kt_expect_text(test, set, "");
	kt_expect_same_object(test, ifindex, name, 1);
	kt_expect_in_force(test, 1);
	kt_expect_unnoticed(test);
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&kt_dev->carrier_up_count), up, "carrier");
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&kt_dev->carrier_down_count), down, "carrier");
	KUNIT_EXPECT_GT(test, set->record.blackout_us, 0ULL);

	/* and back, with the same */
	memset(kt_net.seen, 0, sizeof(kt_net.seen));
	kt_net.seen[1].opens = 1;
	kt_events = 0;
	KUNIT_EXPECT_EQ(test, lu_rollback(set), 0);
	kt_expect_same_object(test, ifindex, name, 0);
	kt_expect_in_force(test, 0);
	kt_expect_unnoticed(test);
}

/* An interface that is down stays down, and is not opened. */
static void kt_net_down_test(struct kunit *test)
{
	struct lu_set *set = kt_net_up(test);

	rtnl_lock();
	dev_close(kt_dev);
	rtnl_unlock();
	kt_events = 0;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_FALSE(test, netif_running(kt_dev));
	KUNIT_EXPECT_EQ(test, kt_net.seen[1].opens, 0);
	kt_expect_unnoticed(test);
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, dev_open(kt_dev, NULL), 0);
	rtnl_unlock();
	KUNIT_EXPECT_EQ_MSG(test, kt_net.seen[1].opens, 1, "requests go to the new driver");
}

/* A driver that will not do: each lack by its name, and the old one is back. */
static const struct kt_net_unfit {
	const char *name;
	struct kt_net_offer change;
	const char *text;	/* %s: name of the interface */
} kt_net_unfits[] = {
	{
		.name = "checksum offload", .change.lost = NETIF_F_HW_CSUM,
		.text = "%s: NETIF_F_HW_CSUM lost\n",
	}, {
		.name = "an operation", .change.no_mtu = true,
		.text = "%s: ndo_change_mtu missing\n",
	}, {
		.name = "an ethtool operation", .change.no_ring = true,
		.text = "%s: ethtool set_ringparam missing\n",
	}, {
		.name = "maximal MTU", .change.max_mtu = 3000,
		.text = "%s: max mtu 9000 -> 3000\n",
	}, {
		.name = "queues", .change.txqs = 1,
		.text = "%s: tx queues 2 -> 1\n",
	}, {
		.name = "open fails", .change.open_err = -EIO,
		.text = "%s: open failed (-5)\n",
	},
};

static void kt_net_unfit_desc(const struct kt_net_unfit *u, char *desc)
{
	strscpy(desc, u->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kt_net_unfit, kt_net_unfits, kt_net_unfit_desc);

static void kt_net_offer_change(struct kt_net_offer *offer, const struct kt_net_offer *c)
{
	offer->priv = c->priv ?: offer->priv;
	offer->txqs = c->txqs ?: offer->txqs;
	offer->max_mtu = c->max_mtu ?: offer->max_mtu;
	offer->lost = c->lost;
	offer->no_mtu = c->no_mtu;
	offer->no_ring = c->no_ring;
	offer->open_err = c->open_err;
	offer->late_err = c->late_err;
}

/* The mismatches of the first interface. */
static char *kt_net_mismatches(struct kunit *test, struct lu_set *set)
{
	char *text = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	const struct lu_verdict *v = &set->record.verdict;
	size_t len = 0, name = strlen(kt_dev->name);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, text);
	for (i = 0; i < min_t(unsigned int, v->count, LU_MAX_MISMATCHES); i++)
		if (!strncmp(v->text[i], kt_dev->name, name) && v->text[i][name] == ':')
			len += scnprintf(text + len, PAGE_SIZE - len, "%s\n", v->text[i]);
	return text;
}

static void kt_net_unfit_test(struct kunit *test)
{
	const struct kt_net_unfit *u = test->param_value;
	struct lu_set *set = kt_net_up(test);
	int ifindex = kt_dev->ifindex;
	char name[IFNAMSIZ], expected[96];

	strscpy(name, kt_dev->name, sizeof(name));
	kt_user_settings(test);
	kt_events = 0;
	kt_net_offer_change(&kt_net.offer[1], &u->change);
	KUNIT_EXPECT_EQ(test, lu_update(set), -ECANCELED);
	KUNIT_EXPECT_EQ_MSG(test, set->state, LU_STAGED, "%s", lu_state_name(set->state));
	snprintf(expected, sizeof(expected), u->text, name);
	KUNIT_EXPECT_STREQ(test, kt_net_mismatches(test, set), expected);
	kt_expect_same_object(test, ifindex, name, 0);
	kt_expect_in_force(test, 0);
	kt_expect_unnoticed(test);
}

/* Too big for the room that was left at the first load. */
static void kt_net_private_area_test(struct kunit *test)
{
	struct lu_set *set = kt_net_up(test);
	int ifindex = kt_dev->ifindex;
	char name[IFNAMSIZ];

	strscpy(name, kt_dev->name, sizeof(name));
	kt_net.offer[1].priv = 8192;	/* bigger, but fits */
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	kt_expect_same_object(test, ifindex, name, 1);
	KUNIT_ASSERT_EQ(test, kt_load(2, ""), 0);
	kt_net.offer[2].priv = 1024 * 1024;
	KUNIT_EXPECT_EQ(test, lu_update(set), -ECANCELED);
	KUNIT_EXPECT_NOT_NULL(test, strstr(kt_net_mismatches(test, set),
					   ": private area 1048576 > "));
	KUNIT_EXPECT_PTR_EQ(test, dev_get_drvdata(kt.devices[0]), (void *)kt_dev);
	KUNIT_EXPECT_TRUE(test, netif_running(kt_dev));
}

/* A probe that gives the object back: it is concealed and goes to the old one. */
static void kt_net_probe_fails_late_test(struct kunit *test)
{
	struct lu_set *set = kt_net_up(test);
	int ifindex = kt_dev->ifindex;
	char name[IFNAMSIZ];

	strscpy(name, kt_dev->name, sizeof(name));
	kt_user_settings(test);
	kt_events = 0;
	kt_net.offer[1].late_err = -ENXIO;
	KUNIT_EXPECT_EQ(test, lu_update(set), -ECANCELED);
	kt_expect_text(test, set, "kt0: probe failed (-6)\nkt1: probe failed (-6)\n");
	kt_expect_same_object(test, ifindex, name, 0);
	kt_expect_in_force(test, 0);
	kt_expect_unnoticed(test);
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&kt.counts[1].probes), 0, "probes");
}

/* In mid-update, while no driver is there to answer. */

static struct sk_buff *kt_packet(struct net_device *dev)
{
	struct sk_buff *skb = netdev_alloc_skb(dev, 128);

	if (!skb)
		return NULL;
	skb_put_zero(skb, 100);
	skb_reset_mac_header(skb);
	skb->protocol = htons(KT_NET_PROTOCOL);
	skb->dev = dev;
	return skb;
}

static int kt_send(struct net_device *dev, unsigned int n)
{
	struct sk_buff *skb;
	int err = 0;

	while (n-- && !err) {
		skb = kt_packet(dev);
		err = skb ? dev_queue_xmit(skb) : -ENOMEM;
	}
	return err;
}

static bool kt_wait_sent(unsigned int nr, int n)
{
	unsigned long deadline = jiffies + 10 * HZ;

	while (atomic_read(&kt_net.seen[nr].sent) < n && time_before(jiffies, deadline))
		msleep(20);
	return atomic_read(&kt_net.seen[nr].sent) == n;
}

static void kt_during_send(struct net_device *dev)
{
	if (dev == kt_dev)
		kt_net.err = kt_send(dev, 3);
}

/* What is sent meanwhile waits, and reaches the new driver. */
static void kt_net_packets_wait_test(struct kunit *test)
{
	struct lu_set *set = kt_net_up(test);

	KUNIT_ASSERT_EQ(test, kt_send(kt_dev, 2), 0);
	KUNIT_ASSERT_TRUE(test, kt_wait_sent(0, 2));
	kt_net.during = kt_during_send;
	kt_net.err = -1;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ_MSG(test, kt_net.err, 0, "refused");
	KUNIT_EXPECT_TRUE_MSG(test, kt_wait_sent(1, 3), "the new driver got %d",
			      atomic_read(&kt_net.seen[1].sent));
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&kt_net.seen[0].sent), 2, "the old driver");
}

/* Totals go on from where they were, though the new driver begins with 0. */
static void kt_net_counters_test(struct kunit *test)
{
	struct lu_set *set = kt_net_up(test);
	struct rtnl_link_stats64 stats;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, kt_send(kt_dev, 5), 0);
	KUNIT_ASSERT_TRUE(test, kt_wait_sent(0, 5));
	KUNIT_ASSERT_EQ(test, dev_get_stats(kt_dev, &stats)->tx_packets, 5ULL);
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, i ? lu_rollback(set) : lu_update(set), 0);
		KUNIT_EXPECT_EQ(test, dev_get_stats(kt_dev, &stats)->tx_packets, 5ULL + i);
		KUNIT_EXPECT_EQ(test, stats.tx_bytes, 500ULL + 100 * i);
		KUNIT_ASSERT_EQ(test, kt_send(kt_dev, 1), 0);
		KUNIT_ASSERT_TRUE(test, kt_wait_sent(!i, i ? 6 : 1));
		KUNIT_EXPECT_EQ(test, dev_get_stats(kt_dev, &stats)->tx_packets, 6ULL + i);
	}
}

#define KT_TRIES	20

static void kt_between_lock(struct net_device *dev)
{
	unsigned int i;

	kt_net.err = 0;
	for (i = 0; i < KT_TRIES; i++) {
		if (rtnl_trylock()) {
			kt_net.err++;
			rtnl_unlock();
		}
		usleep_range(100, 200);
	}
}

/* Nobody gets RTNL while the driver's tables may be in the object; but for the
 * gap that its holder leaves now and then.
 */
static void kt_net_tables_unseen_test(struct kunit *test)
{
	struct lu_set *set = kt_net_up(test);

	kt_net.between = kt_between_lock;
	kt_net.err = -1;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_GE_MSG(test, kt_net.err, 0, "never looked at");
	KUNIT_EXPECT_LT(test, kt_net.err, KT_TRIES / 2);
}

static void kt_during_mtu(struct net_device *dev)
{
	if (dev != kt_dev)
		return;
	rtnl_lock();
	kt_net.err = dev_set_mtu(dev, 1300);
	rtnl_unlock();
}

/* A setting asked for meanwhile is granted, and in force afterwards. */
static void kt_net_setting_meanwhile_test(struct kunit *test)
{
	struct lu_set *set = kt_net_up(test);

	kt_user_settings(test);
	kt_net.during = kt_during_mtu;
	kt_net.err = -1;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, kt_net.err, 0);
	KUNIT_EXPECT_EQ(test, kt_dev->mtu, 1300);
	KUNIT_EXPECT_EQ(test, kt_net.seen[1].mtu, 1300);
	KUNIT_EXPECT_EQ_MSG(test, kt_net.seen[0].mtu, 1400, "told to the old driver");
}

static void kt_during_down(struct net_device *dev)
{
	if (dev != kt_dev)
		return;
	rtnl_lock();
	dev_close(dev);
	rtnl_unlock();
	kt_net.err = netif_running(dev);
}

static void kt_net_down_meanwhile_test(struct kunit *test)
{
	struct lu_set *set = kt_net_up(test);

	kt_net.during = kt_during_down;
	kt_net.err = -1;
	KUNIT_EXPECT_EQ(test, lu_update(set), 0);
	KUNIT_EXPECT_EQ(test, kt_net.err, 0);
	KUNIT_EXPECT_FALSE(test, netif_running(kt_dev));
	KUNIT_EXPECT_EQ_MSG(test, kt_net.seen[1].opens, kt_net.seen[1].stops, "left open");
}

/* After all updates the driver can still be unloaded, interface and all. */
static void kt_net_unload_test(struct kunit *test)
{
	struct lu_set *set = kt_net_up(test);
	int ifindex = kt_dev->ifindex;
	struct net_device *found;

	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	KUNIT_ASSERT_EQ(test, lu_commit(set), 0);
	KUNIT_EXPECT_EQ(test, kt_unload(1), 0);
	KUNIT_EXPECT_TRUE(test, test_bit(NETDEV_UNREGISTER, &kt_events));
	found = dev_get_by_index(&init_net, ifindex);
	KUNIT_EXPECT_PTR_EQ(test, found, NULL);
	KUNIT_EXPECT_EQ(test, kt_net.seen[1].opens, kt_net.seen[1].stops);
}

static void kt_net_unplugged_test(struct kunit *test)
{
	struct lu_set *set = kt_net_up(test);

	KUNIT_ASSERT_EQ(test, lu_update(set), 0);
	WRITE_ONCE(kt_dev, NULL);
	kt_expect_unplugged(test, set);
	KUNIT_EXPECT_EQ(test, lu_commit(set), 0);
}

static struct kunit_case kt_net_cases[] = {
	KUNIT_CASE(kt_net_passive_test),
	KUNIT_CASE(kt_net_update_test),
	KUNIT_CASE(kt_net_down_test),
	KUNIT_CASE_PARAM(kt_net_unfit_test, kt_net_unfit_gen_params),
	KUNIT_CASE(kt_net_private_area_test),
	KUNIT_CASE(kt_net_probe_fails_late_test),
	KUNIT_CASE(kt_net_packets_wait_test),
	KUNIT_CASE(kt_net_counters_test),
	KUNIT_CASE(kt_net_tables_unseen_test),
	KUNIT_CASE(kt_net_setting_meanwhile_test),
	KUNIT_CASE(kt_net_down_meanwhile_test),
	KUNIT_CASE(kt_net_unplugged_test),
	KUNIT_CASE(kt_net_unload_test),
	{}
};

struct kunit_suite kt_net_suite = {
	.name = "shadow_net",
	.init = kt_net_setup,
	.exit = kt_net_teardown,
	.test_cases = kt_net_cases,
};
