// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Instructions per packet: the driver as it is, managed, and managed after an update.
 */
#pragma once

#include <string>

namespace lub {

/** How much is measured. */
struct InstructionPlan {
  std::string driver;
  unsigned rounds = 3;    ///< how often each way of running the driver is set up anew
  unsigned bursts = 200;  ///< bursts of packets in each direction and round
};

/** Run @p plan and report each round; throws lug::Failure. */
void measureInstructions(const InstructionPlan& plan);

}  // namespace lub
