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

/** True when one of the devices above @p device in sysfs is driven by @p driver. */
bool drivenBy(fs::path device, const std::string& driver) {
  std::error_code missing;
  for (; device.has_relative_path() && device != "/sys/devices"; device = device.parent_path())
    if (fs::read_symlink(device / "driver", missing).filename() == driver) return true;
  return false;
}

}  // namespace

std::vector<std::string> disksDrivenBy(const std::string& driver) {
  const auto* info = luq::findDriver(driver);
  const auto bound = info == nullptr || info->bound.empty() ? driver : std::string(info->bound);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator("/sys/block")) {
    std::error_code failed;
    const auto place = fs::canonical(entry.path(), failed);
    if (!failed && drivenBy(place, bound) && slurp(entry.path() / "size") != "0")
      names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::pair<Version, Version> acceptedVersions(const ManagedDriver& driver) {
  auto [own, other] = twoRealVersions(driver.name());
  if (driver.ctl("check", {other.path}).exitCode != 0) other = versionNamed(driver.name(), "rebuilt");
  return {own, other};
}

DiskWorld::DiskWorld(const std::string& driver, const Options& options) : options_(options), managed_(driver) {
  if (options.managed) {
    loadLiveUpdate("shadow_block");
    must({"lu-ctl", "manage", driver});
    const std::string library(luq::findDriver(driver)->library);
    if (!library.empty()) must({"lu-ctl", "manage", library});
  }
  loadDependencies(driver);
  for (const std::string user : {"sd_mod", "ext4"})
    if (user != driver) run({"modprobe", user});  // not every kernel has both
  const std::string host(luq::findDriver(driver)->host);
  if (!host.empty()) must({"modprobe", host});
  must({"insmod", versionNamed(driver, options.version).path});
  std::vector<std::string> names;
  const bool found = waitUntil(diskLimit, [&] {
    names = disksDrivenBy(driver);
    return names.size() == options.disks;
  });
  if (!found) throw Failure(fmt::format("{} has {} disks instead of {}", driver, names.size(), options.disks));
  for (const auto& name : names) disks_.push_back({name, "/dev/" + name, "/mnt/" + name});
  if (options.mounted) mountAll();
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

void DiskWorld::mountAll() {
  for (const auto& disk : disks_) {
    must({"mkfs.ext4", "-q", "-F", disk.node}, formatLimit);
    fs::create_directories(disk.folder);
    if (mount(disk.node.c_str(), disk.folder.c_str(), "ext4", 0, "errors=remount-ro") != 0)
      throw Failure(fmt::format("mount {}: {}", disk.node, std::strerror(errno)));
  }
}

void DiskWorld::close() {
  open_ = false;
  for (const auto& disk : disks_) {
    if (!options_.mounted) break;
    if (umount(disk.folder.c_str()) != 0)
      throw Failure(fmt::format("umount {}: {}", disk.folder, std::strerror(errno)));
    must({"e2fsck", "-f", "-n", disk.node}, formatLimit);
  }
  if (managed_.hasAttribute("state")) {
    // Ends a kept or staged generation, if there is one: either refusal is fine.
    managed_.trigger("commit");
    managed_.trigger("discard");
  }
  must({"rmmod", driver()});
  auto needed = dependenciesOf(driver());
  std::reverse(needed.begin(), needed.end());
  for (const auto& name : needed) run({"rmmod", name});  // some have other users
  if (options_.managed) unloadLiveUpdate();
}

}  // namespace lug
