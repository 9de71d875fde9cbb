// SPDX-License-Identifier: GPL-2.0-or-later
// Verbs that change which generation runs: stage, update, rollback, commit, discard.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "check.h"
#include "command.h"
#include "driver.h"
#include "transaction.h"

namespace luctl {
namespace {

/// The words after the driver's name: files, and parameters for the module.
struct Words {
  std::vector<std::string> files;
  std::string params;
};

/// "debug=16" is a parameter; a path with '=' in it needs a '/' before that.
bool is_parameter(const std::string& word) {
  size_t equals = word.find('='), slash = word.find('/');
  return equals != std::string::npos && equals > 0 &&
         (slash == std::string::npos || slash > equals);
}

Words sort_words(const Args& args) {
  Words words;
  for (size_t i = 1; i < args.words.size(); i++) {
    if (is_parameter(args.words[i]))
      words.params += (words.params.empty() ? "" : " ") + args.words[i];
    else
      words.files.push_back(args.words[i]);
  }
  return words;
}

/// A driver's settings for the time of one update: put back when it is over.
class Settings {
 public:
  Settings(Kernel& kernel, std::string name) : kernel_(kernel), name_(std::move(name)) {}
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;
  ~Settings() {
    for (const auto& [path, old] : saved_) (void)kernel_.write(path, old);
  }

  Result<void> set(const std::string& file, const std::string& value) {
    std::string path = driver_dir(name_) + "/" + file;
    std::string old = read_line(kernel_, path);
    if (old == value) return {};
    auto written = kernel_.write(path, value);
    if (!written) {
      Error error = written.error();
      if (error.sys_errno == EOPNOTSUPP)
        error.message = fmt::format("{} {} is not available yet", file, value);
      else
        error.message = fmt::format("{}: cannot set {} to {}: {}", name_, file, value,
                                    std::strerror(error.sys_errno));
      if (error.sys_errno == EBUSY) error.exit = Exit::kBusy;
      if (file == "method") error.remedy = "--method=reinit";
      return error;
    }
    saved_.emplace_back(path, old);
    return {};
  }

 private:
  Kernel& kernel_;
  std::string name_;
  std::vector<std::pair<std::string, std::string>> saved_;
};

/// The options of update that become settings of the driver, with the values they may take.
struct SettingOption {
  const char* option;
  const char* file;
  std::array<const char*, 3> values;  ///< all null: a number
};
constexpr SettingOption kSettings[] = {
    {"--method", "method", {"auto", "inherit", "reinit"}},
    {"--policy", "policy", {"rollback", "force", nullptr}},
    {"--timeout", "timeout_ms", {nullptr, nullptr, nullptr}},
};

Result<void> check_setting(const SettingOption& option, const std::string& value) {
  bool number = option.values[0] == nullptr;
  std::string allowed;
  for (const char* one : option.values) {
    if (!one) continue;
    if (value == one) return {};
    allowed += (allowed.empty() ? "" : "|") + std::string(one);
  }
  if (number && !value.empty() && value.size() <= 9 &&
      std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return {};
  return Error{Exit::kError,
               fmt::format("{}={}: {}", option.option, value,
                           number ? "a number of milliseconds is wanted" : "one of " + allowed),
               "", 0, nullptr};
}

Result<void> apply_settings(Settings& settings, const Args& args) {
  for (const SettingOption& option : kSettings) {
    if (!args.has(option.option)) continue;
    std::string value = args.get(option.option);
    if (auto good = check_setting(option, value); !good) return good;
    if (value == "inherit")
      return Error{Exit::kError, "method inherit is not available yet", "--method=reinit",
                   EOPNOTSUPP, nullptr};
    if (auto set = settings.set(option.file, value); !set) return set;
  }
  return {};
}

/// Checks the files and loads them as the staged generation.
Result<void> check_and_stage(Kernel& kernel, const Args& args, const std::string& name,
                             const Words& words, Depth depth) {
  if (auto now = read_driver(kernel, name); now && now->staged)
    return Error{Exit::kBusy,
                 fmt::format("{} has a staged driver already ({})", name, label(now->staged)),
                 fmt::format("lu-ctl update {0} to switch to it, or lu-ctl discard {0}", name),
                 EBUSY, nullptr};
  CheckReport report = check_files(kernel, name, words.files, depth);
  if (!report.fits()) return check_error(name, report);
  for (const std::string& warning : report.warnings) args.note(warning);
  return stage_files(kernel, name, to_stage(std::move(report)), words.params);
}

double milliseconds(const std::string& us) {
  Value number = number_or_text(us);
  return number.is_number() ? number.get<double>() / 1000 : 0;
}

/// A transaction as seen from outside: what there was before it, what was to come in.
struct Attempt {
  Driver before;
  std::optional<Generation> to;
  Value timeline;
  bool staged_here = false;  ///< by the command that makes the attempt
};

/// What the old driver left behind, out of a timeline.
std::vector<std::string> released_objects(const Value& timeline) {
  constexpr std::string_view kMark = "released on behalf: ";
  std::vector<std::string> released;
  for (const Value& record : timeline) {
    std::string event = record.value("event", "");
    if (event.starts_with(kMark)) released.push_back(event.substr(kMark.size()));
  }
  return released;
}

/// The record of an attempt; with --verbose also what happened when.
Value attempt_record(Kernel& kernel, const Args& args, const Attempt& attempt,
                     const Driver& after) {
  Value record = transaction_record(kernel, after, attempt.before.running, attempt.to);
  Value timeline = newer_events(read_timeline(kernel, after.name), attempt.timeline);
  record["released_objects"] = released_objects(timeline);
  if (args.has("--verbose")) record["timeline"] = std::move(timeline);
  return record;
}

Value success(Kernel& kernel, const Args& args, const Attempt& attempt, const Driver& after,
              const char* verb) {
  Value record = {{"summary", fmt::format("{}: {} from {} to {}, away {:.1f} ms", after.name, verb,
                                          label(attempt.before.running), label(attempt.to),
                                          milliseconds(after.last_blackout_us))}};
  record.update(attempt_record(kernel, args, attempt, after));
  record["kept"] = after.kept.has_value();
  return record;
}

/// Unloads what an update left staged, unless it is wanted.
bool discard_staged(Kernel& kernel, const Args& args, const Driver& after) {
  if (args.has("--keep-staged")) {
    args.note(fmt::format("{} stays staged (--keep-staged)", label(after.staged)));
    return false;
  }
  if (!kernel.write(driver_dir(after.name) + "/discard", "1")) {
    args.note("the staged driver could not be discarded: lu-ctl discard " + after.name);
    return false;
  }
  args.note(fmt::format("the staged driver ({}) was discarded", label(after.staged)));
  return true;
}

/// Adds the record to a transaction's Error and tidies up. A refusal comes before the transaction
/// begins: then the record in sysfs is that of an earlier one, and only what this very command
/// staged is taken back. In state failed everything is left for the operator.
Error explain_failure(Kernel& kernel, const Args& args, Error error, const Attempt& attempt) {
  auto after = read_driver(kernel, attempt.before.name);
  if (!after) return error;
  bool ran = error.exit == Exit::kRolledBack || error.exit == Exit::kFailed;
  Value record = ran ? attempt_record(kernel, args, attempt, *after) : Value(nullptr);
  bool ours = error.exit == Exit::kRolledBack || (!ran && attempt.staged_here);
  if (ours && after->staged && after->state != "failed") {
    bool discarded = discard_staged(kernel, args, *after);
    if (ran) {
      record["discarded"] = discarded;
      record["state"] = read_line(kernel, driver_dir(after->name) + "/state");
    }
  }
  error.details = std::move(record);
  return error;
}

Result<Value> run_update(Kernel& kernel, const Args& args, const std::string& name,
                         bool staged_here) {
  auto before = read_driver(kernel, name);
  if (!before) return before.error();
  Attempt attempt{*before, before->staged, read_timeline(kernel, name), staged_here};
  if (auto pulled = pull(kernel, name, "update", args.note); !pulled)
    return explain_failure(kernel, args, pulled.error(), attempt);

  auto after = read_driver(kernel, name);
  if (!after) return after.error();
  Value record = success(kernel, args, attempt, *after, "updated");
  if (args.has("--commit")) {
    if (auto committed = pull(kernel, name, "commit", args.note); !committed) {
      Error error = committed.error();
      error.message = "updated, but not committed: " + error.message;
      error.details = std::move(record);
      return error;
    }
    record["kept"] = false;
  } else if (after->kept) {
    args.note(fmt::format("the previous driver is kept: lu-ctl commit {0}, or lu-ctl rollback {0}",
                          name));
  }
  return record;
}

/// A verb that is one trigger and a sentence.
Result<Value> simple_trigger(Kernel& kernel, const Args& args, const char* trigger,
                             const char* sentence) {
  auto name = require_driver(kernel, args.words[0]);
  if (!name) return name.error();
  auto lock = lock_driver(kernel, *name);
  if (!lock) return lock.error();
  if (auto pulled = pull(kernel, *name, trigger, args.note); !pulled) return pulled.error();
  auto driver = read_driver(kernel, *name);
  if (!driver) return driver.error();
  Value value = {{"summary", fmt::format("{}: {}", *name, sentence)}};
  value.update(to_value(*driver));
  return value;
}

}  // namespace

Result<Value> cmd_stage(Kernel& kernel, const Args& args) {
  auto name = require_driver(kernel, args.words[0]);
  if (!name) return name.error();
  Words words = sort_words(args);
  if (words.files.empty())
    return Error{Exit::kError, "stage: no file given",
                 fmt::format("lu-ctl stage {} FILE.ko", *name), 0, nullptr};
  auto lock = lock_driver(kernel, *name);
  if (!lock) return lock.error();
  if (auto staged = check_and_stage(kernel, args, *name, words, Depth::kBelongs); !staged)
    return staged.error();
  auto driver = read_driver(kernel, *name);
  if (!driver) return driver.error();
  Value value = {{"summary", fmt::format("{}: {} is staged beside {}", *name, label(driver->staged),
                                         label(driver->running))}};
  value.update(to_value(*driver));
  return value;
}

Result<Value> cmd_update(Kernel& kernel, const Args& args) {
  auto name = require_driver(kernel, args.words[0]);
  if (!name) return name.error();
  auto lock = lock_driver(kernel, *name);
  if (!lock) return lock.error();
  Settings settings(kernel, *name);
  if (auto applied = apply_settings(settings, args); !applied) return applied.error();
  Words words = sort_words(args);
  if (!words.params.empty() && words.files.empty())
    return Error{Exit::kError, "update: parameters belong to a file, and none was given",
                 fmt::format("lu-ctl update {} FILE.ko {}", *name, words.params), 0, nullptr};
  if (!words.files.empty()) {
    Depth depth = args.has("--no-check") ? Depth::kBelongs : Depth::kFull;
    if (auto staged = check_and_stage(kernel, args, *name, words, depth); !staged)
      return staged.error();
  }
  return run_update(kernel, args, *name, !words.files.empty());
}

Result<Value> cmd_rollback(Kernel& kernel, const Args& args) {
  auto name = require_driver(kernel, args.words[0]);
  if (!name) return name.error();
  auto lock = lock_driver(kernel, *name);
  if (!lock) return lock.error();
  auto before = read_driver(kernel, *name);
  if (!before) return before.error();
  Attempt attempt{*before, before->kept, read_timeline(kernel, *name), false};
  if (auto pulled = pull(kernel, *name, "rollback", args.note); !pulled)
    return explain_failure(kernel, args, pulled.error(), attempt);
  auto after = read_driver(kernel, *name);
  if (!after) return after.error();
  return success(kernel, args, attempt, *after, "went back");
}

Result<Value> cmd_commit(Kernel& kernel, const Args& args) {
  return simple_trigger(kernel, args, "commit", "committed, the previous driver is unloaded");
}

Result<Value> cmd_discard(Kernel& kernel, const Args& args) {
  return simple_trigger(kernel, args, "discard", "the staged driver is unloaded");
}

}  // namespace luctl
