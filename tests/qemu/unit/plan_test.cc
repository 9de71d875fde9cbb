// SPDX-License-Identifier: GPL-2.0
#include "plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

namespace luq {
namespace {

TEST(ParsePlan, LinesByKernel) {
  const auto plan = parsePlan("# text\n6.1\tnet.a[e1000]\n\n6.12 net.b  # why\n6.1  net.c\n");
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan.at("6.1"), (std::vector<std::string>{"net.a[e1000]", "net.c"}));
  EXPECT_EQ(plan.at("6.12"), (std::vector<std::string>{"net.b"}));
}

TEST(ParsePlan, OtherLinesAreErrors) {
  EXPECT_THROW(parsePlan("6.1\n"), Error);
  EXPECT_THROW(parsePlan("6.1 net.a net.b\n"), Error);
}

/** "make check" repeats less than "make soak", and leaves out drivers and kernels, but no scenario. */
TEST(CheckPlan, HasEveryScenario) {
  std::set<std::string> planned;
  for (const auto& [kernel, names] : parsePlan(readFile(LU_CHECK_PLAN)))
    for (const auto& boot : selectBoots(names))
      for (const auto* scenario : boot.scenarios) planned.insert(std::string(scenario->suite) + "." + std::string(scenario->name));
  for (const auto& scenario : scenarios())
    EXPECT_TRUE(planned.contains(std::string(scenario.suite) + "." + std::string(scenario.name))) << scenario.name;
}

TEST(SortLongestFirst, KeepsTheOrderOfEquals) {
  std::vector<PlannedBoot> boots;
  for (const unsigned weight : {2, 9, 2, 5}) boots.push_back({boots.size(), {}, weight});
  sortLongestFirst(boots);
  std::vector<std::size_t> order;
  for (const auto& boot : boots) order.push_back(boot.kernel);
  EXPECT_EQ(order, (std::vector<std::size_t>{1, 3, 0, 2}));
}

TEST(ForEachOn, EachIndexOnceOnAnyNumberOfThreads) {
  for (const unsigned workers : {1u, 2u, 7u}) {
    std::mutex lock;
    std::multiset<std::size_t> seen;
    forEachOn(workers, 50, [&](std::size_t i) {
      const std::lock_guard guard(lock);
      seen.insert(i);
    });
    EXPECT_EQ(seen.size(), 50u);
    EXPECT_EQ(std::set<std::size_t>(seen.begin(), seen.end()).size(), 50u);
  }
}

TEST(ForEachOn, WorkersWorkAtTheSameTime) {
  // Each call waits for the other one: with a single thread the first waits in vain.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::atomic<int> here{0};
  std::atomic<int> met{0};
  forEachOn(2, 2, [&](std::size_t) {
    ++here;
    while (here < 2 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    met += here == 2;
  });
  EXPECT_EQ(met, 2);
}

}  // namespace
}  // namespace luq
