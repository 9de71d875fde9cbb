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

/** What to measure and how often. */
struct BenchOptions {
  std::string kernel;
  std::string output;
  std::vector<std::string> only = {"instructions", "blackout", "memory", "cards"};
  std::vector<std::string> drivers = {"e1000", "e1000e", "pcnet32", "virtio_net"};
  unsigned runs = 50;
  bool scriptOnly = false;
  luq::GuestOptions guest;
};

/** Boot and measure everything that @p options ask for. */
Results runBenchmarks(const BenchOptions& options);

}  // namespace lub
