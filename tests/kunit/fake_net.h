/* SPDX-License-Identifier: GPL-2.0 */
/* The fake driver as a driver of network devices. */
#ifndef _KT_FAKE_NET_H
#define _KT_FAKE_NET_H

#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "lu_kunit.h"

/**
 * struct kt_net_offer - what a version offers, and where it fails
 * @priv: bytes of its private area
 * @txqs: transmit queues
 * @max_mtu: largest MTU
 * @lost: features that it lacks
 * @no_mtu: it has no ndo_change_mtu
 * @no_ring: it has no set_ringparam
 * @open_err: what ndo_open returns
 * @late_err: what probe returns after it allocated its net_device
 */
struct kt_net_offer {
	unsigned int priv;
	unsigned int txqs;
	unsigned int max_mtu;
	netdev_features_t lost;
	bool no_mtu;
	bool no_ring;
	int open_err;
	int late_err;
};

/**
 * struct kt_net_seen - what a version was told, and did
 * @opens: calls of ndo_open
 * @stops: calls of ndo_stop
 * @mtu: last MTU that it was told, or 0
 * @mac: last address that it was told
 * @promisc: as of the last ndo_set_rx_mode
 * @features: last that it was told
 * @ring: transmit ring that it was told, or its default
 * @sent: packets of ours that it was given
 * @dirty: private areas that were not zero when it got them
 */
struct kt_net_seen {
	unsigned int opens;
	unsigned int stops;
	unsigned int mtu;
	u8 mac[ETH_ALEN];
	bool promisc;
	netdev_features_t features;
	u32 ring;
	atomic_t sent;
	unsigned int dirty;
};

/**
 * struct kt_net_env - the stage of the network suite
 * @offer: of each version
 * @seen: by each version
 * @between: called in probe that got a kept net_device, before it stores its tables
 * @during: called in probe, before it registers its net_device
 * @err: result of @during, for the test to look at
 */
struct kt_net_env {
	struct kt_net_offer offer[KT_VERSIONS];
	struct kt_net_seen seen[KT_VERSIONS];
	void (*between)(struct net_device *dev);
	void (*during)(struct net_device *dev);
	int err;
};

extern struct kt_net_env kt_net;

/* Of the packets that are counted: one for experiments. */
#define KT_NET_PROTOCOL	0x88b5
#define KT_NET_FEATURES	(NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_RXCSUM)

void kt_net_reset(void);
int kt_net_probe(unsigned int nr, struct device *parent);
void kt_net_remove(unsigned int nr, struct device *parent);
netdev_tx_t kt_net_xmit(struct sk_buff *skb, struct net_device *dev);
const struct net_device_ops *kt_net_ops(unsigned int nr);

#endif /* _KT_FAKE_NET_H */
