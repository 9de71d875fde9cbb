// SPDX-License-Identifier: GPL-2.0
#include "scenarios/sound_common.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace lug {

void expectSoundUpdated(const ManagedDriver& driver) {
  EXPECT_EQ(driver.attribute("last/result"), "updated");
  EXPECT_EQ(driver.attribute("last/errno"), "0");
  EXPECT_TRUE(driver.mismatches().empty()) << driver.attribute("last/mismatches");
  EXPECT_EQ(driver.attribute("last/devices"), "1");
  EXPECT_GT(std::stol(driver.attribute("last/blackout_us")), 0);
}

void expectSoundRolledBack(ManagedDriver& driver, const Version& own, const Version& unfit, const std::vector<std::string>& texts) {
  auto words = unfit.files;
  words.emplace_back("--no-check");
  const auto result = driver.ctl("update", words);
  const auto story = fmt::format("{}: {}{}; {}", unfit.label, result.err, result.out, driver.story());
  EXPECT_EQ(result.exitCode, static_cast<int>(Exit::rolledBack)) << story;
  EXPECT_TRUE(driver.runs(own)) << story;
  const auto lines = driver.mismatches();
  for (const auto& text : texts)
    EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [&](const auto& l) { return l.find(text) != l.npos; }))
        << "'" << text << "' is not named; " << story;
  if (driver.hasAttribute("staged")) driver.mustCtl("discard");
  EXPECT_EQ(driver.attribute("state"), "running") << story;
}

}  // namespace lug
