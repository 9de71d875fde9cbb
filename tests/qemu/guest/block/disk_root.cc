// SPDX-License-Identifier: GPL-2.0
#include "disk_root.h"

#include <fmt/format.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace lug {

namespace {

constexpr auto copyLimit = std::chrono::seconds(120);

}  // namespace

DiskRoot::DiskRoot(std::string folder, const std::string& driver) : folder_(std::move(folder)) {
  for (const char* name : {"/usr", "/bin", "/lib", "/lib64", "/sbin"}) must({"cp", "-a", name, folder_ + name}, copyLimit);
  std::filesystem::create_directories(folder_ + "/drivers");
  must({"cp", "-a", "/drivers/" + driver, folder_ + "/drivers/"}, copyLimit);
  for (const char* name : {"/proc", "/sys", "/dev", "/run", "/tmp"}) {
    std::filesystem::create_directories(folder_ + name);
    if (mount(name, (folder_ + name).c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
      throw Failure(fmt::format("bind mount of {}: {}", name, std::strerror(errno)));
    mounted_.push_back(folder_ + name);
  }
}

DiskRoot::~DiskRoot() {
  for (const auto& name : mounted_) umount2(name.c_str(), MNT_DETACH);
}

Argv DiskRoot::luCtl(const Argv& words) const {
  sync();
  mustWrite("/proc/sys/vm/drop_caches", "3");
  Argv argv = {"/bin/chroot", folder_, "/usr/bin/lu-ctl"};
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}

}  // namespace lug
