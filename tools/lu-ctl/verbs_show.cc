// SPDX-License-Identifier: GPL-2.0-or-later
// Verbs that only look: list, status, log, objects, imports.
#include <fmt/format.h>

#include "command.h"
#include "driver.h"

namespace luctl {
namespace {

Value list_row(const Driver& d) {
  return {{"name", d.name},
          {"class", d.klass},
          {"state", d.state},
          {"generation", number_or_text(d.generation)},
          {"running", d.running ? Value(label(d.running)) : Value(nullptr)},
          {"staged", d.staged ? Value(label(d.staged)) : Value(nullptr)},
          {"kept", d.kept ? Value(label(d.kept)) : Value(nullptr)}};
}

Value full(Kernel& kernel, const Driver& driver) {
  Value value = to_value(driver);
  value["last"] = read_last(kernel, driver.name);
  return value;
}

/// The records of one file in debugfs.
Result<Value> show_records(Kernel& kernel, const Args& args, const char* file) {
  auto name = require_driver(kernel, args.words[0]);
  if (!name) return name.error();
  auto text = kernel.read(fmt::format("{}/{}/{}", kDebugfs, *name, file));
  if (!text) {
    Error error = text.error();
    if (!kernel.exists(kDebugfs)) error.remedy = "mount -t debugfs none /sys/kernel/debug";
    return error;
  }
  Value records = parse_records(*text);
  if (records.empty()) args.note(fmt::format("{}: nothing in {}", *name, file));
  return Value{{"driver", *name}, {"records", std::move(records)}};
}

}  // namespace

Result<Value> cmd_list(Kernel& kernel, const Args& args) {
  Value drivers = Value::array();
  for (const std::string& name : driver_names(kernel)) {
    // A driver that goes away while we read is not listed, and that is no error.
    if (auto driver = read_driver(kernel, name)) drivers.push_back(list_row(*driver));
  }
  if (drivers.empty()) args.note("no managed driver is loaded");
  return Value{{"drivers", std::move(drivers)}, {"patterns", managed_patterns(kernel)}};
}

Result<Value> cmd_status(Kernel& kernel, const Args& args) {
  Value drivers = Value::array();
  if (args.words.empty()) {
    for (const std::string& name : driver_names(kernel))
      if (auto driver = read_driver(kernel, name)) drivers.push_back(full(kernel, *driver));
    if (drivers.empty()) args.note("no managed driver is loaded");
    return Value{{"drivers", std::move(drivers)}};
  }
  auto name = require_driver(kernel, args.words[0]);
  if (!name) return name.error();
  auto driver = read_driver(kernel, *name);
  if (!driver) return driver.error();
  return full(kernel, *driver);
}

Result<Value> cmd_log(Kernel& kernel, const Args& args) {
  return show_records(kernel, args, "log");
}

Result<Value> cmd_objects(Kernel& kernel, const Args& args) {
  return show_records(kernel, args, "objects");
}

Result<Value> cmd_imports(Kernel& kernel, const Args& args) {
  return show_records(kernel, args, "imports");
}

}  // namespace luctl
