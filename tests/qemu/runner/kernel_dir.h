// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * A kernel to boot: image, stock modules, and real versions of drivers to update between.
 */
#pragma once

#include <string>
#include <vector>

#include "util.h"

namespace luq {

/** One prepared kernel folder: release, vmlinuz, root/lib/modules/RELEASE, drivers/. */
class KernelDir {
 public:
  /** Throws Error when the folder lacks what a boot needs. */
  explicit KernelDir(fs::path folder);

  const fs::path& folder() const { return folder_; }
  const std::string& release() const { return release_; }
  /** Short name for files and reports: "debug", or the series, as in "6.12". */
  std::string label() const;
  /** What a boot is quickest with: the unpacked image where there is one, which starts at its own addresses. */
  fs::path image() const;
  /** The image as it was shipped. It unpacks itself, which takes an emulated CPU seconds, to random addresses. */
  fs::path packedImage() const { return folder_ / "vmlinuz"; }
  fs::path moduleFolder() const { return folder_ / "root/lib/modules" / release_; }
  /** Folder with DRIVER/LABEL/DRIVER.ko, or empty when none was prepared. */
  fs::path driverVersions() const;
  /** True for a kernel built with the memory and lock checkers: slower, needs more memory. */
  bool isDebug() const { return debug_; }

  /** Files of the modules named and of all they depend on; names built in are left out. */
  std::vector<fs::path> moduleClosure(const std::vector<std::string>& names) const;

 private:
  fs::path folder_;
  std::string release_;
  bool debug_ = false;
};

}  // namespace luq
