// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * lu-guest: all scenarios in one program. Events go to the host over their own port, as JSON.
 */
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "support/host_port.h"
#include "support/live_update.h"
#include "support/process.h"
#include "support/register.h"

namespace {

using Json = nlohmann::json;

/** Tells the host which test starts and how it ended. */
class Reporter : public testing::EmptyTestEventListener {
 public:
  void OnTestStart(const testing::TestInfo& test) override {
    told_ = false;
    send({{"event", "start"}, {"name", fullName(test)}});
  }

  /** The first failure is the one to explain, while the drivers are as it found them. */
  void OnTestPartResult(const testing::TestPartResult& part) override {
    if (!part.failed() || told_.exchange(true)) return;
    lug::note(lug::allStories());
  }

  void OnTestEnd(const testing::TestInfo& test) override {
    const auto& result = *test.result();
    std::string message;
    for (int i = 0; i < result.total_part_count(); ++i) {
      const auto& part = result.GetTestPartResult(i);
      if (part.passed()) continue;
      if (!message.empty()) message += "\n";
      message += part.summary();
    }
    Json properties = Json::object();
    for (int i = 0; i < result.test_property_count(); ++i)
      properties[result.GetTestProperty(i).key()] = result.GetTestProperty(i).value();
    send({{"event", "end"},
          {"name", fullName(test)},
          {"outcome", result.Skipped() ? "skipped" : result.Passed() ? "passed" : "failed"},
          {"seconds", static_cast<double>(result.elapsed_time()) / 1000},
          {"message", message},
          {"properties", properties}});
  }

 private:
  std::atomic<bool> told_ = false;

  static std::string fullName(const testing::TestInfo& test) {
    return std::string(test.test_suite_name()) + "." + test.name();
  }
  static void send(const Json& event) { lug::tellHost(event); }
};

}  // namespace

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  setvbuf(stdout, nullptr, _IOLBF, 0);
  testing::InitGoogleTest(&argc, argv);
  try {
    lug::registerScenarios();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "lu-guest: %s\n", e.what());
    return 2;
  }
  testing::UnitTest::GetInstance()->listeners().Append(new Reporter);
  return RUN_ALL_TESTS();
}
