// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Order statistics of small samples.
 */
#pragma once

#include <vector>

namespace lub {

/** Nearest-rank percentile: the smallest value that @p percent of @p values do not exceed.
 *  @p values must not be empty. */
double percentile(std::vector<double> values, double percent);

/** The middle value, or the mean of the two in the middle. @p values must not be empty. */
double median(std::vector<double> values);

/** The figures that a table shows for one sample. */
struct Spread {
  double p50 = 0, p99 = 0, max = 0;
};

Spread spreadOf(const std::vector<double>& values);

}  // namespace lub
