// SPDX-License-Identifier: GPL-2.0-or-later
// manage and unmanage: which drivers have taps.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>

#include "command.h"
#include "driver.h"
#include "suggest.h"

namespace luctl {
namespace {

/// Turns the kernel's refusal to manage @p name into something a user can act on.
Error manage_error(const std::string& name, Error error) {
  switch (error.sys_errno) {
    case EBUSY:
      error.exit = Exit::kBusy;
      error.message = name + " is already loaded, so it has no taps";
      error.remedy = fmt::format(
          "lu-ctl manage --reload {0}  (interrupts it once), or load liveupdate before it: "
          "options liveupdate manage={0}",
          name);
      break;
    case EINVAL:
      error.message = fmt::format("'{}' is not a module name or glob", name);
      break;
    case EOPNOTSUPP:
      error.message = name + " is built into the kernel and cannot be updated";
      break;
    default:
      error.message = fmt::format("cannot manage {}: {}", name, error.message);
  }
  return error;
}

/// What a reload takes down: the interfaces of this driver and their addresses.
struct Interruption {
  std::string interface;
  std::vector<std::string> addresses;
};

std::vector<Interruption> interruptions(Kernel& kernel, const std::string& name) {
  std::vector<Interruption> all;
  for (const std::string& interface : kernel.list("/sys/class/net")) {
    std::string module = kernel.link_name("/sys/class/net/" + interface + "/device/driver/module");
    if (module == name) all.push_back({interface, kernel.addresses(interface)});
  }
  return all;
}

Value to_value(const std::vector<Interruption>& all) {
  Value list = Value::array();
  for (const Interruption& one : all)
    list.push_back({{"interface", one.interface}, {"addresses", one.addresses}});
  return list;
}

/// Says what the reload interrupts and has it confirmed.
Result<void> confirm_reload(Kernel& kernel, const Args& args, const std::string& name,
                            const std::vector<Interruption>& lost) {
  args.note(fmt::format("reloading {} unloads the driver and loads it again, once", name));
  for (const Interruption& one : lost)
    args.note(fmt::format(
        "  {} goes away and comes back without its settings; addresses lost: {}", one.interface,
        one.addresses.empty() ? "none" : fmt::format("{}", fmt::join(one.addresses, ", "))));
  if (lost.empty()) args.note("  no network interface is served by it");
  if (args.has("--yes")) return {};
  if (!kernel.interactive())
    return Error{Exit::kError, "a reload interrupts service: it has to be confirmed",
                 fmt::format("lu-ctl manage --reload --yes {}", name), 0,
                 Value{{"driver", name}, {"interrupts", to_value(lost)}}};
  if (!kernel.confirm(fmt::format("Reload {} now?", name)))
    return Error{Exit::kError, "not confirmed: nothing was done", "", 0, nullptr};
  return {};
}

/// Unloads, puts the pattern in force, loads. Whatever happens, the driver is loaded at the end.
Result<void> reload(Kernel& kernel, const std::string& name) {
  std::vector<std::string> holders = kernel.list("/sys/module/" + name + "/holders");
  if (!holders.empty())
    return Error{Exit::kBusy, fmt::format("{} is in use by {}", name, fmt::join(holders, ", ")),
                 fmt::format("unload {} first", fmt::join(holders, ", ")), EBUSY, nullptr};
  if (auto removed = kernel.remove_module(name); !removed) {
    Error error = removed.error();
    if (error.sys_errno == EBUSY || error.sys_errno == EAGAIN) error.exit = Exit::kBusy;
    error.message = fmt::format("cannot unload {}: {}; it is still loaded", name, error.message);
    return error;
  }
  auto managed = kernel.write(std::string(kSysfs) + "/manage", name);
  auto loaded = kernel.probe_module(name);
  if (!loaded) {
    Error error = loaded.error();
    error.exit = Exit::kFailed;
    error.message = fmt::format("{} was unloaded and does not load again: {}", name, error.message);
    error.remedy = "modprobe " + name;
    return error;
  }
  if (!managed && managed.error().sys_errno != EEXIST) return manage_error(name, managed.error());
  return {};
}

Result<Value> manage_reload(Kernel& kernel, const Args& args) {
  Value drivers = Value::array();
  for (const std::string& word : args.words) {
    std::string name = plain_name(word);
    if (kernel.exists(driver_dir(name))) {
      args.note(name + " is loaded and managed already: left alone");
      drivers.push_back({{"name", name}, {"reloaded", false}});
      continue;
    }
    if (!kernel.exists("/sys/module/" + name))
      return Error{Exit::kNoDriver,
                   fmt::format("no module {} is loaded{}", word,
                               did_you_mean(name, kernel.list("/sys/module"))),
                   fmt::format("lu-ctl manage {0}; modprobe {0}", word), 0, nullptr};
    std::vector<Interruption> lost = interruptions(kernel, name);
    if (auto go = confirm_reload(kernel, args, name, lost); !go) return go.error();
    if (auto done = reload(kernel, name); !done) return done.error();
    if (!kernel.exists(driver_dir(name)))
      return Error{Exit::kError, fmt::format("{} was reloaded, but is not managed", name),
                   "dmesg | grep liveupdate", 0, nullptr};
    for (const Interruption& one : lost)
      for (const std::string& address : one.addresses)
        args.note(fmt::format("address lost: ip address add {} dev {}", address, one.interface));
    drivers.push_back({{"name", name}, {"reloaded", true}, {"interrupted", to_value(lost)}});
  }
  return Value{{"summary", "managed"}, {"drivers", std::move(drivers)}};
}

Error unmanage_error(Kernel& kernel, const std::string& name, Error error) {
  switch (error.sys_errno) {
    case ENOENT:
      error.exit = Exit::kNoDriver;
      error.message =
          fmt::format("{} is not managed{}", name, did_you_mean(name, managed_patterns(kernel)));
      error.remedy = "lu-ctl list";
      break;
    case EBUSY: {
      error.exit = Exit::kBusy;
      auto driver = read_driver(kernel, name);
      if (driver && !driver->running && (driver->kept || driver->staged)) {
        error.message = fmt::format("{} is unloaded, but another version of it is {}", name,
                                    driver->kept ? "kept" : "staged");
        error.remedy = fmt::format("lu-ctl {0} {1}; lu-ctl unmanage {1}",
                                   driver->kept ? "commit" : "discard", name);
        break;
      }
      error.message = fmt::format("{} is loaded and managed: its taps cannot be taken away", name);
      error.remedy = fmt::format("modprobe -r {0}; lu-ctl unmanage {0}", name);
      break;
    }
    case EINVAL:
      error.message = fmt::format("'{}' is not a module name or glob", name);
      break;
    default:
      error.message = fmt::format("cannot unmanage {}: {}", name, error.message);
  }
  return error;
}

}  // namespace

Result<Value> cmd_manage(Kernel& kernel, const Args& args) {
  if (args.has("--reload")) return manage_reload(kernel, args);
  for (const std::string& word : args.words) {
    std::string name = plain_name(word);
    auto written = kernel.write(std::string(kSysfs) + "/manage", name);
    if (!written && written.error().sys_errno == EEXIST)
      args.note(name + " is managed already");
    else if (!written)
      return manage_error(name, written.error());
  }
  return Value{{"patterns", managed_patterns(kernel)}};
}

Result<Value> cmd_unmanage(Kernel& kernel, const Args& args) {
  for (const std::string& word : args.words) {
    std::string name = plain_name(word);
    auto written = kernel.write(std::string(kSysfs) + "/unmanage", name);
    if (!written) return unmanage_error(kernel, name, written.error());
  }
  return Value{{"patterns", managed_patterns(kernel)}};
}

}  // namespace luctl
