// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The boots that a run of the benchmarks consists of.
 */
#pragma once

#include <string>
#include <vector>

#include "guest_options.h"
#include "report.h"

namespace lub {

namespace fs = std::filesystem;

/** All kinds of measurement: four of network cards, then two of disks. */
std::vector<std::string> measurements();
/** All drivers that can be measured. */
std::vector<std::string> allDrivers();

/** What to measure and how often. */
struct BenchOptions {
  std::string kernel;
  std::string output;
  std::vector<std::string> only = measurements();
  std::vector<std::string> drivers = allDrivers();
  unsigned runs = 50;
  bool scriptOnly = false;
  luq::GuestOptions guest;
};

/** Boot and measure everything that @p options ask for. */
Results runBenchmarks(const BenchOptions& options);

}  // namespace lub
