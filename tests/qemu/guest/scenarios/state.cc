// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Everything a user can set on an interface, and everything that can stand on top of it, survives.
 */
#include <fmt/format.h>

#include <algorithm>

#include "net/link_config.h"
#include "net/session.h"
#include "support/register.h"

namespace lug {
namespace {

using namespace std::chrono_literals;

/** Set what the driver takes; what it refuses is noted, so that one sees what was really tested. */
void tryTo(std::string_view command) {
  const auto result = run(split(command, ' '));
  if (result.exitCode != 0) note(fmt::format("not taken: {}", command));
}

void setLink(const std::string& device) {
  mustRun(fmt::format("ip link set {} down", device));
  mustRun(fmt::format("ip link set {} address 52:54:00:aa:bb:01", device));
  mustRun(fmt::format("ip link set {} mtu 1400", device));
  mustRun(fmt::format("ip link set {} alias update-me", device));
  mustRun(fmt::format("ip link set {} txqueuelen 777", device));
  mustRun(fmt::format("ip link set {} group 42", device));
  mustRun(fmt::format("ip link set {} allmulticast on", device));
  mustRun(fmt::format("ip link set {} up", device));
  mustRun(fmt::format("ip maddr add 01:00:5e:11:22:33 dev {}", device));
  tryTo(fmt::format("bridge fdb add 02:00:00:00:00:99 dev {} self", device));
  mustWrite(fmt::format("/sys/class/net/{}/gro_flush_timeout", device), "20000");
  mustWrite(fmt::format("/sys/class/net/{}/queues/rx-0/rps_cpus", device), "2");
}

void setEthtool(const std::string& device) {
  tryTo(fmt::format("ethtool -K {} tso off", device));
  tryTo(fmt::format("ethtool -K {} gro off", device));
  tryTo(fmt::format("ethtool -K {} rx off", device));
  tryTo(fmt::format("ethtool -G {} rx 128 tx 128", device));
  tryTo(fmt::format("ethtool -C {} rx-usecs 40", device));
  tryTo(fmt::format("ethtool -A {} autoneg off rx off tx off", device));
  tryTo(fmt::format("ethtool -s {} wol g", device));
  tryTo(fmt::format("ethtool -s {} msglvl 0x3", device));
  const auto flags = run({"ethtool", "--show-priv-flags", device});
  for (const auto& line : split(flags.out, '\n'))
    if (const auto colon = line.find(": off"); colon != line.npos)
      tryTo(fmt::format("ethtool --set-priv-flags {} {} on", device, split(line.substr(0, colon), ' ').at(0)));
}

void setTrafficControl(const std::string& device) {
  mustRun(fmt::format("tc qdisc replace dev {} root handle 1: prio", device));
  mustRun(fmt::format("tc qdisc add dev {} parent 1:1 handle 11: tbf rate 1gbit burst 1mb latency 50ms", device));
  mustRun(fmt::format("tc filter add dev {} parent 1: protocol ip prio 5 u32 match ip dport 4444 0xffff flowid 1:2", device));
  mustRun(fmt::format("tc qdisc add dev {} clsact", device));
  mustRun(fmt::format("tc filter add dev {} ingress protocol ip prio 7 matchall action pass", device));
}

void setRouting(const Wire& wire) {
  const auto& device = wire.device;
  mustRun(fmt::format("ip address add 10.77.0.1/24 dev {0} label {0}:two", device));
  mustRun(fmt::format("ip address add fd77::1/64 dev {} nodad", device));
  mustRun(fmt::format("ip route add 192.0.2.0/24 via {} dev {} metric 50", wire.peerAddress, device));
  mustRun(fmt::format("ip route add default via {} dev {} table 77", wire.peerAddress, device));
  mustRun("ip rule add from 10.77.0.1 lookup 77");
  mustRun(fmt::format("ip -6 route add 2001:db8::/32 via fd00:10::2 dev {}", device));
  mustRun(fmt::format("ip neigh add 10.10.0.200 lladdr 02:00:00:00:00:01 nud permanent dev {}", device));
  mustRun(fmt::format("ip -6 neigh add fd00:10::200 lladdr 02:00:00:00:00:02 nud permanent dev {}", device));
}

/** VLAN and macvlan on top, with their partners; the wires that lead over them. */
std::vector<Wire> stackDevices(const Wire& wire) {
  for (const char* module : {"8021q", "macvlan"}) must({"modprobe", module});
  const auto vlan = wire.device + ".100";
  mustRun(fmt::format("ip link add link {} name {} type vlan id 100", wire.device, vlan));
  mustRun(fmt::format("ip address add 10.100.0.1/24 dev {}", vlan));
  mustRun(fmt::format("ip link set {} up", vlan));
  mustRun(fmt::format("ip -n peer link add link {} name pv100 type vlan id 100", wire.peerDevice));
  mustRun("ip -n peer address add 10.100.0.2/24 dev pv100");
  mustRun("ip -n peer link set pv100 up");
  mustRun(fmt::format("ip link add link {} name mv0 type macvlan mode bridge", wire.device));
  mustRun("ip address add 10.101.0.1/24 dev mv0");
  mustRun("ip link set mv0 up");
  mustRun(fmt::format("ip -n peer address add 10.101.0.2/24 dev {}", wire.peerDevice));
  const auto indexOf = [](const std::string& name) { return std::stoi(mustRead("/sys/class/net/" + name + "/ifindex")); };
  return {{vlan, indexOf(vlan), "10.100.0.1", "pv100", "10.100.0.2"},
          {"mv0", indexOf("mv0"), "10.101.0.1", wire.peerDevice, "10.101.0.2"}};
}

void awaitPing(const std::string& address) {
  if (!waitUntil(30s, [&] { return run({"busybox", "ping", "-c", "1", "-W", "1", address}).exitCode == 0; }))
    throw Failure(address + " does not answer");
}

/** What stands on an interface has come up: link seen, addresses no longer tentative. */
void awaitUpper(const std::string& device) {
  const bool up = waitUntil(30s, [&] {
    return slurp("/sys/class/net/" + device + "/operstate") == "up" &&
           mustRun("ip -6 address show tentative dev " + device).empty();
  });
  if (!up) throw Failure(device + " does not come up");
}

LU_SCENARIO(net, state_is_preserved) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  const auto wire = world.wire();
  setLink(wire.device);
  setEthtool(wire.device);
  setTrafficControl(wire.device);
  world.awaitLink(30s);
  mustRun(fmt::format("ip -6 address replace fd00:10::1/64 dev {} nodad", wire.device));  // lost by going down
  setRouting(wire);
  const auto stacked = stackDevices(wire);
  for (const auto& upper : stacked) {
    awaitPing(upper.peerAddress);
    awaitUpper(upper.device);
  }
  world.awaitLink(30s);
  Session session(world, {stacked[0].device, stacked[1].device}, stacked);
  for (unsigned i = 0; i < std::max(2u, context.count); ++i) {
    driver.replaceBy(i % 2 == 0 ? other : own);
    session.checkFully(fmt::format("after update {}", i + 1));
    if (testing::Test::HasFailure()) break;
  }
  session.finish();
  run({"ip", "rule", "del", "from", "10.77.0.1", "lookup", "77"});
  for (const auto& upper : stacked) run({"ip", "link", "del", upper.device});
  run({"ip", "-n", "peer", "link", "del", "pv100"});
  world.close();
}

LU_SCENARIO(net, xdp_is_preserved) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  const auto wire = world.wire();
  const bool generic = context.driver != "virtio_net";  // the others have no XDP of their own
  const unsigned id = attachXdpPass(wire.ifindex, generic);
  world.awaitLink(30s);
  Session session(world);
  const auto shown = [&] { return mustRun("ip -details link show dev " + wire.device); };
  const auto wanted = fmt::format("id {}", id);
  ASSERT_NE(shown().find(wanted), std::string::npos) << shown();
  for (const auto& version : {other, own}) {
    driver.replaceBy(version);
    session.checkFully("after the update to " + version.label);
    EXPECT_NE(shown().find(wanted), std::string::npos) << "the program is gone: " << shown();
  }
  session.finish();
  detachXdp(wire.ifindex, generic);
  world.close();
}

/** The interface lives in a namespace of its own, under a name that its driver never gave it. */
LU_SCENARIO(net, namespace_is_kept) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  const auto wire = world.wire();
  mustRun("ip netns add inner");
  mustRun(fmt::format("ip link set {} name uplink netns inner", wire.device));
  mustRun(fmt::format("ip -n inner address add {}/24 dev uplink", wire.dutAddress));
  mustRun("ip -n inner link set uplink up");
  const auto ping = [&] {
    return run({"ip", "netns", "exec", "inner", "busybox", "ping", "-c", "1", "-W", "1", wire.peerAddress}).exitCode == 0;
  };
  ASSERT_TRUE(waitUntil(30s, ping)) << "no connection even before the update";
  const auto link = [] { return mustRun("ip -n inner -json -details link show dev uplink"); };
  const auto addresses = [] { return mustRun("ip -n inner -4 -json address show dev uplink"); };
  const auto linkBefore = link(), addressesBefore = addresses();
  for (const auto& version : {other, own}) {
    driver.replaceBy(version);
    EXPECT_EQ(link(), linkBefore);
    EXPECT_EQ(addresses(), addressesBefore);
    EXPECT_TRUE(waitUntil(30s, ping)) << "no connection after the update to " << version.label;
    EXPECT_EQ(run({"ip", "link", "show", "dev", "uplink"}).exitCode, 1) << "it shows up in the first namespace";
  }
  mustRun("ip -n inner link set uplink netns 1");
  mustRun("ip netns del inner");
  world.close();
}

/** The first card is a port of a bridge, the second one of an active-backup bond that watches it. */
LU_SCENARIO(net, bridge_and_bond) {
  World world(context.driver, {.wires = 2});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  must({"modprobe", "bridge"});
  must({"modprobe", "bonding", "max_bonds=0"});
  const auto port = world.wire(0), member = world.wire(1);
  mustRun("ip link add br0 type bridge stp_state 0 forward_delay 0");
  mustRun("ip link add bond0 type bond mode active-backup miimon 100");
  // Addresses are the bridge's and the bond's now: with two routes to a peer it is chance which one is taken.
  for (const auto& wire : {port, member}) mustRun(fmt::format("ip address flush dev {}", wire.device));
  mustRun(fmt::format("ip link set {} master br0", port.device));
  mustRun(fmt::format("ip link set {} down", member.device));
  mustRun(fmt::format("ip link set {} master bond0", member.device));
  mustRun(fmt::format("ip address add {}/24 dev br0", port.dutAddress));
  mustRun(fmt::format("ip address add {}/24 dev bond0", member.dutAddress));
  mustRun("ip link set br0 up");
  mustRun("ip link set bond0 up");
  awaitPing(port.peerAddress);
  awaitPing(member.peerAddress);
  for (const char* upper : {"br0", "bond0"}) awaitUpper(upper);
  const auto indexOf = [](const char* name) { return std::stoi(mustRead(fmt::format("/sys/class/net/{}/ifindex", name))); };
  Session session({Wire{"br0", indexOf("br0"), port.dutAddress, port.peerDevice, port.peerAddress},
                   Wire{"bond0", indexOf("bond0"), member.dutAddress, member.peerDevice, member.peerAddress}},
                  {port.device, member.device, "br0", "bond0"});
  const auto bond = mustRead("/proc/net/bonding/bond0");
  for (unsigned i = 0; i < std::max(2u, context.count); ++i) {
    driver.replaceBy(i % 2 == 0 ? other : own);
    session.checkFully(fmt::format("after update {}", i + 1));
    EXPECT_EQ(mustRead("/proc/net/bonding/bond0"), bond) << "the bond noticed: link failure count or active member";
    if (testing::Test::HasFailure()) break;
  }
  session.finish();
  mustRun("ip link del br0");
  mustRun("ip link del bond0");
  world.close();
}

}  // namespace
}  // namespace lug
