// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Updates that succeed: back and forth under traffic, by plain insmod, several cards at once,
 * and every other way from one version to another.
 */
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "net/session.h"
#include "support/register.h"
#include "support/resources.h"

namespace lug {
namespace {

using namespace std::chrono_literals;

/** Longest and summed blackout as the driver's record tells it. */
struct Blackout {
  long longestUs = 0, sumUs = 0, updates = 0;
  void add(const ManagedDriver& driver) {
    const long us = std::stol(driver.attribute("last/blackout_us"));
    longestUs = std::max(longestUs, us);
    sumUs += us;
    ++updates;
  }
  void record() const {
    testing::Test::RecordProperty("blackout_longest_us", std::to_string(longestUs));
    testing::Test::RecordProperty("blackout_mean_us", std::to_string(updates == 0 ? 0 : sumUs / updates));
  }
};

/** What any successful update leaves in the record. */
void expectRecord(const ManagedDriver& driver, unsigned devices) {
  EXPECT_EQ(driver.attribute("last/result"), "updated");
  EXPECT_EQ(driver.attribute("last/errno"), "0");
  EXPECT_TRUE(driver.mismatches().empty()) << driver.attribute("last/mismatches");
  EXPECT_EQ(driver.attribute("last/devices"), std::to_string(devices));
  EXPECT_GT(std::stol(driver.attribute("last/blackout_us")), 0);
}

LU_SCENARIO(net, updates_under_traffic) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  // Two rounds first: what is allocated once and kept is not growth.
  for (int i = 0; i < 2; ++i) {
    driver.replaceBy(other);
    driver.replaceBy(own);
  }
  world.awaitLink(30s);
  const auto before = takeStock();
  const long generation = std::stol(driver.attribute("generation"));
  Session session(world, Load::heavy());
  Blackout blackout;
  for (unsigned i = 0; i < context.count; ++i) {
    const auto& version = i % 2 == 0 ? other : own;
    driver.updateTo(version);
    blackout.add(driver);
    expectRecord(driver, 1);
    driver.mustCtl("commit");
    EXPECT_FALSE(driver.hasAttribute("kept")) << "the old version is still there after the commit";
    const auto when = fmt::format("after update {} of {}, to {}", i + 1, context.count, version.label);
    if ((i + 1) % 10 == 0 || i + 1 == context.count) session.checkFully(when);
    else session.checkQuickly(when);
    if (testing::Test::HasFailure()) break;
  }
  blackout.record();
  EXPECT_EQ(std::stol(driver.attribute("generation")) - generation, context.count);
  const auto figures = session.finish();
  note(figures.dump(1));
  testing::Test::RecordProperty("traffic", figures.dump());
  expectNone("growth", settledGrowth(before, context.count));
  expectNone("kmemleak", findLeaks());
  world.close();
}

LU_SCENARIO(net, staged_by_insmod) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  Session session(world);
  EXPECT_EQ(driver.attribute("state"), "running");
  must({"insmod", other.path});
  EXPECT_EQ(driver.attribute("state"), "staged");
  EXPECT_EQ(driver.attribute("staged/version"), other.version);
  EXPECT_TRUE(driver.runs(own)) << "staging must not touch what runs";
  session.checkQuickly("after staging by insmod");
  EXPECT_EQ(driver.trigger("update"), 0) << driver.story();
  expectRecord(driver, 1);
  EXPECT_TRUE(driver.runs(other));
  EXPECT_EQ(driver.attribute("kept/version"), own.version);
  session.checkFully("after the update");
  EXPECT_EQ(driver.trigger("commit"), 0);
  EXPECT_FALSE(driver.hasAttribute("kept"));
  // The plain name is the new module's now: lsmod, modprobe -r and the next update see it.
  EXPECT_EQ(slurp("/sys/module/" + context.driver + "/version").value_or(""), other.version);
  session.finish();
  world.close();
}

LU_SCENARIO(net, discard_leaves_no_trace) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  Session session(world);
  driver.mustCtl("stage", {other.path});  // once, for what is allocated once
  driver.mustCtl("discard");
  const auto before = slurp("/proc/modules").value_or("");
  for (int i = 0; i < 3; ++i) {
    driver.mustCtl("stage", {other.path});
    EXPECT_EQ(driver.attribute("state"), "staged");
    driver.mustCtl("discard");
    EXPECT_EQ(driver.attribute("state"), "running");
    EXPECT_FALSE(driver.hasAttribute("staged"));
  }
  EXPECT_EQ(std::count(before.begin(), before.end(), '\n'), [] {
    const auto now = slurp("/proc/modules").value_or("");
    return std::count(now.begin(), now.end(), '\n');
  }());
  EXPECT_TRUE(driver.runs(own));
  session.checkFully("after staging and discarding");
  session.finish();
  world.close();
}

LU_SCENARIO(net, rollback_after_success) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  Session session(world);
  for (unsigned i = 0; i < std::max(1u, context.count); ++i) {
    driver.updateTo(other);
    EXPECT_EQ(driver.attribute("kept/version"), own.version);
    session.checkQuickly("after the update");
    driver.mustCtl("rollback");
    EXPECT_TRUE(driver.runs(own)) << driver.story();
    session.checkQuickly("after going back");
    if (driver.hasAttribute("kept")) driver.mustCtl("commit");
    if (driver.hasAttribute("staged")) driver.mustCtl("discard");
    if (testing::Test::HasFailure()) break;
  }
  session.checkFully("at the end");
  session.finish();
  world.close();
}

LU_SCENARIO(net, several_cards) {
  World world(context.driver, {.wires = context.wires});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  Session session(world);
  note("traffic runs on all wires");
  Blackout blackout;
  for (unsigned i = 0; i < context.count; ++i) {
    driver.updateTo(i % 2 == 0 ? other : own);
    blackout.add(driver);
    expectRecord(driver, context.wires);
    driver.mustCtl("commit");
    session.checkQuickly(fmt::format("after update {}", i + 1));
    if (testing::Test::HasFailure()) break;
  }
  blackout.record();
  session.checkFully("at the end");
  session.finish();
  world.close();
}

LU_SCENARIO(net, everything_unloads) {
  {
    World once(context.driver, {});  // for what is allocated once
    once.close();
  }
  const auto before = takeStock();
  {
    World world(context.driver, {});
    const auto [own, other] = twoRealVersions(context.driver);
    world.managed().replaceBy(other);
    world.managed().updateTo(own);  // a kept generation is there when everything goes
    world.awaitLink(30s);
    world.close();
  }
  EXPECT_NE(access(("/sys/module/" + context.driver).c_str(), F_OK), 0);
  EXPECT_NE(access("/sys/module/liveupdate", F_OK), 0);
  EXPECT_NE(access("/sys/kernel/debug/liveupdate", F_OK), 0);
  expectNone("left behind", settledGrowth(before, 1));
  expectNone("kmemleak", findLeaks());
}

/** What the user said about which driver serves the card holds for the next version, and on the way back. */
void expectCarriedOver(World& world) {
  auto& driver = world.managed();
  const auto own = versionNamed(world.driver(), "other-ids"), unfit = versionNamed(world.driver(), "no-csum");
  Session session(world);
  EXPECT_EQ(driver.ctl("update", {unfit.path, "--no-check"}).exitCode, static_cast<int>(Exit::rolledBack)) << driver.story();
  EXPECT_TRUE(driver.runs(own)) << driver.story();
  session.checkFully("after the roll-back");
  driver.mustCtl("update", {own.path, "--no-check"});
  expectRecord(driver, 1);
  driver.mustCtl("commit");
  session.checkFully("after the update");
  session.finish();
  world.close();
}

/** An id that was written to new_id holds for the next version, and for this one on the way back. */
LU_SCENARIO(net, ids_added_by_hand) {
  World world(context.driver, {.version = "other-ids", .addedId = "8086 100e"});
  expectCarriedOver(world);
}

/** A version whose table does not name the card serves it, because the user said so: so does the next one. */
LU_SCENARIO(net, driver_by_override) {
  World world(context.driver, {.version = "other-ids", .overriddenId = "8086 100e"});
  expectCarriedOver(world);
}

}  // namespace
}  // namespace lug
