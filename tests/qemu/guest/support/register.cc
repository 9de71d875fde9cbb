// SPDX-License-Identifier: GPL-2.0
#include "register.h"

#include <fmt/format.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "support/process.h"

namespace lug {

namespace {

std::map<std::string, Body>& bodies() {
  static std::map<std::string, Body> all;
  return all;
}

/** Ends the whole program when a scenario exceeds its time, after showing what hangs where. */
class Watchdog {
 public:
  Watchdog(std::string name, seconds limit)
      : thread_([this, name = std::move(name), limit](std::stop_token stop) {
          std::unique_lock lock(mutex_);
          if (wake_.wait_for(lock, stop, limit, [&] { return stop.stop_requested(); })) return;
          note(fmt::format("{}: time limit of {} s reached", name, limit.count()));
          for (const char* key : {"w", "l"}) tryWrite("/proc/sysrq-trigger", key);
          _exit(exitOnTimeout);
        }) {}

 private:
  static constexpr int exitOnTimeout = 3;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

seconds limitFor(const luq::Scenario& row) {
  const char* factor = std::getenv("LU_SLOWNESS");
  return seconds(row.limitSeconds) * (factor != nullptr ? std::stol(factor) : 1);
}

/** A GoogleTest test that runs a scenario's code; what it throws is a failure. */
class ScenarioTest : public testing::Test {
 public:
  ScenarioTest(const Body& body, Context context, seconds limit)
      : body_(body), context_(std::move(context)), limit_(limit) {}
  void TestBody() override {
    const Watchdog watchdog(testing::UnitTest::GetInstance()->current_test_info()->name(), limit_);
    try {
      body_(context_);
    } catch (const std::exception& e) {
      ADD_FAILURE() << e.what();
    }
  }

 private:
  const Body& body_;
  Context context_;
  seconds limit_;
};

/** Repetitions: LU_COUNT when set, otherwise as the level says. */
unsigned countFor(const luq::Scenario& row) {
  if (const char* own = std::getenv("LU_COUNT")) return static_cast<unsigned>(std::stoul(own));
  const char* level = std::getenv("LU_LEVEL");
  return level != nullptr && std::string(level) == "soak" ? row.soakCount : row.checkCount;
}

}  // namespace

Registration::Registration(const char* suite, const char* name, Body body) {
  bodies()[fmt::format("{}.{}", suite, name)] = std::move(body);
}

void registerScenarios() {
  std::size_t used = 0;
  for (const auto& row : luq::scenarios()) {
    const auto at = bodies().find(fmt::format("{}.{}", row.suite, row.name));
    if (at == bodies().end()) throw std::logic_error(fmt::format("no code for {}.{}", row.suite, row.name));
    ++used;
    for (const auto driver : row.on) {
      const Context context{std::string(driver), countFor(row), row.wires};
      const auto test = fmt::format("{}[{}]", row.name, driver);
      testing::RegisterTest(std::string(row.suite).c_str(), test.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [&body = at->second, context, limit = limitFor(row)] { return new ScenarioTest(body, context, limit); });
    }
  }
  if (used != bodies().size()) throw std::logic_error("a scenario is missing in the catalogue");
}

void expectNone(const std::string& what, const std::vector<std::string>& lines) {
  for (const auto& line : lines) ADD_FAILURE() << what << ": " << line;
}

}  // namespace lug
