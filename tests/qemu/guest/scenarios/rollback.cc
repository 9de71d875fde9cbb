// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Updates that must not happen: each kind of driver that offers less or does not come up is rolled
 * back, its lack is named, and nobody on the network notices.
 */
#include <fmt/format.h>

#include "net/session.h"
#include "scenarios/rolled_back.h"
#include "support/register.h"

namespace lug {
namespace {

using namespace std::chrono_literals;

std::vector<Unfit> unfitFor(const std::string& driver) {
  if (driver == "e1000")
    return {{"no-csum", {"NETIF_F_HW_CSUM lost|NETIF_F_IP_CSUM lost|HW_CSUM", "NETIF_F_TSO lost|TSO"}},
            {"no-set-mac-op", {"ndo_set_mac_address missing"}},
            {"no-vlan-filter-op", {"ndo_vlan_rx_kill_vid missing"}},
            {"no-ringparam", {"get_ringparam missing", "set_ringparam missing"}},
            {"small-mtu", {"max mtu 16110 -> 1500"}},
            {"big-priv", {"private area"}},
            {"probe-fails", {"probe failed"}},
            {"probe-fails-early", {"probe failed|not supported|not taken over"}},
            {"init-fails", {"init failed"}},
            {"other-ids", {"device ids"}},
            {"open-fails", {"open failed"}},
            {"mtu-fails", {"MTU|mtu"}}};
  if (driver == "virtio_net")
    return {{"bad-probe", {"probe failed"}}, {"bad-probe-late", {"probe failed"}}};
  return {{"probe-fails", {"probe failed"}}};
}

LU_SCENARIO(rollback, each_kind) {
  World world(context.driver, {});
  const auto own = versionNamed(context.driver, "stock");
  // What refuses an MTU only shows when one is set.
  mustRun(fmt::format("ip link set {} mtu 1400", world.wire().device));
  world.awaitLink(30s);
  Session session(world);
  for (const auto& unfit : unfitFor(context.driver)) {
    note("rolling back " + unfit.label);
    expectRolledBack(world.managed(), own, unfit);
    session.checkFully("after " + unfit.label);
  }
  // After all that a good version still gets in.
  const auto other = twoRealVersions(context.driver).second;
  world.managed().replaceBy(other);
  session.checkFully("after a good update at the end");
  session.finish();
  world.close();
}

LU_SCENARIO(rollback, several_cards_all_or_none) {
  World world(context.driver, {.wires = context.wires});
  const auto own = versionNamed(context.driver, "stock");
  Session session(world);
  const auto label = context.driver == "virtio_net" ? "bad-probe" : "probe-fails";
  expectRolledBack(world.managed(), own, Unfit{label, {"probe failed"}});
  session.checkFully("after the roll-back of all cards");
  session.finish();
  world.close();
}

LU_SCENARIO(rollback, fewer_queues) {
  // The second card has several queue pairs and no partner; the first one carries the traffic.
  World world(context.driver, {});
  const auto own = versionNamed(context.driver, "stock");
  const auto wide = interfaceByMac(luq::dutMac(1));
  ASSERT_FALSE(wide.empty()) << "the host did not supply a card with several queues";
  mustRun(fmt::format("ip link set {} up", wide));
  mustRun(fmt::format("ethtool -L {} combined 2", wide));
  world.awaitLink(30s);
  Session session(world);
  expectRolledBack(world.managed(), own, Unfit{"one-queue", {"queues 2 -> 1|queues 4 -> 1|queues"}});
  session.checkFully("after the roll-back");
  EXPECT_NE(mustRun(fmt::format("ethtool -l {}", wide)).find("Combined:\t2"), std::string::npos)
      << "the number of channels in use is not what it was";
  session.finish();
  world.close();
}

/** Policy force: goes on all the same, and only what needs the lost part fails. */
LU_SCENARIO(rollback, force_goes_on) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto own = versionNamed(context.driver, "stock");
  const auto less = versionNamed(context.driver, "no-ringparam");
  const auto device = world.wire().device;
  Session session(world);
  driver.mustCtl("update", {less.path, "--policy=force", "--no-check"});
  EXPECT_TRUE(driver.runs(less)) << driver.story();
  EXPECT_NE(driver.attribute("last/mismatches").find("ringparam missing"), std::string::npos) << "what was lost has to be named all the same";
  expectNone("after the forced update", session.traffic().awaitProgress(progressLimit));
  EXPECT_NE(run({"ethtool", "-G", device, "rx", "512"}).exitCode, 0) << "the lost request must fail";
  EXPECT_EQ(run({"ethtool", "-K", device, "tso", "on"}).exitCode, 0) << "all others must work";
  driver.mustCtl("commit");
  driver.replaceBy(own);
  EXPECT_EQ(run({"ethtool", "-G", device, "rx", "256"}).exitCode, 0) << "and all of them with the full driver";
  session.checkQuickly("after the way back to the full driver");
  session.finish();
  world.close();
}

}  // namespace
}  // namespace lug
