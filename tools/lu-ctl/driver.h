// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// A managed driver set as sysfs shows it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernel.h"

namespace luctl {

/// One loaded version of a driver.
struct Generation {
  std::string module, version, srcversion, build_id;
};

/// /sys/kernel/liveupdate/drivers/NAME.
struct Driver {
  std::string name, lead, klass, state, policy, method, release, timeout_ms, generation;
  std::string log_entries, log_bytes, objects;
  std::optional<Generation> running, staged, kept;
  std::string last_result, last_errno, last_blackout_us, last_reason;
  std::vector<std::string> last_mismatches;
};

/// The directory of one driver in sysfs.
std::string driver_dir(const std::string& name);

/// A module's name as the kernel has it: '-' and '_' are the same to modprobe, '_' to the kernel.
/// What stands in brackets (a range in a glob) is left alone.
std::string plain_name(std::string_view name);

/// Names of the managed sets that are loaded.
std::vector<std::string> driver_names(Kernel& kernel);

/// The patterns that were given to `manage`.
std::vector<std::string> managed_patterns(Kernel& kernel);

/// The plain name of a managed and loaded driver, or why it is not one (Exit::kNoDriver).
Result<std::string> require_driver(Kernel& kernel, std::string_view name);

/// Reads all there is about a driver.
Result<Driver> read_driver(Kernel& kernel, const std::string& name);

/// The record of the last transaction, last/, as data: null when there was none.
Value read_last(Kernel& kernel, const std::string& name);

/// A driver, or a generation, as data.
Value to_value(const Driver& driver);
Value to_value(const Generation& generation);

/// "7.3.21-k8-NAPI", or the source version, or the build id: the best there is to tell versions
/// apart by.
std::string label(const std::optional<Generation>& generation);

/// A file of one line without the line's end; empty when it cannot be read.
std::string read_line(Kernel& kernel, const std::string& path);

/// The lines of a text, without empty ones.
std::vector<std::string> lines_of(std::string_view text);

/// The fields of a line between separators.
std::vector<std::string> split(std::string_view line, char separator);

/// A text file of tab-separated records below a "# column column ..." line, as list of objects.
Value parse_records(std::string_view text);

/// @p text as number when it is one, else as it is.
Value number_or_text(const std::string& text);

}  // namespace luctl
