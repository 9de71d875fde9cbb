// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The disks of a test: found, with a file system each, mounted.
 */
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "support/live_update.h"

namespace lug {

/** A disk under test. */
struct DiskUnderTest {
  std::string name;    ///< vda, sda
  std::string node;    ///< /dev/vda
  std::string folder;  ///< where its file system is mounted; empty: it has none
};

/** Loads driver and live update and mounts; takes all down again, with a file system check. */
class DiskWorld {
 public:
  struct Options {
    unsigned disks = 1;
    std::string version = "stock";  ///< label of the binary to start with
    bool managed = true;            ///< live update is loaded and manages the driver
    unsigned formatted = ~0u;       ///< so many get a file system, the first ones
  };

  DiskWorld(const std::string& driver, const Options& options);
  ~DiskWorld();
  DiskWorld(const DiskWorld&) = delete;
  DiskWorld& operator=(const DiskWorld&) = delete;

  const std::string& driver() const { return managed_.name(); }
  ManagedDriver& managed() { return managed_; }
  const std::vector<DiskUnderTest>& disks() const { return disks_; }

  /** All modules that are replaced together, libraries first; one in most cases. */
  const std::vector<std::string>& modules() const { return modules_; }

  /** Unmount, check the file systems, unload everything; throws Failure when something is wrong. */
  void close();
  /** A disk was pulled: it is nothing to unmount or to check any more. */
  void lost(const std::string& name) { std::erase_if(disks_, [&](const auto& disk) { return disk.name == name; }); }
  /** Leave everything as it is: something is stuck for good, and the boot ends here. */
  void abandon() { open_ = false; }

 private:
  Options options_;
  ManagedDriver managed_;
  std::vector<std::string> modules_;
  std::vector<DiskUnderTest> disks_;
  bool open_ = true;
};

/** The kernel's own binary, and a real one that lu-ctl takes for its equal: an older source may not know
 *  all device ids yet. Then another build of the same source has to do. */
std::pair<Version, Version> acceptedVersions(const ManagedDriver& driver);

/** Mount the ext4 file system of @p node on @p folder; throws Failure. */
void mountDisk(const std::string& node, const std::string& folder);

/** Make a file system on @p node and mount it. */
void formatAndMount(const std::string& node, const std::string& folder);

/** Names of the disks that the driver of one of @p modules drives, in order. */
std::vector<std::string> disksDrivenBy(const std::vector<std::string>& modules);

}  // namespace lug
