// SPDX-License-Identifier: GPL-2.0
#include "cpio.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace luq {

void Cpio::pad() { data_.append((4 - data_.size() % 4) % 4, '\0'); }

void Cpio::header(std::string_view name, mode_t mode, std::size_t size, unsigned major,
                  unsigned minor) {
  const unsigned links = 1, owner = 0, time = 0, check = 0;
  fmt::format_to(std::back_inserter(data_),
                 "070701{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}",
                 ++inode_, static_cast<unsigned>(mode), owner, owner, links, time, size, 0, 0, major,
                 minor, name.size() + 1, check);
  data_.append(name).push_back('\0');
  pad();
}

void Cpio::addFolder(std::string_view name, mode_t permissions) {
  header(name, S_IFDIR | permissions, 0);
}

void Cpio::addFile(std::string_view name, std::string_view data, mode_t permissions) {
  header(name, S_IFREG | permissions, data.size());
  data_.append(data);
  pad();
}

void Cpio::addSymlink(std::string_view name, std::string_view target) {
  header(name, S_IFLNK | 0777, target.size());
  data_.append(target);
  pad();
}

void Cpio::addCharDevice(std::string_view name, unsigned major, unsigned minor) {
  header(name, S_IFCHR | 0600, 0, major, minor);
}

void Cpio::addTree(const fs::path& root) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(root)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());  // a folder sorts before its contents
  for (const auto& path : paths) {
    const std::string name = path.lexically_relative(root).string();
    const auto status = fs::symlink_status(path);
    const auto permissions = static_cast<mode_t>(status.permissions());
    if (fs::is_symlink(status)) addSymlink(name, fs::read_symlink(path).string());
    else if (fs::is_directory(status)) addFolder(name, permissions);
    else addFile(name, readFile(path), permissions);
  }
}

std::string Cpio::finish() {
  header("TRAILER!!!", 0, 0);
  return std::move(data_);
}

}  // namespace luq
