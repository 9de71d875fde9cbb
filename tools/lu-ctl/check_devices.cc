// SPDX-License-Identifier: GPL-2.0-or-later
// The pre-flight check's questions about devices: those that are bound, and those that could be.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "check_parts.h"

namespace luctl {
namespace {

struct Bound {
  std::string device, modalias;
  bool handed_over;  // its bus is one that live update knows
};

/// Devices of other buses go and come with what they are part of (an HD-audio codec), and their bus
/// may give them to a driver that does not name them.
bool is_handed_over(std::string_view driver) {
  static constexpr std::array<std::string_view, 3> kBuses = {"pci:", "virtio:", "scsi:"};
  return std::any_of(kBuses.begin(), kBuses.end(),
                     [&](std::string_view bus) { return driver.starts_with(bus); });
}

/// The devices that drivers of a module serve just now.
std::vector<Bound> bound_devices(Kernel& kernel, const std::string& module) {
  std::vector<Bound> all;
  std::string dir = "/sys/module/" + module + "/drivers";
  for (const std::string& driver : kernel.list(dir))
    for (const std::string& device : kernel.list(dir + "/" + driver)) {
      std::string modalias =
          read_line(kernel, fmt::format("{}/{}/{}/modalias", dir, driver, device));
      if (!modalias.empty()) all.push_back({device, modalias, is_handed_over(driver)});
    }
  return all;
}

/// Is the installed file the very build that runs? Distributions' own modules often have neither a
/// version nor a source version, so the build id comes first. Unknown counts as yes.
bool is_running_build(Kernel& kernel, const ModuleFile& file) {
  std::string running = driver_dir(file.name) + "/running";
  std::string build_id = read_line(kernel, running + "/build_id");
  if (!build_id.empty() && !file.build_id.empty()) return build_id == file.build_id;
  std::string srcversion = read_line(kernel, running + "/srcversion");
  if (srcversion.empty())
    srcversion =
        read_line(kernel, "/sys/module/" + running_module(kernel, file.name) + "/srcversion");
  return srcversion.empty() || file.srcversion.empty() || srcversion == file.srcversion;
}

/// A device that the running driver's own table does not name either was given to it by an id written
/// to new_id or by driver_override: both hold for the next version too. Only the file that runs can tell.
bool given_by_hand(Kernel& kernel, const Reference& reference, const std::string& modalias) {
  return reference.installed && is_running_build(kernel, *reference.installed) &&
         !matches_device(*reference.installed, modalias);
}

void check_bound(Kernel& kernel, const Reference& reference, const ModuleFile& file,
                 CheckReport& report, Value& devices) {
  Value list = Value::array();
  for (const Bound& one : bound_devices(kernel, running_module(kernel, file.name))) {
    bool known = matches_device(file, one.modalias);
    bool given = !known && given_by_hand(kernel, reference, one.modalias);
    list.push_back(
        {{"device", one.device},
         {"modalias", one.modalias},
         {"supported", known || given || !one.handed_over}});
    if (given)
      report.warnings.push_back(
          fmt::format("{}: device {} is not in the driver's table: it was given to it by hand and "
                      "stays so",
                      file.path, one.device));
    else if (!known && !one.handed_over)
      report.warnings.push_back(fmt::format(
          "{}: device {} is not in the driver's table: its bus decides who drives it", file.path,
          one.device));
    else if (!known)
      report.problems.push_back(
          {file.path, "device-ids",
           fmt::format("does not know device {} ({}), which the running driver serves", one.device,
                       one.modalias),
           "take a version for this hardware"});
  }
  devices["bound"] = std::move(list);
}

/// Compares with the installed file, and says when that is not what runs.
void check_superset(Kernel& kernel, const Reference& reference, const ModuleFile& file,
                    CheckReport& report, Value& devices) {
  if (!reference.installed) {
    report.warnings.push_back(
        fmt::format("{}: the running driver's file was not found, so device ids were compared "
                    "with the devices in use only",
                    file.path));
    return;
  }
  const ModuleFile& old = *reference.installed;
  devices["compared_with"] = old.path;
  if (!is_running_build(kernel, old))
    report.warnings.push_back(
        fmt::format("{}: device ids were compared with {}, which is another build than the running "
                    "one",
                    file.path, old.path));
  std::vector<std::string> lost;
  std::set_difference(old.aliases.begin(), old.aliases.end(), file.aliases.begin(),
                      file.aliases.end(), std::back_inserter(lost));
  devices["lost"] = lost;
  if (!lost.empty())
    report.problems.push_back({file.path, "device-ids",
                               fmt::format("no longer knows {} device id{}: {}", lost.size(),
                                           lost.size() == 1 ? "" : "s", fmt::join(lost, ", ")),
                               "lu-ctl update --no-check, when none of them is needed"});
}

}  // namespace

Value check_devices(Kernel& kernel, const Reference& reference, const ModuleFile& file,
                    CheckReport& report) {
  Value devices = {{"ids", file.aliases.size()}};
  check_bound(kernel, reference, file, report, devices);
  check_superset(kernel, reference, file, report, devices);
  return devices;
}

}  // namespace luctl
