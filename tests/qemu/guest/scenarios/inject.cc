// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Failures injected at every step of the transaction, on the way there and on the way back.
 */
#include <fmt/format.h>

#include <array>
#include <cerrno>

#include "net/session.h"
#include "scenarios/steps.h"
#include "support/register.h"

namespace lug {
namespace {

constexpr std::array phases = {"prepare", "quiesce", "detach", "attach", "verify", "replay", "resume"};

LU_SCENARIO(inject, every_step_rolls_back) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  Session session(world);
  for (const std::string phase : phases)
    for (const int error : {EIO, ENOMEM}) {
      mustWrite(injectFile, fmt::format("{}:{}", phase, error));
      const auto result = driver.ctl("update", {other.path});
      const auto story = fmt::format("failure {} in {}: {}{}; {}", error, phase, result.err, result.out, driver.story());
      EXPECT_EQ(result.exitCode, static_cast<int>(Exit::rolledBack)) << story;
      EXPECT_EQ(driver.attribute("last/result"), "rolled-back") << story;
      EXPECT_EQ(driver.attribute("last/errno"), std::to_string(error)) << story;
      EXPECT_TRUE(driver.runs(own)) << story;
      if (driver.hasAttribute("staged")) driver.mustCtl("discard");
      session.checkQuickly(fmt::format("after failure {} in {}", error, phase));
      if (testing::Test::HasFailure()) return;
    }
  session.checkFully("after all failures");
  driver.replaceBy(other);
  session.checkFully("after an update without a failure");
  session.finish();
  world.close();
}

/** When not even the old driver comes back the state says so, and another try brings it back. */
LU_SCENARIO(inject, failed_and_recovered) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  const auto device = world.wire().device;
  const auto bad = versionNamed(context.driver, context.driver == "virtio_net" ? "bad-probe" : "probe-fails");
  const auto before = takeQuickSnapshot();
  mustWrite(injectFile, "rollback-attach");
  const auto result = driver.ctl("update", {bad.path, "--no-check"});
  const auto story = fmt::format("{}{}; {}", result.err, result.out, driver.story());
  EXPECT_EQ(result.exitCode, static_cast<int>(Exit::failed)) << story;
  EXPECT_EQ(driver.attribute("state"), "failed") << story;
  EXPECT_EQ(driver.attribute("last/result"), "failed") << story;
  // Impersonated: the interface is there, keeps its state and answers; that it has no link is the truth.
  expectNone("while neither driver runs", exceptLinkState(differences(before, takeQuickSnapshot())));
  EXPECT_FALSE(run({"ethtool", "-i", device}, seconds(10)).timedOut) << "a request hangs";
  EXPECT_FALSE(run({"ip", "link", "set", device, "mtu", "1400"}, seconds(10)).timedOut) << "a request hangs";
  const auto retry = driver.ctl("rollback");
  EXPECT_EQ(retry.exitCode, 0) << retry.err << driver.story();
  EXPECT_TRUE(driver.runs(own)) << driver.story();
  EXPECT_EQ(driver.attribute("state"), driver.hasAttribute("staged") ? "staged" : "running");
  EXPECT_EQ(mustRead("/sys/class/net/" + device + "/mtu"), "1400") << "what was asked for in between is lost";
  mustRun("ip link set " + device + " mtu 1500");
  world.awaitLink(seconds(30));
  expectNone("after the way back", differences(before, takeQuickSnapshot()));
  if (driver.hasAttribute("staged")) driver.mustCtl("discard");
  driver.replaceBy(other);
  world.awaitLink(seconds(30));
  world.close();
}

}  // namespace
}  // namespace lug
