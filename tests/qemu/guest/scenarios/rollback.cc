// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Updates that must not happen: each kind of driver that offers less or does not come up is rolled
 * back, its lack is named, and nobody on the network notices.
 */
#include <fmt/format.h>

#include <algorithm>

#include "net/session.h"
#include "support/register.h"

namespace lug {
namespace {

using namespace std::chrono_literals;

/** One unfit version and what the report has to name; any of the alternatives, parted by '|'. */
struct Unfit {
  std::string label;
  std::vector<std::string> mismatches;
};

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

bool named(const std::vector<std::string>& lines, const std::string& alternatives) {
  for (const auto& text : split(alternatives, '|'))
    for (const auto& line : lines)
      if (line.find(text) != line.npos) return true;
  return false;
}

/** Try to update to @p unfit: code 3, everything named, the old version in charge. */
void expectRollback(World& world, const Version& running, const Unfit& unfit) {
  auto& driver = world.managed();
  const auto version = versionNamed(world.driver(), unfit.label);
  // Without lu-ctl's own look at the file: it is the kernel side that has to refuse here.
  const auto result = driver.ctl("update", {version.path, "--no-check"});
  const auto story = fmt::format("{}: {}{}; {}", unfit.label, result.err, result.out, driver.story());
  EXPECT_FALSE(result.timedOut) << story;
  EXPECT_EQ(result.exitCode, static_cast<int>(Exit::rolledBack)) << story;
  EXPECT_EQ(driver.attribute("last/result"), "rolled-back") << story;
  const auto mismatches = driver.mismatches();
  for (const auto& text : unfit.mismatches) EXPECT_TRUE(named(mismatches, text)) << "not named: " << text << "; " << story;
  EXPECT_TRUE(driver.runs(running)) << story;
  if (driver.hasAttribute("staged")) driver.mustCtl("discard");
  EXPECT_EQ(driver.attribute("state"), "running") << story;
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
    expectRollback(world, own, unfit);
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
  expectRollback(world, own, {label, {"probe failed"}});
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
  expectRollback(world, own, {"one-queue", {"queues 2 -> 1|queues 4 -> 1|queues"}});
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
  EXPECT_TRUE(named(driver.mismatches(), "ringparam missing")) << "what was lost has to be named all the same";
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
