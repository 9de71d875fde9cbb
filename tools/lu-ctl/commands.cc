// SPDX-License-Identifier: GPL-2.0-or-later
// The table of verbs. The help, the parser, the manual page's and the completion's tests all go by
// it.
#include <algorithm>
#include <array>

#include "command.h"

namespace luctl {
namespace {

constexpr Needs kAll = Needs::kRoot | Needs::kModule;
constexpr int kAnyNumber = -1;

constexpr Option kManageOptions[] = {
    {"--reload", "", "unload and load drivers that are loaded already (interrupts them once)"},
    {"--yes", "", "do not ask before a reload"},
};
constexpr Option kCheckOptions[] = {
    {"--imports", "", "list every import with its class"},
};
constexpr Option kUpdateOptions[] = {
    {"--method", "METHOD", "how to switch: auto, reinit, inherit (not available yet)"},
    {"--policy", "POLICY", "on a mismatch: rollback, or force (go on without what is lost)"},
    {"--timeout", "MS", "limit in milliseconds"},
    {"--verbose", "", "add the timeline of what happened when"},
    {"--commit", "", "unload the previous driver at once"},
    {"--keep-staged", "", "after a roll-back leave the new driver staged"},
    {"--no-check", "", "skip the device ids, symbols and signature part of the pre-flight check"},
};
constexpr Option kRollbackOptions[] = {
    {"--verbose", "", "add the timeline of what happened when"},
};
constexpr Option kWatchOptions[] = {
    {"--count", "N", "stop after N events"},
};
constexpr Option kHookOptions[] = {
    {"--config", "FILE", "read FILE instead of /etc/liveupdate.conf"},
    {"--dry-run", "", "report only, whatever the configuration says"},
};

constexpr std::array kCommands = {
    Command{"manage", "NAME...", "give drivers taps when they load (names or globs)", 1, kAnyNumber,
            kAll, kManageOptions, cmd_manage},
    Command{"unmanage",
            "NAME...",
            "forget names or globs given to manage",
            1,
            kAnyNumber,
            kAll,
            {},
            cmd_unmanage},
    Command{"list", "", "list the managed drivers", 0, 0, kAll, {}, cmd_list},
    Command{
        "status", "[NAME]", "show all about one driver, or about each", 0, 1, kAll, {}, cmd_status},
    Command{"check", "NAME FILE.ko...", "say whether files fit, and what an update preserves", 2,
            kAnyNumber, Needs::kNothing, kCheckOptions, cmd_check},
    Command{"stage",
            "NAME FILE.ko... [PARAM=VALUE...]",
            "load a new version beside the running one",
            2,
            kAnyNumber,
            kAll,
            {},
            cmd_stage},
    Command{"update", "NAME [FILE.ko...] [PARAM=VALUE...]", "switch to the staged or given version",
            1, kAnyNumber, kAll, kUpdateOptions, cmd_update},
    Command{"rollback", "NAME", "go back to the previous version", 1, 1, kAll, kRollbackOptions,
            cmd_rollback},
    Command{"commit", "NAME", "unload the previous version", 1, 1, kAll, {}, cmd_commit},
    Command{"discard", "NAME", "unload the staged version", 1, 1, kAll, {}, cmd_discard},
    Command{
        "log", "NAME", "show the configuration that would be replayed", 1, 1, kAll, {}, cmd_log},
    Command{
        "objects", "NAME", "show what a driver holds from the kernel", 1, 1, kAll, {}, cmd_objects},
    Command{
        "imports", "NAME", "show a driver's imports and their taps", 1, 1, kAll, {}, cmd_imports},
    Command{"watch", "", "follow updates as they happen", 0, 0, kAll, kWatchOptions, cmd_watch},
    Command{"hook", "modules PATH...", "entry for the distribution's hooks: update what changed", 2,
            kAnyNumber, Needs::kRoot, kHookOptions, cmd_hook},
};

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

const Command* find_command(std::string_view name) {
  auto it = std::find_if(kCommands.begin(), kCommands.end(),
                         [&](const Command& c) { return c.name == name; });
  return it == kCommands.end() ? nullptr : &*it;
}

Result<Value> run_command(const Command& command, Kernel& kernel, const Args& args) {
  if (has(command.needs, Needs::kRoot) && !kernel.is_root())
    return Error{Exit::kError, std::string(command.name) + ": only root may do this",
                 "sudo lu-ctl " + std::string(command.name) + " ...", 0, nullptr};
  if (has(command.needs, Needs::kModule) && !kernel.is_directory(kSysfs))
    return Error{Exit::kError, "the liveupdate module is not loaded",
                 "modprobe -a liveupdate shadow_net", 0, nullptr};
  return command.run(kernel, args);
}

}  // namespace luctl
