// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// The table of verbs: one row each, with its options and the set-up it needs.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel.h"
#include "result.h"

namespace luctl {

/// What has to be there before a command's run() is called.
enum class Needs : unsigned {
  kNothing = 0,
  kRoot = 1,
  kModule = 2,  ///< /sys/kernel/liveupdate, that is: the liveupdate module is loaded
};
constexpr Needs operator|(Needs a, Needs b) {
  return static_cast<Needs>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool has(Needs set, Needs one) {
  return (static_cast<unsigned>(set) & static_cast<unsigned>(one)) != 0;
}

/// An option of a verb. A flag when @p value is empty.
struct Option {
  std::string_view name;   ///< with its dashes
  std::string_view value;  ///< what to call the argument in the help
  std::string_view help;
};

/// What the user asked for, and how to speak while at it.
struct Args {
  std::vector<std::string> words;              ///< the positional arguments
  std::map<std::string, std::string> options;  ///< flags map to ""

  Note note = [](const std::string&) {};  ///< diagnostics
  /// Shows a record of a stream; false when nobody reads any more.
  std::function<bool(const Value&)> emit = [](const Value&) { return true; };

  bool has(const std::string& option) const { return options.contains(option); }
  std::string get(const std::string& option, const std::string& otherwise = "") const {
    auto it = options.find(option);
    return it == options.end() ? otherwise : it->second;
  }
};

/// A verb. run() renders nothing: it returns what it found.
struct Command {
  std::string_view name;
  std::string_view args;     ///< usage of the positional arguments
  std::string_view summary;  ///< one line
  int min_words;
  int max_words;  ///< -1: no limit
  Needs needs;
  std::span<const Option> options;
  Result<Value> (*run)(Kernel& kernel, const Args& args);
};

/// All verbs, in the order the help lists them.
std::span<const Command> commands();

/// The verb of that name; nullptr when there is none.
const Command* find_command(std::string_view name);

/// Checks what the command needs and runs it.
Result<Value> run_command(const Command& command, Kernel& kernel, const Args& args);

// The verbs, by the file that holds them.
Result<Value> cmd_manage(Kernel&, const Args&);    // verbs_manage.cc
Result<Value> cmd_unmanage(Kernel&, const Args&);  //
Result<Value> cmd_list(Kernel&, const Args&);      // verbs_show.cc
Result<Value> cmd_status(Kernel&, const Args&);    //
Result<Value> cmd_log(Kernel&, const Args&);       //
Result<Value> cmd_objects(Kernel&, const Args&);   //
Result<Value> cmd_imports(Kernel&, const Args&);   //
Result<Value> cmd_check(Kernel&, const Args&);     // verbs_check.cc
Result<Value> cmd_stage(Kernel&, const Args&);     // verbs_update.cc
Result<Value> cmd_update(Kernel&, const Args&);    //
Result<Value> cmd_rollback(Kernel&, const Args&);  //
Result<Value> cmd_commit(Kernel&, const Args&);    //
Result<Value> cmd_discard(Kernel&, const Args&);   //
Result<Value> cmd_watch(Kernel&, const Args&);     // verbs_watch.cc
Result<Value> cmd_hook(Kernel&, const Args&);      // verbs_hook.cc

}  // namespace luctl
