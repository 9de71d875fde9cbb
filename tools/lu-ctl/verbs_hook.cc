// SPDX-License-Identifier: GPL-2.0-or-later
// hook: what the distribution's package and kernel hooks call when module files have changed.
#include <fmt/format.h>

#include <algorithm>

#include "check.h"
#include "command.h"
#include "driver.h"
#include "suggest.h"

namespace luctl {
namespace {

constexpr const char* kConfigFile = "/etc/liveupdate.conf";
constexpr int kMaxDepth = 16;  ///< of folders below a path that was given

/// What the machine's owner allows.
struct Config {
  bool auto_update = false;  ///< otherwise only report
  bool commit = false;       ///< unload the previous driver after an update
};

/// Reads "key = yes|no" lines; '#' begins a comment. No file means the defaults.
Result<Config> read_config(Kernel& kernel, const std::string& path, bool must_exist) {
  Config config;
  if (!must_exist && !kernel.exists(path)) return config;
  auto text = kernel.read(path);
  if (!text) return text.error();
  for (std::string line : lines_of(*text)) {
    line = line.substr(0, line.find('#'));
    std::erase_if(line, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
    if (line.empty()) continue;
    size_t equals = line.find('=');
    std::string key = line.substr(0, equals);
    std::string value = equals == std::string::npos ? "" : line.substr(equals + 1);
    bool* setting = key == "auto_update" ? &config.auto_update
                    : key == "commit"    ? &config.commit
                                         : nullptr;
    if (!setting)
      return Error{Exit::kError,
                   fmt::format("{}: no setting {}{}", path, key,
                               did_you_mean(key, {"auto_update", "commit"})),
                   "", 0, nullptr};
    if (value != "yes" && value != "no")
      return Error{Exit::kError, fmt::format("{}: {} is yes or no", path, key), "", 0, nullptr};
    *setting = value == "yes";
  }
  return config;
}

/// The module a file's name promises: "virtio-net.ko.xz" -> "virtio_net"; "" when it is none.
std::string module_of_path(const std::string& path) {
  std::string base = path.substr(path.rfind('/') + 1);
  size_t end = base.find(".ko");
  if (end == std::string::npos) return "";
  std::string suffix = base.substr(end);
  bool module = suffix == ".ko" || suffix == ".ko.xz" || suffix == ".ko.gz" || suffix == ".ko.zst";
  return module ? plain_name(base.substr(0, end)) : "";
}

/// All files of managed drivers at or below a path.
void find_files(Kernel& kernel, const std::string& path, const std::vector<std::string>& managed,
                std::vector<std::string>& found, int depth = 0) {
  if (!kernel.is_directory(path)) {
    if (std::find(managed.begin(), managed.end(), module_of_path(path)) != managed.end())
      found.push_back(path);
    return;
  }
  if (depth == kMaxDepth) return;
  for (const std::string& name : kernel.list(path))
    find_files(kernel, path + "/" + name, managed, found, depth + 1);
}

/// The same binary as the one that runs?
bool is_running(const Driver& driver, const ModuleFile& file) {
  if (!driver.running) return false;
  if (!driver.running->build_id.empty() && !file.build_id.empty())
    return driver.running->build_id == file.build_id;
  return !file.srcversion.empty() && driver.running->srcversion == file.srcversion;
}

/// What became of one file.
struct Outcome {
  std::string action;  ///< current, skipped, unfit, would-update, updated, rolled-back, failed, ...
  std::string reason;
  Exit exit = Exit::kDone;
};

Outcome update_from(Kernel& kernel, const Args& args, const Config& config, const std::string& name,
                    const std::string& path) {
  Args update;
  update.words = {name, path};
  update.note = args.note;
  if (config.commit) update.options["--commit"] = "";
  auto result = cmd_update(kernel, update);
  if (result) return {"updated", (*result)["summary"], Exit::kDone};
  const Error& error = result.error();
  const char* action = error.exit == Exit::kRolledBack ? "rolled-back"
                       : error.exit == Exit::kFailed   ? "failed"
                       : error.exit == Exit::kBusy     ? "busy"
                                                       : "error";
  return {action, error.message, error.exit};
}

Outcome handle_file(Kernel& kernel, const Args& args, const Config& config,
                    const std::string& path) {
  std::string name = module_of_path(path);
  auto driver = read_driver(kernel, name);
  if (!driver) return {"skipped", "no longer loaded", Exit::kDone};
  auto file = read_module(kernel, path);
  if (!file) return {"error", file.error().message, Exit::kError};
  // A package holds modules for the next kernel as well: nothing is wrong with those.
  if (file->release() != kernel.release())
    return {"skipped", "for kernel " + file->release(), Exit::kDone};
  if (is_running(*driver, *file)) return {"current", "runs already", Exit::kDone};
  CheckReport report = check_files(kernel, name, {path}, Depth::kFull);
  if (!report.fits()) return {"unfit", check_error(name, report).message, Exit::kDone};
  if (!config.auto_update)
    return {"would-update", "auto_update is off: lu-ctl update " + name + " " + path, Exit::kDone};
  return update_from(kernel, args, config, name, path);
}

/// Which of two exit codes to return: a machine without its driver before all else.
Exit worse(Exit a, Exit b) {
  constexpr Exit kOrder[] = {Exit::kDone, Exit::kError,      Exit::kNoDriver,
                             Exit::kBusy, Exit::kRolledBack, Exit::kFailed};
  auto rank = [&](Exit e) { return std::find(std::begin(kOrder), std::end(kOrder), e); };
  return rank(a) < rank(b) ? b : a;
}

}  // namespace

Result<Value> cmd_hook(Kernel& kernel, const Args& args) {
  if (args.words[0] != "modules")
    return Error{
        Exit::kError,
        fmt::format("no hook {}{}", args.words[0], did_you_mean(args.words[0], {"modules"})),
        "lu-ctl hook modules PATH...", 0, nullptr};
  auto config = read_config(kernel, args.get("--config", kConfigFile), args.has("--config"));
  if (!config) return config.error();
  if (args.has("--dry-run")) config->auto_update = false;

  // A machine without managed drivers is no reason for a package's installation to fail.
  std::vector<std::string> managed = driver_names(kernel);
  std::vector<std::string> files;
  for (size_t i = 1; i < args.words.size(); i++) {
    if (!kernel.exists(args.words[i]))
      args.note(args.words[i] + ": does not exist, skipped");
    else
      find_files(kernel, args.words[i], managed, files);
  }

  Value list = Value::array();
  Exit exit = Exit::kDone;
  for (const std::string& path : files) {
    Outcome outcome = handle_file(kernel, args, *config, path);
    exit = worse(exit, outcome.exit);
    list.push_back({{"driver", module_of_path(path)},
                    {"file", path},
                    {"action", outcome.action},
                    {"reason", outcome.reason}});
  }
  Value value = {{"auto_update", config->auto_update}, {"files", std::move(list)}};
  if (exit == Exit::kDone) return value;
  return Error{exit, "not every driver could be updated", "lu-ctl status", 0, std::move(value)};
}

}  // namespace luctl
