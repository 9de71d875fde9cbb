// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// A kernel module file (.ko, .ko.xz, .ko.gz, .ko.zst): what it says about itself and asks for.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kernel.h"

namespace luctl {

/// An import of a module.
struct Import {
  std::string symbol;
  bool weak = false;
};

/// What a module file holds. Filled in by parse_module().
struct ModuleFile {
  std::string path;
  std::string image;  ///< decompressed: what the kernel gets

  std::string name, version, srcversion, build_id, vermagic;
  std::vector<std::string> depends;
  std::set<std::string> aliases;  ///< device ids
  std::vector<Import> imports;    ///< sorted by name
  std::set<std::string> exports;
  std::map<std::string, uint32_t> crcs;  ///< modversions of the imports
  bool is_signed = false;

  /// The kernel release it was built for: the first word of vermagic.
  std::string release() const { return vermagic.substr(0, vermagic.find(' ')); }
};

/// The decompressed contents of a module file, whichever of Debian's compressions it has.
Result<std::string> decompress(std::string_view data, const std::string& path);

/// Reads what is in a decompressed image. @p machine is that of the running kernel (`uname -m`).
Result<ModuleFile> parse_module(std::string image, const std::string& path,
                                const std::string& machine);

/// Reads, decompresses, parses.
Result<ModuleFile> read_module(Kernel& kernel, const std::string& path);

/// Does a device's modalias match one of the module's aliases?
bool matches_device(const ModuleFile& file, const std::string& modalias);

}  // namespace luctl
