// SPDX-License-Identifier: GPL-2.0
#include "disk_world.h"

#include <fmt/format.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "common/catalogue.h"

namespace lug {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto diskLimit = 30s;
constexpr auto formatLimit = 120s;

/** True when one of the devices above @p device in sysfs is driven by one of @p drivers. */
bool drivenBy(fs::path device, const std::vector<std::string>& drivers) {
  std::error_code missing;
  for (; device.has_relative_path() && device != "/sys/devices"; device = device.parent_path())
    if (std::find(drivers.begin(), drivers.end(), fs::read_symlink(device / "driver", missing).filename()) !=
        drivers.end())
      return true;
  return false;
}

}  // namespace

std::vector<std::string> disksDrivenBy(const std::vector<std::string>& modules) {
  std::vector<std::string> drivers;
  for (const auto& module : modules) {
    const auto* info = luq::findDriver(module);
    drivers.push_back(info == nullptr || info->bound.empty() ? module : std::string(info->bound));
  }
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator("/sys/block")) {
    std::error_code failed;
    const auto place = fs::canonical(entry.path(), failed);
    if (!failed && drivenBy(place, drivers) && slurp(entry.path() / "size") != "0")
      names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::pair<Version, Version> acceptedVersions(const ManagedDriver& driver) {
  auto [own, other] = twoRealVersions(driver.name());
  if (driver.ctl("check", other.files).exitCode != 0) other = versionNamed(driver.name(), "rebuilt");
  return {own, other};
}

DiskWorld::DiskWorld(const std::string& driver, const Options& options)
    : options_(options), managed_(driver), modules_(modulesOf(driver)) {
  if (options.managed) {
    loadLiveUpdate("shadow_block");
    manageAll(driver);
  }
  loadDependencies(driver);
  for (const std::string user : {"sd_mod", "ext4"})
    if (user != driver) run({"modprobe", user});  // not every kernel has both
  const std::string host(luq::findDriver(driver)->host);
  if (!host.empty()) must({"modprobe", host});
  loadVersion(driver, options.version);
  std::vector<std::string> names;
  const bool found = waitUntil(diskLimit, [&] {
    names = disksDrivenBy(modules_);
    return names.size() == options.disks;
  });
  if (!found) throw Failure(fmt::format("{} has {} disks instead of {}", driver, names.size(), options.disks));
  for (const auto& name : names)
    disks_.push_back({name, "/dev/" + name, disks_.size() < options.formatted ? "/mnt/" + name : ""});
  for (const auto& disk : disks_)
    if (!disk.folder.empty()) formatAndMount(disk.node, disk.folder);
  note(fmt::format("{} ({}) runs, disks {}", driver, options.version, fmt::join(names, " ")));
}

DiskWorld::~DiskWorld() {
  if (!open_) return;
  try {
    close();
  } catch (const std::exception& e) {
    note(fmt::format("taking the disks down: {}", e.what()));
  }
}

void mountDisk(const std::string& node, const std::string& folder) {
  fs::create_directories(folder);
  if (mount(node.c_str(), folder.c_str(), "ext4", 0, "errors=remount-ro") != 0)
    throw Failure(fmt::format("mount {}: {}", node, std::strerror(errno)));
}

void formatAndMount(const std::string& node, const std::string& folder) {
  must({"mkfs.ext4", "-q", "-F", node}, formatLimit);
  mountDisk(node, folder);
}

void DiskWorld::close() {
  open_ = false;
  for (const auto& disk : disks_) {
    if (disk.folder.empty()) continue;
    if (umount(disk.folder.c_str()) != 0)
      throw Failure(fmt::format("umount {}: {}", disk.folder, std::strerror(errno)));
    must({"e2fsck", "-f", "-n", disk.node}, formatLimit);
  }
  if (managed_.hasAttribute("state")) {
    // Ends a kept or staged generation, if there is one: either refusal is fine.
    managed_.trigger("commit");
    managed_.trigger("discard");
  }
  for (auto module = modules_.rbegin(); module != modules_.rend(); ++module) must({"rmmod", *module});
  auto needed = dependenciesOf(driver());
  std::reverse(needed.begin(), needed.end());
  for (const auto& name : needed) run({"rmmod", name});  // some have other users
  if (options_.managed) unloadLiveUpdate();
}

}  // namespace lug
