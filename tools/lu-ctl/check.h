// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// The pre-flight check: does a file fit the running kernel and the running driver?
#pragma once

#include <string>
#include <vector>

#include "driver.h"
#include "module_file.h"
#include "transaction.h"

namespace luctl {

/// Something that keeps an update from being tried, and what to do about it.
struct Problem {
  std::string file;
  std::string
      kind;  ///< for programs: not-a-module, other-driver, other-kernel, symbols, unsigned, ...
  std::string message, remedy;
};

/// What the check found.
struct CheckReport {
  std::vector<ModuleFile> files;
  std::vector<Problem> problems;
  std::vector<std::string> warnings;
  Value details;  ///< per file: identity, kernel, signature, devices, imports

  bool fits() const { return problems.empty(); }
};

/// How far to look.
enum class Depth {
  kBelongs,      ///< is it a module for this kernel, and of this driver
  kFull,         ///< also symbols, signature, device ids, imports
  kEveryImport,  ///< the same, with each import listed
};

/// Checks files against driver @p name, which need not be managed. Nothing is touched.
CheckReport check_files(Kernel& kernel, const std::string& name,
                        const std::vector<std::string>& paths, Depth depth);

/// The report as data.
Value to_value(const std::string& name, const CheckReport& report);

/// An Error that carries the report and names its first problem.
Error check_error(const std::string& name, const CheckReport& report);

/// The checked files, ready to be staged, libraries first.
std::vector<StageFile> to_stage(CheckReport&& report);

}  // namespace luctl
