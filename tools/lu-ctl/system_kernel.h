// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// The Kernel that is really there.
#pragma once

#include "kernel.h"

struct kmod_ctx;
struct kmod_module;

namespace luctl {

class SystemKernel : public Kernel {
 public:
  SystemKernel();
  ~SystemKernel() override;
  SystemKernel(const SystemKernel&) = delete;
  SystemKernel& operator=(const SystemKernel&) = delete;

  Result<std::string> read(const std::string& path) override;
  Result<void> write(const std::string& path, std::string_view text) override;
  std::vector<std::string> list(const std::string& dir) override;
  bool exists(const std::string& path) override;
  bool is_directory(const std::string& path) override;
  bool is_regular(const std::string& path) override;
  std::string link_name(const std::string& path) override;
  Result<void> trigger(const std::string& path, const Note& note) override;
  Result<void> load_module(std::string_view image, const std::string& params) override;
  Result<void> remove_module(const std::string& name) override;
  Result<void> probe_module(const std::string& name) override;
  std::optional<std::string> module_file(const std::string& name) override;
  Result<Lock> lock(const std::string& path) override;
  bool is_root() override;
  std::string release() override;
  std::string machine() override;
  std::vector<std::string> addresses(const std::string& interface) override;
  bool interactive() override;
  bool confirm(const std::string& question) override;
  Result<std::unique_ptr<UeventSource>> uevents() override;

 private:
  struct kmod_ctx* kmod_;  ///< null when libkmod cannot start; modules by name are then unknown
};

}  // namespace luctl
