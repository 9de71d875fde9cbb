// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Writer for the "newc" cpio format, the only one the kernel's initramfs unpacker reads.
 */
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "util.h"

namespace luq {

/** Collects entries and renders them as one newc archive. */
class Cpio {
 public:
  void addFolder(std::string_view name, mode_t permissions = 0755);
  void addFile(std::string_view name, std::string_view data, mode_t permissions);
  void addSymlink(std::string_view name, std::string_view target);
  void addCharDevice(std::string_view name, unsigned major, unsigned minor);

  /** Everything below @p root, names relative to it; folders come before what they hold. */
  void addTree(const fs::path& root);

  /** The archive with its trailer. */
  std::string finish();

 private:
  void header(std::string_view name, mode_t mode, std::size_t size, unsigned major = 0,
              unsigned minor = 0);
  void pad();

  std::string data_;
  std::uint32_t inode_ = 0;
};

}  // namespace luq
