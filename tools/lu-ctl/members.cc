// SPDX-License-Identifier: GPL-2.0-or-later
#include "members.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace luctl {
namespace {

/// Is this the name of a version that does not run?
bool is_spare(Kernel& kernel, const std::string& module) {
  size_t suffix = module.rfind("__");
  if (suffix == std::string::npos) return false;
  std::string dir = driver_dir(module.substr(0, suffix));
  return read_line(kernel, dir + "/staged/module") == module ||
         read_line(kernel, dir + "/kept/module") == module;
}

bool among(const std::vector<ModuleFile>& files, const std::string& name) {
  return std::any_of(files.begin(), files.end(),
                     [&](const ModuleFile& file) { return file.name == name; });
}

/// Names of all that a command has to be given, for a remedy.
std::string whole_command(const std::string& lead, const std::vector<ModuleFile>& files,
                          const std::set<std::string>& more) {
  std::string text = "lu-ctl update " + lead;
  for (const ModuleFile& file : files) text += " " + file.path;
  for (const std::string& name : more) text += fmt::format(" {}.ko", name);
  return text;
}

/// A file that NAME's own file links against: that one is the lead.
const ModuleFile* library_among(const std::vector<ModuleFile>& files, const std::string& name) {
  const ModuleFile* lead = nullptr;
  std::string below = name;
  for (size_t steps = 0; steps < files.size(); steps++) {
    auto own = std::find_if(files.begin(), files.end(),
                            [&](const ModuleFile& file) { return file.name == below; });
    if (own == files.end()) break;
    auto library = std::find_if(files.begin(), files.end(), [&](const ModuleFile& file) {
      return std::any_of(own->depends.begin(), own->depends.end(),
                         [&](const std::string& need) { return plain_name(need) == file.name; });
    });
    if (library == files.end()) break;
    lead = &*library;
    below = library->name;
  }
  return lead;
}

}  // namespace

std::set<std::string> dependants(Kernel& kernel, const std::string& module) {
  std::set<std::string> found;
  std::vector<std::string> look = {module};
  while (!look.empty()) {
    std::string next = look.back();
    look.pop_back();
    for (const std::string& holder : kernel.list(fmt::format("/sys/module/{}/holders", next)))
      if (!is_spare(kernel, holder) && found.insert(holder).second) look.push_back(holder);
  }
  return found;
}

std::string lead_of(Kernel& kernel, const std::string& name) {
  std::string lead = read_line(kernel, driver_dir(name) + "/lead");
  return lead.empty() ? name : lead;
}

void check_members(Kernel& kernel, const std::string& name, CheckReport& report) {
  if (const ModuleFile* lead = library_among(report.files, name))
    report.problems.push_back({lead->path, "lead",
                               fmt::format("is {}, which {} links against: it leads the update",
                                           lead->name, name),
                               whole_command(lead->name, report.files, {})});
  for (const ModuleFile& file : report.files) {
    std::set<std::string> missing;
    for (const std::string& user : dependants(kernel, file.name))
      if (!among(report.files, user)) missing.insert(user);
    if (missing.empty()) continue;
    report.problems.push_back(
        {file.path, "incomplete",
         fmt::format("is a library of running modules that have to be replaced with it: {}",
                     fmt::join(missing, ", ")),
         whole_command(name, report.files, missing)});
    return;
  }
}

std::vector<std::string> members_without(Kernel& kernel, const std::string& name,
                                         const std::string& role) {
  std::vector<std::string> without;
  for (const std::string& user : dependants(kernel, name))
    if (!kernel.exists(driver_dir(user) + "/" + role)) without.push_back(user);
  return without;
}

}  // namespace luctl
