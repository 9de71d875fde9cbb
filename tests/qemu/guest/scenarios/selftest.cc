// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Tests of the tests: without an update nothing may be found, and what an ordinary reload or a
 * link flap does to the machine must be found.
 */
#include <fmt/format.h>

#include "net/snapshot.h"
#include "net/traffic.h"
#include "net/world.h"
#include "support/register.h"
#include "support/resources.h"

namespace lug {
namespace {

using namespace std::chrono_literals;

bool mentions(const std::vector<std::string>& lines, std::string_view text) {
  for (const auto& line : lines)
    if (line.find(text) != line.npos) return true;
  return false;
}

std::string joined(const std::vector<std::string>& lines) { return fmt::format("{}", fmt::join(lines, "\n")); }

LU_SCENARIO(selftest, traffic_without_update) {
  World world(context.driver, {.managed = false});
  const auto stock = takeStock();
  Traffic traffic(world.wire());
  traffic.start();
  const auto before = takeSnapshot(world.devices());
  const auto counters = takeCounters(world.devices());
  for (int i = 0; i < 3; ++i) expectNone("progress", traffic.awaitProgress(progressLimit));
  expectNone("state", differences(before, takeSnapshot(world.devices())));
  traffic.stop();
  expectNone("workload", traffic.problems());
  expectNone("counter", stepsBack(counters, takeCounters(world.devices())));
  note(traffic.measured().dump(1));
  expectNone("growth", settledGrowth(stock, 1));
  world.close();
}

LU_SCENARIO(selftest, reload_is_detected) {
  World world(context.driver, {.managed = false});
  const auto device = world.wire().device;
  Traffic traffic(world.wire());
  traffic.start();
  const auto before = takeSnapshot(world.devices());
  ASSERT_TRUE(traffic.awaitProgress(progressLimit).empty());
  const auto counters = takeCounters(world.devices());
  must({"rmmod", context.driver});
  world.loadDriver("stock");
  // At once: under traffic the new counters would soon be past the old ones.
  EXPECT_TRUE(waitUntil(30s, [&] { return interfaceByMac(luq::dutMac(0)) == device; }));
  EXPECT_FALSE(stepsBack(counters, takeCounters({device})).empty()) << "counters that restart went unnoticed";
  world.configure();
  const auto stalled = traffic.awaitProgress(3s);
  const auto changed = differences(before, takeSnapshot(world.devices()));
  traffic.stop();
  const auto problems = traffic.problems();
  note("found: " + joined(problems) + "\n" + joined(changed) + "\n" + joined(stalled));
  EXPECT_TRUE(mentions(problems, device + " removed")) << "the removal went unnoticed";
  EXPECT_TRUE(mentions(problems, "without LOWER_UP")) << "the link going down went unnoticed";
  EXPECT_TRUE(mentions(problems, "address removed")) << "the lost address went unnoticed";
  EXPECT_TRUE(mentions(problems, "packet socket: receive")) << "the packet socket's error went unnoticed";
  EXPECT_TRUE(mentions(changed, "/ifindex")) << "the new ifindex went unnoticed";
  EXPECT_TRUE(mentions(stalled, "multicast")) << "the lost multicast membership went unnoticed";
}

LU_SCENARIO(selftest, flap_is_detected) {
  World world(context.driver, {.managed = false});
  const auto device = world.wire().device;
  Traffic traffic(world.wire());
  traffic.start();
  const auto before = takeSnapshot(world.devices());
  ASSERT_TRUE(traffic.awaitProgress(progressLimit).empty());
  must({"ip", "link", "set", device, "down"});
  must({"ip", "link", "set", device, "up"});
  world.awaitLink(30s);
  expectNone("progress after the flap", traffic.awaitProgress(progressLimit));
  const auto changed = differences(before, takeSnapshot(world.devices()));
  traffic.stop();
  const auto problems = traffic.problems();
  note("found: " + joined(problems) + "\n" + joined(changed));
  EXPECT_TRUE(mentions(problems, device + " without UP")) << "the interface going down went unnoticed";
  EXPECT_TRUE(mentions(problems, "packet socket: receive")) << "the packet socket's error went unnoticed";
  EXPECT_TRUE(mentions(changed, "carrier_changes")) << "the link going down went unnoticed";
}

}  // namespace
}  // namespace lug
