// SPDX-License-Identifier: GPL-2.0
/*
 * A fake driver of network devices, in three versions. It calls the network
 * core through the taps, as the imports of a managed driver would be bound.
 */
#include <linux/rtnetlink.h>

#include "fake_net.h"

struct kt_net_priv {
	unsigned int nr;
	u32 ring;
	u64 sent;
	struct napi_struct napi;
};

struct kt_net_env kt_net;

static const u8 kt_net_hw_addr[ETH_ALEN] = { 0x02, 0, 0, 0, 0, 0x10 };

static struct kt_net_seen *kt_net_of(struct net_device *dev)
{
	struct kt_net_priv *p = netdev_priv(dev);

	return &kt_net.seen[p->nr];
}

static int kt_net_poll(struct napi_struct *napi, int budget)
{
	napi_complete_done(napi, 0);
	return 0;
}

static int kt_net_open(struct net_device *dev)
{
	struct kt_net_priv *p = netdev_priv(dev);

	if (kt_net.offer[p->nr].open_err)
		return kt_net.offer[p->nr].open_err;
	kt_net_of(dev)->opens++;
	napi_enable(&p->napi);
	netif_tx_start_all_queues(dev);
	KT_CALL(netif_carrier_on)(dev);
	return 0;
}

static int kt_net_stop(struct net_device *dev)
{
	struct kt_net_priv *p = netdev_priv(dev);

	kt_net_of(dev)->stops++;
	KT_CALL(netif_carrier_off)(dev);
	netif_tx_stop_all_queues(dev);
	napi_disable(&p->napi);
	return 0;
}

netdev_tx_t kt_net_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct kt_net_priv *p = netdev_priv(dev);

	/* The kernel sends of its own accord, too. */
	if (skb->protocol == htons(KT_NET_PROTOCOL)) {
		p->sent++;
		atomic_inc(&kt_net_of(dev)->sent);
	}
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static void kt_net_stats(struct net_device *dev, struct rtnl_link_stats64 *stats)
{
	struct kt_net_priv *p = netdev_priv(dev);

	stats->tx_packets = p->sent;
	stats->tx_bytes = p->sent * 100;
}

static int kt_net_change_mtu(struct net_device *dev, int mtu)
{
	kt_net_of(dev)->mtu = mtu;
	WRITE_ONCE(dev->mtu, mtu);
	return 0;
}

static int kt_net_set_mac(struct net_device *dev, void *addr)
{
	const struct sockaddr *sa = addr;

	ether_addr_copy(kt_net_of(dev)->mac, sa->sa_data);
	KT_CALL(dev_addr_mod)(dev, 0, sa->sa_data, ETH_ALEN);
	return 0;
}

static void kt_net_rx_mode(struct net_device *dev)
{
	kt_net_of(dev)->promisc = dev->flags & IFF_PROMISC;
}

static int kt_net_set_features(struct net_device *dev, netdev_features_t features)
{
	kt_net_of(dev)->features = features;
	return 0;
}

static void kt_net_get_ring(struct net_device *dev, struct ethtool_ringparam *ring,
			    struct kernel_ethtool_ringparam *kernel,
			    struct netlink_ext_ack *extack)
{
	struct kt_net_priv *p = netdev_priv(dev);

	ring->tx_max_pending = 1024;
	ring->tx_pending = p->ring;
}

static int kt_net_set_ring(struct net_device *dev, struct ethtool_ringparam *ring,
			   struct kernel_ethtool_ringparam *kernel,
			   struct netlink_ext_ack *extack)
{
	struct kt_net_priv *p = netdev_priv(dev);

	p->ring = ring->tx_pending;
	kt_net_of(dev)->ring = p->ring;
	return 0;
}

/* Tables of their own, as versions have them. */
static struct net_device_ops kt_net_tables[KT_VERSIONS] = {
	[0 ... KT_VERSIONS - 1] = {
		.ndo_open = kt_net_open,
		.ndo_stop = kt_net_stop,
		.ndo_start_xmit = kt_net_xmit,
		.ndo_get_stats64 = kt_net_stats,
		.ndo_set_mac_address = kt_net_set_mac,
		.ndo_set_rx_mode = kt_net_rx_mode,
		.ndo_set_features = kt_net_set_features,
		.ndo_validate_addr = eth_validate_addr,
	},
};

static struct ethtool_ops kt_net_ethtool[KT_VERSIONS] = {
	[0 ... KT_VERSIONS - 1] = {
		.get_link = ethtool_op_get_link,
		.get_ringparam = kt_net_get_ring,
	},
};

const struct net_device_ops *kt_net_ops(unsigned int nr)
{
	return &kt_net_tables[nr];
}

/* Probes run at the same time: each finds the tables complete at all times. */
static void kt_net_tables_make(unsigned int nr)
{
	const struct kt_net_offer *offer = &kt_net.offer[nr];

	WRITE_ONCE(kt_net_tables[nr].ndo_change_mtu, offer->no_mtu ? NULL : kt_net_change_mtu);
	WRITE_ONCE(kt_net_ethtool[nr].set_ringparam, offer->no_ring ? NULL : kt_net_set_ring);
}

static void kt_net_fill(struct net_device *dev, unsigned int nr, struct device *parent)
{
	const struct kt_net_offer *offer = &kt_net.offer[nr];
	struct kt_net_priv *p = netdev_priv(dev);

	if (memchr_inv(p, 0, offer->priv))
		kt_net.seen[nr].dirty++;
	p->nr = nr;
	p->ring = 256;
	SET_NETDEV_DEV(dev, parent);
	dev->netdev_ops = &kt_net_tables[nr];
	dev->ethtool_ops = &kt_net_ethtool[nr];
	dev->hw_features = KT_NET_FEATURES & ~offer->lost;
	dev->features = dev->hw_features;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = offer->max_mtu;
	netif_napi_add(dev, &p->napi, kt_net_poll);
	KT_CALL(dev_addr_mod)(dev, 0, kt_net_hw_addr, ETH_ALEN);
	KT_CALL(netif_carrier_off)(dev);
}

static void kt_net_free(struct net_device *dev)
{
	struct kt_net_priv *p = netdev_priv(dev);

	netif_napi_del(&p->napi);
	KT_CALL(free_netdev)(dev);
}

/**
 * kt_net_probe() - probe of a network device
 * @nr: the version
 * @parent: the bus device
 */
int kt_net_probe(unsigned int nr, struct device *parent)
{
	const struct kt_net_offer *offer = &kt_net.offer[nr];
	struct net_device *dev;
	int err;

	dev = KT_CALL(alloc_etherdev_mqs)(offer->priv, offer->txqs, 1);
	if (!dev)
		return -ENOMEM;
	kt_net_tables_make(nr);
	if (kt_net.between && dev->reg_state == NETREG_REGISTERED)
		kt_net.between(dev);
	kt_net_fill(dev, nr, parent);
	if (kt_net.during && dev->reg_state == NETREG_REGISTERED)
		kt_net.during(dev);
	err = offer->late_err ?: KT_CALL(register_netdev)(dev);
	if (err) {
		kt_net_free(dev);
		return err;
	}
	dev_set_drvdata(parent, dev);
	return 0;
}

void kt_net_remove(unsigned int nr, struct device *parent)
{
	struct net_device *dev = dev_get_drvdata(parent);

	KT_CALL(unregister_netdev)(dev);
	kt_net_free(dev);
}

/* All versions alike, as long as a test says nothing else. */
void kt_net_reset(void)
{
	unsigned int i;

	memset(&kt_net, 0, sizeof(kt_net));
	for (i = 0; i < KT_VERSIONS; i++) {
		kt_net.offer[i].priv = sizeof(struct kt_net_priv);
		kt_net.offer[i].txqs = 2;
		kt_net.offer[i].max_mtu = 9000;
	}
}
