// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * How long and how much a receiver misses: live update against a script that reloads the driver.
 */
#pragma once

#include <string>

namespace lub {

/** How much is measured. */
struct BlackoutPlan {
  std::string driver;
  unsigned runs = 50;       ///< updates, and as many reloads, by turns
  bool scriptOnly = false;  ///< without live update: for looking at the script alone
};

/** Run @p plan and report each run; throws lug::Failure. */
void measureBlackout(const BlackoutPlan& plan);

}  // namespace lub
