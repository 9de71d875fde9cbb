// SPDX-License-Identifier: GPL-2.0
#include "report.h"

#include <fmt/format.h>

#include "emit.h"
#include "recorder.h"

namespace lud {

using namespace std::chrono_literals;

void check(const std::string& what, bool good, const std::string& found) {
  lub::emit({{"kind", "check"}, {"what", what}, {"good", good}, {"found", found}});
  lug::note(fmt::format("{}: {} ({})", good ? "ok" : "NOT SO", what, found));
}

lug::Output command(const lug::Argv& argv, int expected) {
  const auto started = nowUs();
  const auto result = lug::run(argv, 120s);
  const auto line = fmt::format("{}", fmt::join(argv, " "));
  lub::emit({{"kind", "command"}, {"line", line}, {"exit", result.exitCode}, {"expected", expected}, {"out", result.out},
             {"err", result.err}, {"start_us", started}, {"end_us", nowUs()}});
  check(fmt::format("{} ends with {}", line, expected), result.exitCode == expected,
        fmt::format("exit status {}", result.exitCode));
  return result;
}

std::string runningVersion(const std::string& driver) {
  const auto version = lug::slurp(fmt::format("/sys/module/{}/version", driver));
  return version ? *version : "Debian's own of " + lug::mustRead("/proc/sys/kernel/osrelease");
}

std::string lastUpdate(const std::string& driver, const std::string& file) {
  return lug::slurp(fmt::format("/sys/kernel/liveupdate/drivers/{}/last/{}", driver, file)).value_or("");
}

}  // namespace lud
