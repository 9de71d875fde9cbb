// SPDX-License-Identifier: GPL-2.0
#include "scenarios/steps.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "support/process.h"

namespace lug {

void expectEveryStepRollsBack(const ManagedDriver& driver, const Version& own, const Version& other,
                              const std::function<void(const std::string& when)>& check) {
  for (const std::string phase : {"prepare", "quiesce", "detach", "attach", "verify", "replay", "resume"}) {
    mustWrite(injectFile, fmt::format("{}:{}", phase, EIO));
    const auto result = driver.ctl("update", other.files);
    const auto story = fmt::format("failure in {}: {}{}; {}", phase, result.err, result.out, driver.story());
    EXPECT_EQ(result.exitCode, static_cast<int>(Exit::rolledBack)) << story;
    EXPECT_TRUE(driver.runs(own)) << story;
    if (driver.hasAttribute("staged")) driver.mustCtl("discard");
    check("after a failure in " + phase);
    if (testing::Test::HasFailure()) return;
  }
  driver.replaceBy(other);
  check("after an update without a failure");
}

}  // namespace lug
