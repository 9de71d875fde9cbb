// SPDX-License-Identifier: GPL-2.0
#include "kernel_dir.h"

#include <fmt/format.h>
#include <libkmod.h>

#include <memory>
#include <set>

namespace luq {

namespace {

using Context = std::unique_ptr<kmod_ctx, decltype(&kmod_unref)>;
using List = std::unique_ptr<kmod_list, decltype(&kmod_module_unref_list)>;

void collect(kmod_module* module, std::set<fs::path>& files) {
  if (const char* path = kmod_module_get_path(module); path != nullptr) files.emplace(path);
  List needed(kmod_module_get_dependencies(module), &kmod_module_unref_list);
  kmod_list* at = nullptr;
  kmod_list_foreach(at, needed.get()) {
    std::unique_ptr<kmod_module, decltype(&kmod_module_unref)> other(kmod_module_get_module(at),
                                                                     &kmod_module_unref);
    collect(other.get(), files);
  }
  kmod_list* pre = nullptr;
  kmod_list* post = nullptr;
  kmod_module_get_softdeps(module, &pre, &post);
  for (kmod_list* soft : {pre, post}) {
    List owner(soft, &kmod_module_unref_list);
    kmod_list_foreach(at, soft) {
      std::unique_ptr<kmod_module, decltype(&kmod_module_unref)> other(kmod_module_get_module(at),
                                                                       &kmod_module_unref);
      collect(other.get(), files);
    }
  }
}

bool configured(const fs::path& folder, std::string_view option) {
  for (const char* name : {"config", "kdir/.config"}) {
    std::error_code missing;
    if (!fs::is_regular_file(folder / name, missing)) continue;
    return readFile(folder / name).find(fmt::format("\n{}=y\n", option)) != std::string::npos;
  }
  return false;
}

}  // namespace

KernelDir::KernelDir(fs::path folder) : folder_(fs::absolute(std::move(folder)).lexically_normal()) {
  if (!folder_.has_filename()) folder_ = folder_.parent_path();
  release_ = trim(readFile(folder_ / "release"));
  if (!fs::is_regular_file(packedImage())) throw Error(fmt::format("no vmlinuz in {}", folder_.string()));
  if (!fs::is_regular_file(moduleFolder() / "modules.dep.bin"))
    throw Error(fmt::format("no modules.dep.bin in {}: run depmod -b {}/root {}",
                            moduleFolder().string(), folder_.string(), release_));
  debug_ = configured(folder_, "CONFIG_KASAN") || configured(folder_, "CONFIG_PROVE_LOCKING");
}

std::string KernelDir::label() const {
  if (debug_) return "debug";
  const auto parts = split(release_.substr(0, release_.find_first_not_of("0123456789.")), '.');
  return parts.size() < 2 ? release_ : fmt::format("{}.{}", parts[0], parts[1]);
}

fs::path KernelDir::image() const {
  auto unpacked = folder_ / "vmlinux.pvh";
  return fs::is_regular_file(unpacked) ? unpacked : packedImage();
}

fs::path KernelDir::driverVersions() const {
  const auto path = folder_ / "drivers";
  return fs::is_directory(path) ? path : fs::path();
}

std::vector<fs::path> KernelDir::moduleClosure(const std::vector<std::string>& names) const {
  const char* noConfig = nullptr;
  Context context(kmod_new(moduleFolder().c_str(), &noConfig), &kmod_unref);
  if (!context) throw Error("libkmod refused " + moduleFolder().string());
  std::set<fs::path> files;
  for (const auto& name : names) {
    kmod_list* found = nullptr;
    kmod_module_new_from_lookup(context.get(), name.c_str(), &found);
    List owner(found, &kmod_module_unref_list);
    kmod_list* at = nullptr;
    kmod_list_foreach(at, found) {
      std::unique_ptr<kmod_module, decltype(&kmod_module_unref)> module(kmod_module_get_module(at),
                                                                        &kmod_module_unref);
      collect(module.get(), files);
    }
  }
  return {files.begin(), files.end()};
}

}  // namespace luq
