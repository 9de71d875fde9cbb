// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The interface's totals, read all the time as a monitoring agent reads them.
 */
#pragma once

#include <vector>

#include "net/workload.h"

namespace lug {

/** Reads the line of one interface in /proc/net/dev over and over: no total may ever step back. */
class CounterWatch : public Workload {
 public:
  CounterWatch(std::string name, std::string device, milliseconds interval)
      : Workload(std::move(name)), device_(std::move(device)), interval_(interval) {}
  void start() override;

 private:
  void loop();
  /** The totals, in the file's order; empty when the interface is not there. */
  std::vector<std::uint64_t> read() const;

  std::vector<std::string> names() const;

  std::string device_;
  milliseconds interval_;
};

}  // namespace lug
