// SPDX-License-Identifier: GPL-2.0-or-later
// check: what would happen, before anything is touched.
#include <fmt/format.h>

#include "check.h"
#include "command.h"
#include "driver.h"

namespace luctl {
namespace {

/// Why the driver cannot be updated just now, whatever the file: not managed, or nothing loaded.
std::optional<Error> not_managed(Kernel& kernel, const std::string& word) {
  if (!kernel.is_directory(kSysfs))
    return Error{Exit::kError, "the liveupdate module is not loaded",
                 "modprobe -a liveupdate shadow_net", 0, nullptr};
  auto name = require_driver(kernel, word);
  if (name) return std::nullopt;
  return name.error();
}

}  // namespace

Result<Value> cmd_check(Kernel& kernel, const Args& args) {
  std::string name = plain_name(args.words[0]);
  std::optional<Error> unmanaged = not_managed(kernel, args.words[0]);
  // A name that means nothing here cannot be checked against.
  bool known = kernel.exists("/sys/module/" + name) || kernel.module_file(name);
  if (unmanaged && unmanaged->exit == Exit::kNoDriver && !known) return *unmanaged;

  Depth depth = args.has("--imports") ? Depth::kEveryImport : Depth::kFull;
  CheckReport report = check_files(kernel, name, {args.words.begin() + 1, args.words.end()}, depth);
  for (const std::string& warning : report.warnings) args.note(warning);
  if (!report.fits()) return check_error(name, report);

  Value value = to_value(name, report);
  if (unmanaged) {
    unmanaged->details = std::move(value);
    unmanaged->message = "the files fit, but " + unmanaged->message;
    return *unmanaged;
  }
  value["summary"] = fmt::format("{}: fits, an update can be tried", name);
  return value;
}

}  // namespace luctl
