// SPDX-License-Identifier: GPL-2.0
#include "live_update.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "common/catalogue.h"

namespace lug {

namespace {

using namespace std::chrono_literals;

constexpr auto verbLimit = 120s;
constexpr const char* root = "/sys/kernel/liveupdate";
constexpr const char* debugRoot = "/sys/kernel/debug/liveupdate";

bool moduleLoaded(const std::string& name) { return access(("/sys/module/" + name).c_str(), F_OK) == 0; }

}  // namespace

void loadLiveUpdate(const std::string& shadow) {
  for (const auto& module : {std::string("liveupdate"), shadow}) must({"modprobe", module});
  if (access(root, F_OK) != 0) throw Failure(fmt::format("{} is missing after loading the modules", root));
}

void unloadLiveUpdate() {
  for (const char* module : {"shadow_net", "shadow_block", "shadow_sound", "liveupdate"})
    if (moduleLoaded(module)) must({"rmmod", module});
  if (access(root, F_OK) == 0) throw Failure(fmt::format("{} is still there after unloading", root));
}

namespace {

/** The modules that modprobe would load for @p module, itself included. */
std::vector<std::string> loadOrderOf(const std::string& module) {
  std::vector<std::string> names;
  for (const auto& line : split(must({"modprobe", "--show-depends", module}), '\n')) {
    const auto words = split(line, ' ');
    if (words.size() < 2 || words[0] != "insmod") continue;
    auto needed = std::filesystem::path(words[1]).stem().string();
    std::replace(needed.begin(), needed.end(), '-', '_');  // as the kernel writes names of modules
    names.push_back(needed);
  }
  return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::vector<std::string> dependenciesOf(const std::string& driver) {
  const auto own = modulesOf(driver);
  std::vector<std::string> names;
  for (const auto& module : own)
    for (const auto& needed : loadOrderOf(module))
      if (!contains(own, needed) && !contains(names, needed)) names.push_back(needed);
  return names;
}

void loadDependencies(const std::string& driver) {
  for (const auto& name : dependenciesOf(driver)) must({"modprobe", name});
}

std::vector<std::string> modulesOf(const std::string& driver) {
  std::vector<std::string> names;
  for (const auto module : luq::findDriver(driver)->modules)
    if (!module.empty()) names.emplace_back(module);
  if (names.empty()) names.push_back(driver);
  return names;
}

void manageAll(const std::string& driver) {
  for (const auto library : luq::findDriver(driver)->libraries)
    if (!library.empty()) must({"lu-ctl", "manage", std::string(library)});
  for (const auto& module : modulesOf(driver)) must({"lu-ctl", "manage", module});
}

void loadVersion(const std::string& driver, const std::string& label) {
  const auto files = versionNamed(driver, label).files;
  for (const auto& module : modulesOf(driver)) {
    const auto file = std::find_if(files.begin(), files.end(),
                                   [&](const auto& f) { return std::filesystem::path(f).stem() == module; });
    if (file == files.end()) throw Failure(fmt::format("version {} of {} has no {}", label, driver, module));
    must({"insmod", *file});
  }
}

std::string ManagedDriver::folder() const { return fmt::format("{}/drivers/{}", root, name_); }

Output ManagedDriver::ctl(const std::string& verb, const Argv& more) const {
  Argv argv = {"lu-ctl", verb, name_};
  argv.insert(argv.end(), more.begin(), more.end());
  return run(argv, verbLimit);
}

std::string ManagedDriver::mustCtl(const std::string& verb, const Argv& more) const {
  const auto result = ctl(verb, more);
  if (result.timedOut) throw Failure(fmt::format("lu-ctl {} {} hangs; {}", verb, name_, story()));
  if (result.exitCode != 0)
    throw Failure(fmt::format("lu-ctl {} {} {} ended with {}: {}{}; {}", verb, name_, fmt::join(more, " "),
                              result.exitCode, result.err, result.out, story()));
  return result.out;
}

nlohmann::json ManagedDriver::json(const std::string& verb) const {
  const auto text = must({"lu-ctl", "--json", verb, name_}, verbLimit);
  auto value = nlohmann::json::parse(text, nullptr, false);
  if (value.is_discarded()) throw Failure(fmt::format("lu-ctl --json {} did not print JSON: {}", verb, text));
  return value;
}

std::string ManagedDriver::attribute(const std::string& path) const { return mustRead(folder() + "/" + path); }

bool ManagedDriver::hasAttribute(const std::string& path) const {
  return access((folder() + "/" + path).c_str(), F_OK) == 0;
}

int ManagedDriver::write(const std::string& path, const std::string& value) const {
  return tryWrite(folder() + "/" + path, value);
}

std::string ManagedDriver::story() const {
  std::string text;
  for (const char* name : {"state", "generation", "last/result", "last/errno", "last/blackout_us", "last/mismatches",
                           "last/reason", "running/version", "running/module"})
    text += fmt::format("{}={} ", name, slurp(folder() + "/" + name).value_or("?"));
  return text;
}

std::vector<std::string> ManagedDriver::mismatches() const { return split(attribute("last/mismatches"), '\n'); }

bool ManagedDriver::runs(const Version& version) const {
  // Debian's stock binaries have neither a version nor a source version: absence is theirs.
  return slurp(folder() + "/running/version").value_or("?") == version.version &&
         slurp(folder() + "/running/srcversion").value_or("?") == version.srcversion;
}

void ManagedDriver::updateTo(const Version& version) const {
  mustCtl("update", version.files);
  if (attribute("last/result") != "updated")
    throw Failure(fmt::format("lu-ctl reported success for {}, but {}", version.label, story()));
  if (!runs(version)) throw Failure(fmt::format("after the update {} does not run; {}", version.label, story()));
}

void ManagedDriver::replaceBy(const Version& version) const {
  updateTo(version);
  mustCtl("commit");
}

std::string allStories() {
  std::string text;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(root) + "/drivers", none)) {
    const auto name = entry.path().filename().string();
    text += fmt::format("{}: {}\n{}\n", name, ManagedDriver(name).story(),
                        slurp(fmt::format("{}/{}/timeline", debugRoot, name)).value_or("no timeline"));
  }
  return text;
}

}  // namespace lug
