// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// Modules that link against each other, and so are replaced together.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "check.h"
#include "kernel.h"

namespace luctl {

/// Plain names of the running modules that link against @p module, directly or not.
std::set<std::string> dependants(Kernel& kernel, const std::string& module);

/// The driver whose directory has the triggers for @p name: itself, or a library it goes with.
std::string lead_of(Kernel& kernel, const std::string& name);

/// Has each running module that links against one of the files a file too, and is @p name the
/// library of them all?
void check_members(Kernel& kernel, const std::string& name, CheckReport& report);

/// Running modules that link against @p name and have no generation in @p role.
std::vector<std::string> members_without(Kernel& kernel, const std::string& name,
                                         const std::string& role);

}  // namespace luctl
