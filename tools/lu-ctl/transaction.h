// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// Staging modules and pulling the kernel's triggers.
#pragma once

#include <string>
#include <vector>

#include "driver.h"
#include "kernel.h"

namespace luctl {

/// A module file in memory, ready to be staged.
struct StageFile {
  std::string path;
  std::string name;                  ///< the module's own name
  std::vector<std::string> depends;  ///< names of modules it links against
  std::string image;                 ///< decompressed
};

/// The exit code for an errno from one of the triggers.
Exit exit_of_trigger(int sys_errno);

/// Puts libraries before the modules that link against them.
void sort_by_dependency(std::vector<StageFile>& files);

/// Loads all files as staged generation of driver @p name; on failure none stays staged.
Result<void> stage_files(Kernel& kernel, const std::string& name,
                         const std::vector<StageFile>& files, const std::string& params);

/// Writes 1 to a trigger of a driver and explains a refusal.
Result<void> pull(Kernel& kernel, const std::string& name, const std::string& trigger,
                  const Note& note);

/// What debugfs has of a driver's timeline: a list of records, empty without debugfs.
Value read_timeline(Kernel& kernel, const std::string& name);

/// The records of a timeline that came after @p before was read.
Value newer_events(const Value& timeline, const Value& before);

/// The record of a driver's last transaction, which was to replace @p from by @p to.
Value transaction_record(Kernel& kernel, const Driver& after, const std::optional<Generation>& from,
                         const std::optional<Generation>& to);

/// One driver at a time: the lock that keeps two lu-ctl from staging into each other's update.
Result<Lock> lock_driver(Kernel& kernel, const std::string& name);

}  // namespace luctl
