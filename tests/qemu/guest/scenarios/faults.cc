// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Drivers that misbehave: leak on remove, take long, hang, oops. Those that hang or oops have a boot
 * of their own, as a stuck worker may hold the device's lock for ever.
 */
#include <fmt/format.h>

#include "net/session.h"
#include "support/register.h"
#include "support/resources.h"

namespace lug {
namespace {

using namespace std::chrono_literals;

constexpr const char* shortLimitMs = "10000";
constexpr auto verbSlack = 60s;

bool mentions(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

std::string objectsFile(const World& world, const char* name) {
  return mustRead(fmt::format("/sys/kernel/debug/liveupdate/{}/{}", world.driver(), name));
}

LU_SCENARIO(fault, remove_leaks) {
  World world(context.driver, {.version = "remove-leaks"});
  auto& driver = world.managed();
  const auto other = twoRealVersions(context.driver).second;
  const auto interrupts = mustRead("/proc/interrupts");
  Session session(world);
  const auto result = driver.ctl("update", {other.path, "--verbose"});
  const auto report = result.out + result.err + objectsFile(world, "timeline");
  EXPECT_EQ(result.exitCode, 0) << report << driver.story();
  EXPECT_TRUE(driver.runs(other)) << driver.story();
  EXPECT_GE(std::stol(driver.attribute("last/released")), 3) << "an interrupt, a mapping and a timer were leaked";
  for (const char* kind : {"irq", "timer"}) EXPECT_TRUE(mentions(report, kind)) << "the report does not name the " << kind << ": " << report;
  EXPECT_TRUE(mentions(report, "map") || mentions(report, "ioremap")) << "the report does not name the mapping: " << report;
  session.checkFully("after the update of a driver that leaks");
  driver.mustCtl("commit");
  session.finish();
  world.close();
}

/** A version that needs longer than allowed is rolled back; with more time it gets in. */
LU_SCENARIO(fault, slow_probe) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto own = versionNamed(context.driver, "stock");
  const auto slow = versionNamed(context.driver, "slow-probe");
  Session session(world);
  const auto result = driver.ctl("update", {slow.path, "--timeout=500"});
  EXPECT_EQ(result.exitCode, static_cast<int>(Exit::rolledBack)) << result.err << driver.story();
  EXPECT_TRUE(driver.runs(own)) << driver.story();
  session.checkFully("after the time limit");
  if (driver.hasAttribute("staged")) driver.mustCtl("discard");
  driver.mustCtl("update", {slow.path, "--timeout=60000"});
  EXPECT_TRUE(driver.runs(slow)) << driver.story();
  driver.mustCtl("commit");
  session.checkFully("after the update with time enough");
  session.finish();
  world.close();
}

/**
 * What has to hold when a version hangs or dies in its probe: the command returns in time with one
 * of the two honest outcomes; state, interface and requests stay usable; in case of a roll-back the
 * network works on, otherwise the report says what is stuck.
 */
void expectHonestOutcome(World& world, const std::string& label) {
  auto& driver = world.managed();
  const auto own = versionNamed(world.driver(), "stock");
  const auto device = world.wire().device;
  const auto before = takeQuickSnapshot();
  Traffic traffic(world.wire());
  traffic.start();
  ASSERT_TRUE(traffic.awaitProgress(progressLimit).empty());
  const auto result = driver.ctl("update", {versionNamed(world.driver(), label).path, "--no-check",
                                            fmt::format("--timeout={}", shortLimitMs)});
  const auto story = fmt::format("{}: exit code {}: {}{}; {}", label, result.exitCode, result.err, result.out, driver.story());
  note(story);
  testing::Test::RecordProperty("outcome", story);
  ASSERT_FALSE(result.timedOut) << story;
  const bool rolledBack = result.exitCode == static_cast<int>(Exit::rolledBack);
  const auto changed = differences(before, takeQuickSnapshot());
  expectNone(label, rolledBack ? changed : exceptLinkState(changed));
  if (rolledBack) {
    EXPECT_EQ(driver.attribute("last/result"), "rolled-back") << story;
    EXPECT_TRUE(driver.runs(own)) << story;
    expectNone(label, traffic.awaitProgress(progressLimit));
  } else {
    EXPECT_EQ(result.exitCode, static_cast<int>(Exit::failed)) << story;
    EXPECT_EQ(driver.attribute("state"), "failed") << story;
    EXPECT_TRUE(mentions(driver.attribute("last/reason") + driver.attribute("last/mismatches"), "probe")) << "what is stuck is not said: " << story;
  }
  if (rolledBack) {
    traffic.stop();
    expectNone(label, traffic.problems());
  } else {
    traffic.abandon();
  }
  // Only now: a driver may take its link down for a new MTU.
  EXPECT_FALSE(run({"ip", "link", "set", device, "mtu", "1450"}, verbSlack).timedOut) << "a request hangs; " << story;
  EXPECT_FALSE(run({"ethtool", "-i", device}, verbSlack).timedOut) << "a request hangs; " << story;
  EXPECT_FALSE(run({"lu-ctl", "status", world.driver()}, verbSlack).timedOut) << "lu-ctl status hangs";
}

LU_SCENARIO(fault, probe_hangs) {
  World world(context.driver, {});
  expectHonestOutcome(world, "probe-hangs");
  world.abandon();
}

LU_SCENARIO(fault, probe_hangs_on_hardware) {
  World world(context.driver, {});
  expectHonestOutcome(world, "probe-hangs-hw");
  world.abandon();
}

LU_SCENARIO(fault, probe_oopses) {
  World world(context.driver, {});
  expectHonestOutcome(world, "probe-oopses");
  world.abandon();
}

/** The old version never leaves by itself: release=force skips its exit. */
LU_SCENARIO(fault, exit_hangs) {
  World world(context.driver, {.version = "exit-hangs"});
  auto& driver = world.managed();
  const auto other = twoRealVersions(context.driver).second;
  Session session(world);
  EXPECT_EQ(driver.write("release", "force"), 0);
  driver.mustCtl("update", {other.path});
  EXPECT_TRUE(driver.runs(other)) << driver.story();
  session.checkFully("after the update of a driver whose exit hangs");
  session.finish();
  world.abandon();
}

}  // namespace
}  // namespace lug
