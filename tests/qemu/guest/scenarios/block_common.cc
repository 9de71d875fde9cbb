// SPDX-License-Identifier: GPL-2.0
#include "scenarios/block_common.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/catalogue.h"

namespace lug {

void Pauses::record() {
  if (us.empty()) return;
  std::sort(us.begin(), us.end());
  testing::Test::RecordProperty("pause_median_us", std::to_string(us[us.size() / 2]));
  testing::Test::RecordProperty("pause_longest_us", std::to_string(us.back()));
  note(fmt::format("{} updates, pause median {:.1f} ms, longest {:.1f} ms", us.size(),
                   static_cast<double>(us[us.size() / 2]) / 1000, static_cast<double>(us.back()) / 1000));
}

unsigned disksOf(const Context& context) { return luq::disksFor(context.driver, context.wires); }

void expectUpdated(const ManagedDriver& driver, unsigned devices) {
  EXPECT_EQ(driver.attribute("last/result"), "updated");
  EXPECT_EQ(driver.attribute("last/errno"), "0");
  EXPECT_TRUE(driver.mismatches().empty()) << driver.attribute("last/mismatches");
  EXPECT_EQ(driver.attribute("last/devices"), std::to_string(devices));
  EXPECT_GT(std::stol(driver.attribute("last/blackout_us")), 0);
}

void endSession(DiskSession& session) {
  const auto figures = session.finish();
  note(figures.dump(1));
  testing::Test::RecordProperty("work", figures.dump());
}

}  // namespace lug
