// SPDX-License-Identifier: GPL-2.0
#include "scenarios/rolled_back.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace lug {

namespace {

bool isNamed(const std::vector<std::string>& lines, const std::string& alternatives) {
  const auto texts = split(alternatives, '|');
  return std::any_of(lines.begin(), lines.end(), [&](const auto& line) {
    return std::any_of(texts.begin(), texts.end(), [&](const auto& text) { return line.find(text) != line.npos; });
  });
}

}  // namespace

void expectRolledBack(const ManagedDriver& driver, const Version& running, const Version& to,
                      const std::vector<std::string>& texts, const Argv& more) {
  auto words = to.files;
  // Without lu-ctl's own look at the file: it is the kernel side that has to refuse here.
  words.emplace_back("--no-check");
  words.insert(words.end(), more.begin(), more.end());
  const auto result = driver.ctl("update", words);
  const auto story = fmt::format("{} {}: {}{}; {}", to.label, fmt::join(more, " "), result.err, result.out, driver.story());
  EXPECT_FALSE(result.timedOut) << story;
  EXPECT_EQ(result.exitCode, static_cast<int>(Exit::rolledBack)) << story;
  EXPECT_EQ(driver.attribute("last/result"), "rolled-back") << story;
  EXPECT_TRUE(driver.runs(running)) << story;
  const auto lines = driver.mismatches();
  for (const auto& text : texts) EXPECT_TRUE(isNamed(lines, text)) << "'" << text << "' is not named; " << story;
  if (driver.hasAttribute("staged")) driver.mustCtl("discard");
  EXPECT_EQ(driver.attribute("state"), "running") << story;
}

void expectRolledBack(const ManagedDriver& driver, const Version& running, const Unfit& unfit) {
  expectRolledBack(driver, running, versionNamed(driver.name(), unfit.label), unfit.mismatches);
}

}  // namespace lug
