// SPDX-License-Identifier: GPL-2.0-or-later
// SystemKernel: loading, unloading and finding modules.
#include <libkmod.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "system_kernel.h"

namespace luctl {
namespace {

struct ModuleUnref {
  void operator()(kmod_module* module) const { kmod_module_unref(module); }
};
using ModulePtr = std::unique_ptr<kmod_module, ModuleUnref>;

ModulePtr by_name(kmod_ctx* context, const std::string& name) {
  kmod_module* module = nullptr;
  if (!context || kmod_module_new_from_name(context, name.c_str(), &module) < 0) return nullptr;
  return ModulePtr(module);
}

/// libkmod would print to stderr by itself; what matters comes back as an error code.
void no_log(void*, int, const char*, int, const char*, const char*, va_list) {}

}  // namespace

SystemKernel::SystemKernel() : kmod_(kmod_new(nullptr, nullptr)) {
  if (kmod_) kmod_set_log_fn(kmod_, no_log, nullptr);
}

SystemKernel::~SystemKernel() {
  if (kmod_) kmod_unref(kmod_);
}

Result<void> SystemKernel::load_module(std::string_view image, const std::string& params) {
  // From memory, so that what is loaded is what was checked, and no file system is needed.
  if (::syscall(SYS_init_module, image.data(), image.size(), params.c_str()) == 0) return {};
  return sys_error(errno, "init_module");
}

Result<void> SystemKernel::remove_module(const std::string& name) {
  ModulePtr module = by_name(kmod_, name);
  if (!module) return sys_error(ENOENT, name);
  int status = kmod_module_remove_module(module.get(), 0);
  if (status < 0) return sys_error(-status, name);
  return {};
}

Result<void> SystemKernel::probe_module(const std::string& name) {
  ModulePtr module = by_name(kmod_, name);
  if (!module) return sys_error(ENOENT, name);
  int status = kmod_module_probe_insert_module(module.get(), 0, nullptr, nullptr, nullptr, nullptr);
  if (status < 0) return sys_error(-status, name);
  return {};
}

std::optional<std::string> SystemKernel::module_file(const std::string& name) {
  ModulePtr module = by_name(kmod_, name);
  const char* path = module ? kmod_module_get_path(module.get()) : nullptr;
  if (!path) return std::nullopt;
  return path;
}

}  // namespace luctl
