// SPDX-License-Identifier: GPL-2.0
#include "counter_watch.h"

#include <fmt/format.h>

#include <sstream>
#include <thread>

#include "support/process.h"

namespace lug {

void CounterWatch::start() {
  spawn(Side::dut, [this] { loop(); });
}

std::vector<std::uint64_t> CounterWatch::read() const {
  std::vector<std::uint64_t> totals;
  for (const auto& line : split(mustRead("/proc/thread-self/net/dev"), '\n')) {
    const auto colon = line.find(':');
    if (colon == line.npos || line.substr(line.find_first_not_of(' '), device_.size() + 1) != device_ + ":") continue;
    std::istringstream numbers(line.substr(colon + 1));
    for (std::uint64_t value = 0; numbers >> value;) totals.push_back(value);
  }
  return totals;
}

std::vector<std::string> CounterWatch::names() const {
  std::vector<std::string> found;
  for (const auto& line : split(mustRead("/proc/thread-self/net/dev"), '\n'))
    if (const auto colon = line.find(':'); colon != line.npos) found.push_back(line.substr(0, colon));
  return found;
}

void CounterWatch::loop() {
  auto last = read();
  while (!stopping()) {
    const auto now = read();
    if (now.empty() || now.size() != last.size())
      return problem(fmt::format("{} is not in the list of interfaces: {}", device_, fmt::join(names(), " ")));
    for (std::size_t i = 0; i < now.size(); ++i)
      if (now[i] < last[i]) problem(fmt::format("total {} of {} stepped back from {} to {}", i, device_, last[i], now[i]));
    last = now;
    advance();
    std::this_thread::sleep_for(interval_);
  }
}

}  // namespace lug
