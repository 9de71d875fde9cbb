// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// A Kernel that is all in memory, and a managed driver in it that behaves like the kernel module.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "kernel.h"

namespace luctl {

/// Files are a map from path to contents; a directory exists where something is below it.
class FakeKernel : public Kernel {
 public:
  using OnWrite = std::function<int(const std::string& text)>;  ///< returns 0 or errno

  std::map<std::string, std::string> files;
  std::map<std::string, std::string> links;         ///< path -> link_name()
  std::map<std::string, OnWrite> on_write;          ///< paths that do more than keep the text
  std::map<std::string, std::string> module_files;  ///< name -> installed file
  std::map<std::string, std::vector<std::string>> interface_addresses;
  std::function<int(std::string_view image, const std::string& params)> on_load;
  std::function<int(const std::string&name)> on_remove, on_probe;
  std::deque<Uevent> events;
  std::vector<int> event_errors;     ///< given out before the events
  std::set<std::string> locked;      ///< paths that somebody else has locked
  std::vector<std::string> actions;  ///< what was done to the system, in order
  bool root = true, tty = false, answer = false;
  int questions = 0;

  void remove_tree(const std::string& dir);

  Result<std::string> read(const std::string& path) override;
  Result<void> write(const std::string& path, std::string_view text) override;
  std::vector<std::string> list(const std::string& dir) override;
  bool exists(const std::string& path) override;
  bool is_directory(const std::string& path) override;
  bool is_regular(const std::string& path) override { return files.contains(path); }
  std::string link_name(const std::string& path) override;
  Result<void> trigger(const std::string& path, const Note& note) override;
  Result<void> load_module(std::string_view image, const std::string& params) override;
  Result<void> remove_module(const std::string& name) override;
  Result<void> probe_module(const std::string& name) override;
  std::optional<std::string> module_file(const std::string& name) override;
  Result<Lock> lock(const std::string& path) override;
  bool is_root() override { return root; }
  std::string release() override { return "6.1.0-56-amd64"; }
  std::string machine() override { return "x86_64"; }
  std::vector<std::string> addresses(const std::string& interface) override;
  bool interactive() override { return tty; }
  bool confirm(const std::string& question) override;
  Result<std::unique_ptr<UeventSource>> uevents() override;
};

/// A managed and loaded driver below /sys/kernel/liveupdate/drivers. Loading stages; the triggers
/// move the generations as the kernel module does.
class FakeDriver {
 public:
  FakeDriver(FakeKernel& kernel, std::string name);
  FakeDriver(const FakeDriver&) = delete;
  FakeDriver& operator=(const FakeDriver&) = delete;

  std::string path(const std::string& file) const { return dir_ + "/" + file; }
  void put_generation(const std::string& role, const std::string& version,
                      const std::string& build_id);
  bool has(const std::string& role) const;

  int update_errno = 0;                 ///< what `update` and `rollback` return
  std::vector<std::string> mismatches;  ///< what a roll-back names
  std::string state_after_failure = "staged";

 private:
  int load(std::string_view image);
  int update();
  int rollback();
  void move(const std::string& from, const std::string& to);
  void record(const std::string& result, int err);

  FakeKernel& kernel_;
  std::string name_, dir_;
};

}  // namespace luctl
