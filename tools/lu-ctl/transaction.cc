// SPDX-License-Identifier: GPL-2.0-or-later
#include "transaction.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>

#include "members.h"

namespace luctl {
namespace {

/// Why the kernel's module loader said no.
std::string load_reason(int err) {
  switch (err) {
    case ENOEXEC:
      return "the kernel does not take it as a module for itself (format, version or CRC)";
    case EKEYREJECTED:
    case ENOKEY:
      return "its signature is missing or of no trusted key, and this kernel insists on one";
    case EPERM:
      return "not permitted (lockdown, or modules_disabled is set)";
    case ENOENT:
      return "it needs a symbol that the kernel does not have";
    case EEXIST:
      return "a module of that name is loaded and the kernel did not stage this one beside it";
    case EBUSY:
      return "a generation is staged or an update is under way already";
    case EOPNOTSUPP:
      return "liveupdate cannot stage it";
    case ENOMEM:
      return "out of memory";
    default:
      return std::strerror(err);
  }
}

/// ": why", by the mismatches where there are any, else by the step that failed.
std::string why(const Driver& d) {
  if (!d.last_mismatches.empty()) return fmt::format(": {}", fmt::join(d.last_mismatches, "; "));
  return d.last_reason.empty() ? "" : ": " + d.last_reason;
}

Error rolled_back(const std::string& name, const Driver& now) {
  return {Exit::kRolledBack,
          fmt::format("{} was rolled back, the old driver runs{}", name, why(now)),
          "lu-ctl status " + name, ECANCELED, nullptr};
}

Error failed(const std::string& name, const Driver& now) {
  return {Exit::kFailed,
          fmt::format("{} failed: neither the new nor the old driver runs; the shadow keeps "
                      "answering for it{}",
                      name, why(now)),
          fmt::format("dmesg | grep liveupdate; lu-ctl status {}", name), EIO, nullptr};
}

/// A library alone cannot be exchanged: it goes with those that link against it.
Error goes_with(const std::string& name, const std::string& trigger,
                const std::vector<std::string>& without) {
  return {Exit::kError,
          fmt::format("{}: {} not possible: nothing to {} for what links against it: {}", name,
                      trigger, trigger == "update" ? "switch to" : "go back to",
                      fmt::join(without, ", ")),
          trigger == "update" ? fmt::format("lu-ctl discard {0}; lu-ctl update {0} with files of "
                                            "all of them",
                                            name)
                              : fmt::format("unload them first, or lu-ctl commit {}", name),
          ENOENT, nullptr};
}

Error not_the_lead(const std::string& name, const std::string& lead, const std::string& trigger) {
  return {Exit::kError, fmt::format("{} goes with {}, which it links against", name, lead),
          fmt::format("lu-ctl {} {}", trigger, lead), EBUSY, nullptr};
}

Error nothing_there(Kernel& kernel, const std::string& name, const std::string& trigger) {
  std::string role = trigger == "update" ? "staged" : "kept";
  if (kernel.exists(driver_dir(name) + "/" + role)) {
    std::vector<std::string> without = members_without(kernel, name, role);
    if (!without.empty()) return goes_with(name, trigger, without);
  }
  if (trigger == "rollback" || trigger == "commit")
    return {Exit::kError,
            fmt::format("{}: no previous generation is kept, so there is nothing to {}", name,
                        trigger == "commit" ? "commit" : "roll back to"),
            "", ENOENT, nullptr};
  return {Exit::kError, name + ": nothing is staged",
          fmt::format("lu-ctl {} {} FILE.ko", trigger == "update" ? "update" : "stage", name),
          ENOENT, nullptr};
}

/// Loads one module. The kernel module refuses a load whose taps it could not bind for want of
/// probe instances, and then asks for another try.
Result<void> load(Kernel& kernel, const StageFile& file, const std::string& params) {
  constexpr int kTries = 5;
  for (int tries = 1;; tries++) {
    auto loaded = kernel.load_module(file.image, params);
    if (loaded || loaded.error().sys_errno != EAGAIN || tries == kTries) return loaded;
  }
}

}  // namespace

Exit exit_of_trigger(int sys_errno) {
  switch (sys_errno) {
    case 0:
      return Exit::kDone;
    case ECANCELED:
      return Exit::kRolledBack;
    case EIO:
      return Exit::kFailed;
    case EBUSY:
      return Exit::kBusy;
    case ETIME:
      return Exit::kRolledBack;  // the limit ran out; the old driver is left in charge
    default:
      return Exit::kError;
  }
}

void sort_by_dependency(std::vector<StageFile>& files) {
  std::vector<StageFile> sorted;
  while (!files.empty()) {
    // The next one is any that needs none of those still waiting; a circle ends in file order.
    auto needs_waiting = [&](const StageFile& file) {
      return std::any_of(files.begin(), files.end(), [&](const StageFile& other) {
        return &other != &file && std::find(file.depends.begin(), file.depends.end(), other.name) !=
                                      file.depends.end();
      });
    };
    auto next = std::find_if_not(files.begin(), files.end(), needs_waiting);
    if (next == files.end()) next = files.begin();
    sorted.push_back(std::move(*next));
    files.erase(next);
  }
  files = std::move(sorted);
}

Result<void> stage_files(Kernel& kernel, const std::string& name,
                         const std::vector<StageFile>& files, const std::string& params) {
  bool any = false;
  for (const StageFile& file : files) {
    // Parameters are those of the driver that was named, not of its libraries.
    auto loaded = load(kernel, file, file.name == name ? params : "");
    if (loaded) {
      any = true;
      continue;
    }
    Error error = loaded.error();
    if (error.sys_errno == EBUSY) error.exit = Exit::kBusy;
    error.message = fmt::format("cannot stage {}: {}", file.path, load_reason(error.sys_errno));
    error.remedy = "dmesg | tail";
    // Those that lead unload the others along.
    if (any)
      for (auto one = files.rbegin(); one != files.rend(); ++one)
        if (kernel.exists(driver_dir(one->name) + "/staged"))
          (void)kernel.write(driver_dir(one->name) + "/discard", "1");
    return error;
  }
  if (!kernel.exists(driver_dir(name) + "/staged"))
    return Error{Exit::kError,
                 fmt::format("{} was loaded, but is not staged for {}",
                             files.empty() ? "nothing" : files.back().path, name),
                 "dmesg | grep liveupdate", 0, nullptr};
  return {};
}

Result<void> pull(Kernel& kernel, const std::string& name, const std::string& trigger,
                  const Note& note) {
  auto written = kernel.trigger(driver_dir(name) + "/" + trigger, note);
  if (written) return {};

  Error error = written.error();
  auto now = read_driver(kernel, name);
  Driver driver = now ? *now : Driver{};
  switch (error.sys_errno) {
    case ECANCELED:
      return rolled_back(name, driver);
    case EIO:
      return failed(name, driver);
    case EBUSY:
      if (std::string lead = lead_of(kernel, name); lead != name)
        return not_the_lead(name, lead, trigger);
      return Error{
          Exit::kBusy,
          fmt::format("{} is busy: another update is in flight, or its module is in use", name),
          "lu-ctl status " + name, EBUSY, nullptr};
    case ENOENT:
      return nothing_there(kernel, name, trigger);
    case ETIME: {
      Error late = driver.state == "failed" ? failed(name, driver) : rolled_back(name, driver);
      late.message = "time limit: " + late.message;
      late.sys_errno = ETIME;
      return late;
    }
    case EINVAL:
      error.message = fmt::format("{}: {} is not possible in state {}", name, trigger,
                                  driver.state.empty() ? "unknown" : driver.state);
      break;
    case EOPNOTSUPP:
      error.message = fmt::format("{}: method {} is not available yet", name, driver.method);
      error.remedy = "--method=reinit";
      break;
    default:
      error.message = fmt::format("{}: {}: {}", name, trigger, error.message);
  }
  error.exit = exit_of_trigger(error.sys_errno);
  return error;
}

Value read_timeline(Kernel& kernel, const std::string& name) {
  auto text = kernel.read(fmt::format("{}/{}/timeline", kDebugfs, name));
  return text ? parse_records(*text) : Value::array();
}

Value newer_events(const Value& timeline, const Value& before) {
  auto time = [](const Value& record) {
    auto t = record.find("t_us");
    return t != record.end() && t->is_number() ? t->get<double>() : 0.0;
  };
  double last = before.empty() ? -1 : time(before.back());
  Value records = Value::array();
  for (const Value& record : timeline)
    if (time(record) > last) records.push_back(record);
  return records;
}

Value transaction_record(Kernel& kernel, const Driver& after, const std::optional<Generation>& from,
                         const std::optional<Generation>& to) {
  Value record = {{"driver", after.name}, {"state", after.state}};
  record["generation"] = number_or_text(after.generation);
  record["from"] = from ? to_value(*from) : Value(nullptr);
  record["to"] = to ? to_value(*to) : Value(nullptr);
  Value last = read_last(kernel, after.name);
  if (last.is_object()) record.update(last);
  return record;
}

Result<Lock> lock_driver(Kernel& kernel, const std::string& name) {
  auto lock = kernel.lock(driver_dir(name));
  if (lock || lock.error().exit != Exit::kBusy) return lock;
  Error error = lock.error();
  error.message = fmt::format("{} is busy: another lu-ctl is working on it", name);
  error.remedy = "lu-ctl status " + name;
  return error;
}

}  // namespace luctl
