// SPDX-License-Identifier: GPL-2.0
#include "plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <sstream>
#include <thread>

namespace luq {

CheckPlan parsePlan(std::string_view text) {
  CheckPlan plan;
  unsigned number = 0;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::istringstream words(line.substr(0, line.find('#')));
    std::string label, scenario, more;
    if (!(words >> label)) continue;
    if (!(words >> scenario) || words >> more)
      throw Error(fmt::format("line {} of the plan is not 'KERNEL SCENARIO': {}", number, line));
    plan[label].push_back(scenario);
  }
  return plan;
}

void sortLongestFirst(std::vector<PlannedBoot>& boots) {
  std::stable_sort(boots.begin(), boots.end(), [](const auto& a, const auto& b) { return a.weight > b.weight; });
}

void forEachOn(unsigned workers, std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < workers; ++i) others.emplace_back(run);
  run();
}

}  // namespace luq
