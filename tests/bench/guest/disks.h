// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Disks: instructions per request, and how long requests wait during an update.
 */
#pragma once

#include <string>

namespace lub {

/** How much is counted. */
struct RequestPlan {
  std::string driver;
  unsigned rounds = 3;      ///< how often each way of running the driver is set up anew
  unsigned requests = 500;  ///< of each kind and round
};

/** Count instructions per request, of the driver as it is, managed, and after an update; throws lug::Failure. */
void measureRequests(const RequestPlan& plan);

/** How much is timed. */
struct StallPlan {
  std::string driver;
  unsigned disks = 1;
  unsigned runs = 50;
};

/** Time the longest request of each update, and with one disk of a reload script; throws lug::Failure. */
void measureStalls(const StallPlan& plan);

}  // namespace lub
