// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Which boots a run consists of, and running several of them at a time.
 */
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "boots.h"

namespace luq {

/** Names of scenarios for each kernel, by the kernel's label. */
using CheckPlan = std::map<std::string, std::vector<std::string>>;

/** Read lines "LABEL SCENARIO", with '#' comments. Throws Error for a line of another form. */
CheckPlan parsePlan(std::string_view text);

/** A boot on one of the kernels of a run. */
struct PlannedBoot {
  std::size_t kernel = 0;  ///< index into the run's kernels
  Boot boot;
  unsigned weight = 0;     ///< how long it may take, to compare with others
};

/** Longest first, so that no long one is left over for the end, when only one worker still has work. */
void sortLongestFirst(std::vector<PlannedBoot>& boots);

/**
 * Call @p work for each of @p count indices, in order, on @p workers threads (at least one).
 * @p work must not throw: what fails is for its own report.
 */
void forEachOn(unsigned workers, std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace luq
