// SPDX-License-Identifier: GPL-2.0-or-later
#include "system_kernel.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <iostream>

#include "descriptor.h"

namespace luctl {
namespace {

constexpr size_t kReadStep = 64 << 10;
/// Larger than any module or sysfs file.
constexpr size_t kMaxFile = size_t{256} << 20;

Error errno_error(const std::string& what) {
  return sys_error(errno, what);
}

int prefix_length(const ifaddrs& address) {
  const auto* mask = reinterpret_cast<const sockaddr*>(address.ifa_netmask);
  if (!mask) return 0;
  int bits = 0;
  if (address.ifa_addr->sa_family == AF_INET)
    return std::popcount(reinterpret_cast<const sockaddr_in*>(mask)->sin_addr.s_addr);
  for (uint8_t byte : reinterpret_cast<const sockaddr_in6*>(mask)->sin6_addr.s6_addr)
    bits += std::popcount(byte);
  return bits;
}

std::string address_text(const ifaddrs& address) {
  char text[INET6_ADDRSTRLEN] = "";
  const void* bytes = nullptr;
  if (address.ifa_addr->sa_family == AF_INET)
    bytes = &reinterpret_cast<const sockaddr_in*>(address.ifa_addr)->sin_addr;
  else
    bytes = &reinterpret_cast<const sockaddr_in6*>(address.ifa_addr)->sin6_addr;
  if (!inet_ntop(address.ifa_addr->sa_family, bytes, text, sizeof(text))) return "";
  return fmt::format("{}/{}", text, prefix_length(address));
}

}  // namespace

Result<std::string> SystemKernel::read(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return errno_error(path);
  std::string text;
  for (;;) {
    size_t have = text.size();
    text.resize(have + kReadStep);
    ssize_t got = ::read(file.get(), text.data() + have, kReadStep);
    int err = errno;
    text.resize(have + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && err == EINTR) continue;
    if (got < 0) return sys_error(err, path);
    if (got == 0) return text;
    if (text.size() > kMaxFile) return sys_error(EFBIG, path);
  }
}

Result<void> SystemKernel::write(const std::string& path, std::string_view text) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return errno_error(path);
  ssize_t put = ::write(file.get(), text.data(), text.size());
  if (put < 0) return errno_error(path);
  if (static_cast<size_t>(put) != text.size()) return sys_error(EIO, path);
  return {};
}

std::vector<std::string> SystemKernel::list(const std::string& dir) {
  std::vector<std::string> names;
  std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(dir.c_str()), ::closedir);
  if (!open) return names;
  while (const dirent* entry = ::readdir(open.get())) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool SystemKernel::exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

bool SystemKernel::is_directory(const std::string& path) {
  struct stat status;
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool SystemKernel::is_regular(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

std::string SystemKernel::link_name(const std::string& path) {
  std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), ::free);
  if (!real) return "";
  std::string target = real.get();
  return target.substr(target.rfind('/') + 1);
}

Result<Lock> SystemKernel::lock(const std::string& path) {
  auto file = std::make_shared<Descriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!*file) return errno_error(path);
  if (::flock(file->get(), LOCK_EX | LOCK_NB) == 0) return Lock(std::move(file));
  Error error = errno_error(path);
  if (error.sys_errno == EWOULDBLOCK) error.exit = Exit::kBusy;
  return error;
}

bool SystemKernel::is_root() {
  return ::geteuid() == 0;
}

std::string SystemKernel::release() {
  utsname name = {};
  ::uname(&name);
  return name.release;
}

std::string SystemKernel::machine() {
  utsname name = {};
  ::uname(&name);
  return name.machine;
}

std::vector<std::string> SystemKernel::addresses(const std::string& interface) {
  std::vector<std::string> all;
  ifaddrs* raw = nullptr;
  if (::getifaddrs(&raw) != 0) return all;
  std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> list(raw, ::freeifaddrs);
  for (const ifaddrs* one = raw; one; one = one->ifa_next) {
    if (!one->ifa_addr || interface != one->ifa_name) continue;
    int family = one->ifa_addr->sa_family;
    if (family == AF_INET || family == AF_INET6) all.push_back(address_text(*one));
  }
  return all;
}

bool SystemKernel::interactive() {
  return ::isatty(STDIN_FILENO) && ::isatty(STDERR_FILENO);
}

bool SystemKernel::confirm(const std::string& question) {
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "Y" || answer == "yes");
}

}  // namespace luctl
