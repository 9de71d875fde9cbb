// SPDX-License-Identifier: GPL-2.0
#include "statistics.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace lub {

double percentile(std::vector<double> values, double percent) {
  if (values.empty()) throw std::invalid_argument("a percentile of nothing");
  std::sort(values.begin(), values.end());
  const auto rank = std::ceil(percent / 100 * static_cast<double>(values.size()));
  return values[static_cast<std::size_t>(std::clamp(rank, 1.0, static_cast<double>(values.size()))) - 1];
}

double median(std::vector<double> values) {
  if (values.empty()) throw std::invalid_argument("a median of nothing");
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Spread spreadOf(const std::vector<double>& values) {
  return {percentile(values, 50), percentile(values, 99), percentile(values, 100)};
}

}  // namespace lub
