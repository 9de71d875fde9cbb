// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * A root file system on the disk under test.
 */
#pragma once

#include <string>
#include <vector>

#include "support/process.h"

namespace lug {

/** lu-ctl, its libraries and a driver's versions on a mounted disk, to be run by chroot. */
class DiskRoot {
 public:
  /** Copies this machine's programs below @p folder, which is the disk; throws Failure. */
  DiskRoot(std::string folder, const std::string& driver);
  ~DiskRoot();
  DiskRoot(const DiskRoot&) = delete;
  DiskRoot& operator=(const DiskRoot&) = delete;

  /** How to run lu-ctl with @p words from the disk, with none of it in memory when it starts. */
  Argv luCtl(const Argv& words) const;

 private:
  std::string folder_;
  std::vector<std::string> mounted_;
};

}  // namespace lug
