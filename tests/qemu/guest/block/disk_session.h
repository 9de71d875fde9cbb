// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Work on the disks, and the question whether what happened since the start was noticed by anyone.
 */
#pragma once

#include <functional>

#include "block/disk_io.h"
#include "block/disk_world.h"

namespace lug {

/** What an application can ask about a disk: sysfs, the descriptor, /proc. */
Json takeDiskState(const std::vector<DiskUnderTest>& disks);

/** Starts the work, remembers the state, and compares later. */
class DiskSession {
 public:
  explicit DiskSession(const DiskWorld& world) : DiskSession(world.disks()) {}
  /** @p more adds work of the scenario's own. */
  explicit DiskSession(std::vector<DiskUnderTest> disks, const std::function<void(WorkloadSet&)>& more = {});

  /** Let everything make progress; fails the test for what does not, and for differences. */
  void check(const std::string& when);
  /** Stop the work with its closing checks. Returns the figures of all workloads. */
  Json finish();
  /** The state that check() compares with is the present one: a setting was changed on purpose. */
  void settle() { state_ = takeDiskState(disks_); }
  WorkloadSet& work() { return work_; }
  /** Errors that the kernel's log has about disk @p name are meant to be there. */
  void allowErrorsOf(const std::string& name) { failing_.push_back(name); }

 private:
  std::vector<DiskUnderTest> disks_;
  WorkloadSet work_;
  std::vector<std::string> unwantedErrors() const;

  Json state_, counters_;
  std::vector<std::string> failing_;
};

/** Lines of the kernel's log that tell of requests that failed. */
std::vector<std::string> diskErrorsInLog();

}  // namespace lug
