// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// The questions the pre-flight check asks of one file. Each adds to the report's problems and
/// warnings; some return what they found as data.
#pragma once

#include <optional>
#include <string>

#include "check.h"

namespace luctl {

/// What there is to compare with: the installed file of the same module for the running kernel and
/// any file that certainly belongs to the running kernel.
struct Reference {
  std::optional<ModuleFile> installed;  ///< of the same module
  std::optional<ModuleFile> kernels;    ///< of this kernel: the above or liveupdate's own file
};

/// The name the running generation's module has just now.
std::string running_module(Kernel& kernel, const std::string& name);

Reference find_reference(Kernel& kernel, const std::string& module);

/// Was it built for the running kernel?
void check_vermagic(Kernel& kernel, const Reference& reference, const ModuleFile& file,
                    CheckReport& report);

/// Is it signed, where this kernel insists?
void check_signature(Kernel& kernel, const ModuleFile& file, CheckReport& report);

/// Does the kernel have what it imports, in the same version?
Value check_symbols(Kernel& kernel, const Reference& reference, const ModuleFile& file,
                    CheckReport& report);

/// Does it know the devices that the running driver serves and could serve?
Value check_devices(Kernel& kernel, const Reference& reference, const ModuleFile& file,
                    CheckReport& report);

/// What survives an update, what is recreated, what nobody knows.
Value check_imports(Kernel& kernel, const std::string& name, const ModuleFile& file, Depth depth,
                    CheckReport& report);

}  // namespace luctl
