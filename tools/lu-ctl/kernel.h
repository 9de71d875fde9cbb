// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// Everything lu-ctl asks of the running system, behind an interface.
///
/// SystemKernel is the real one; the unit tests put FakeKernel, all in memory, in its place.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "result.h"

namespace luctl {

/// Where the kernel module keeps its files (DESIGN section 7).
inline constexpr const char* kSysfs = "/sys/kernel/liveupdate";
inline constexpr const char* kDebugfs = "/sys/kernel/debug/liveupdate";

/// Tells the user something that is not data: goes to stderr.
using Note = std::function<void(const std::string&)>;

/// Holds a lock (or whatever else its deleter gives back) as long as it lives.
using Lock = std::shared_ptr<void>;

/// One event from the kernel: its environment, ACTION and DEVPATH included.
using Uevent = std::map<std::string, std::string>;

/// A subscription to the kernel's events.
class UeventSource {
 public:
  virtual ~UeventSource() = default;
  /// Waits for the next event. Nothing means: interrupted by a signal, time to stop.
  virtual Result<std::optional<Uevent>> next() = 0;
};

/// The system as lu-ctl sees it. Errors carry errno in Error::sys_errno.
class Kernel {
 public:
  virtual ~Kernel() = default;

  /// The whole contents of a file.
  virtual Result<std::string> read(const std::string& path) = 0;
  /// One write(2) of the whole text, as sysfs wants it.
  virtual Result<void> write(const std::string& path, std::string_view text) = 0;
  /// The names in a directory, sorted; empty when it does not exist.
  virtual std::vector<std::string> list(const std::string& dir) = 0;
  virtual bool exists(const std::string& path) = 0;
  /// Is it a directory itself, not a link to one?
  virtual bool is_directory(const std::string& path) = 0;
  /// An ordinary file, or a link to one: no device, pipe or directory.
  virtual bool is_regular(const std::string& path) = 0;
  /// The last component of what a symbolic link resolves to; empty when there is none.
  virtual std::string link_name(const std::string& path) = 0;

  /// Writes 1 to a trigger and sees it through: memory is locked and SIGINT, SIGTERM and SIGHUP
  /// are held back until the kernel has answered, because the transaction cannot be left half-way.
  virtual Result<void> trigger(const std::string& path, const Note& note) = 0;

  /// Loads a module from memory.
  virtual Result<void> load_module(std::string_view image, const std::string& params) = 0;
  virtual Result<void> remove_module(const std::string& name) = 0;
  /// Loads an installed module by name, with what it depends on.
  virtual Result<void> probe_module(const std::string& name) = 0;
  /// The installed file of a module for the running kernel, if there is one.
  virtual std::optional<std::string> module_file(const std::string& name) = 0;

  /// An exclusive lock on an existing file or directory; Exit::kBusy when somebody holds it.
  virtual Result<Lock> lock(const std::string& path) = 0;

  virtual bool is_root() = 0;
  virtual std::string release() = 0;  ///< as `uname -r` gives it
  virtual std::string machine() = 0;  ///< as `uname -m` gives it
  /// The addresses of a network interface, as text with prefix length.
  virtual std::vector<std::string> addresses(const std::string& interface) = 0;

  virtual bool interactive() = 0;  ///< is somebody there to be asked?
  virtual bool confirm(const std::string& question) = 0;

  virtual Result<std::unique_ptr<UeventSource>> uevents() = 0;
};

}  // namespace luctl
