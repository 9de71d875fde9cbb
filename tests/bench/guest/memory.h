// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * What managing a driver costs in kernel memory.
 */
#pragma once

#include <string>

namespace lub {

/** How much is measured. */
struct MemoryPlan {
  std::string driver;
  unsigned rounds = 5;
};

/** Run @p plan and report each round; throws lug::Failure. */
void measureMemory(const MemoryPlan& plan);

}  // namespace lub
