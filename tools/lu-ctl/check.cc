// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "check_parts.h"
#include "members.h"

namespace luctl {
namespace {

/// Says which of the set's modules a file is, if any.
void check_identity(Kernel& kernel, const std::string& name, const ModuleFile& file,
                    CheckReport& report) {
  if (file.name == name) return;
  // A set: libraries that NAME links against, and modules that link against NAME.
  if (dependants(kernel, file.name).contains(name) || dependants(kernel, name).contains(file.name))
    return;
  report.problems.push_back({file.path, "other-driver",
                             fmt::format("is the driver {}, not {}", file.name, name),
                             fmt::format("lu-ctl update {} {}", file.name, file.path)});
}

/// Names two files of one module: which one is meant cannot be guessed.
void check_duplicates(CheckReport& report) {
  for (size_t i = 0; i < report.files.size(); i++)
    for (size_t j = 0; j < i; j++)
      if (report.files[i].name == report.files[j].name)
        report.problems.push_back(
            {report.files[i].path, "twice",
             fmt::format("is {} again, as {} is", report.files[i].name, report.files[j].path),
             "give one file for each module"});
}

Value file_identity(const ModuleFile& file) {
  return {{"file", file.path},         {"name", file.name},
          {"version", file.version},   {"srcversion", file.srcversion},
          {"build_id", file.build_id}, {"vermagic", file.vermagic},
          {"signed", file.is_signed}};
}

}  // namespace

std::string running_module(Kernel& kernel, const std::string& name) {
  std::string module = read_line(kernel, driver_dir(name) + "/running/module");
  return module.empty() ? name : module;
}

CheckReport check_files(Kernel& kernel, const std::string& name,
                        const std::vector<std::string>& paths, Depth depth) {
  CheckReport report;
  report.details = Value::array();
  for (const std::string& path : paths) {
    auto file = read_module(kernel, path);
    if (file)
      report.files.push_back(std::move(*file));
    else
      report.problems.push_back({path, "not-a-module", file.error().message, file.error().remedy});
  }
  for (const ModuleFile& file : report.files) {
    Reference reference = find_reference(kernel, file.name);
    Value details = file_identity(file);
    check_identity(kernel, name, file, report);
    check_vermagic(kernel, reference, file, report);
    if (depth != Depth::kBelongs) {
      check_signature(kernel, file, report);
      details["kernel"] = check_symbols(kernel, reference, file, report);
      details["devices"] = check_devices(kernel, reference, file, report);
      details["imports"] = check_imports(kernel, name, file, depth, report);
    }
    report.details.push_back(std::move(details));
  }
  check_members(kernel, name, report);
  check_duplicates(report);
  return report;
}

Value to_value(const std::string& name, const CheckReport& report) {
  Value problems = Value::array();
  for (const Problem& problem : report.problems) {
    Value one = {{"file", problem.file}, {"kind", problem.kind}, {"message", problem.message}};
    if (!problem.remedy.empty()) one["remedy"] = problem.remedy;
    problems.push_back(std::move(one));
  }
  return {{"driver", name},
          {"fits", report.fits()},
          {"files", report.details},
          {"problems", std::move(problems)},
          {"warnings", report.warnings}};
}

Error check_error(const std::string& name, const CheckReport& report) {
  const Problem& first = report.problems.front();
  // What could not be read names its file itself.
  std::string where = first.message.starts_with(first.file) ? "" : first.file + " ";
  std::string more =
      report.problems.size() > 1 ? fmt::format(" (and {} more)", report.problems.size() - 1) : "";
  return {Exit::kError, where + first.message + more, first.remedy, 0, to_value(name, report)};
}

std::vector<StageFile> to_stage(CheckReport&& report) {
  std::vector<StageFile> files;
  for (ModuleFile& file : report.files)
    files.push_back({file.path, file.name, file.depends, std::move(file.image)});
  sort_by_dependency(files);
  return files;
}

}  // namespace luctl
