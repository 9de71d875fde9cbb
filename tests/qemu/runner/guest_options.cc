// SPDX-License-Identifier: GPL-2.0
#include "guest_options.h"

#include <fmt/format.h>

namespace luq {

namespace {

constexpr unsigned stockMemoryMiB = 1024;
constexpr unsigned debugMemoryMiB = 3072;

/** Our modules for @p kernel: the folder named, or modules/LABEL beside this program. */
std::vector<fs::path> findOwnModules(const KernelDir& kernel, const std::string& named) {
  fs::path folder = named.empty() ? ownFolder() / "modules" / kernel.label() : fs::path(named);
  if (!named.empty() && fs::is_directory(folder / kernel.label())) folder /= kernel.label();
  std::vector<fs::path> files;
  if (!fs::is_directory(folder)) {
    if (!named.empty()) throw Error("no folder " + named);
    return files;
  }
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".ko") files.push_back(entry.path());
  return files;
}

}  // namespace

fs::path guestProgram(const char* name) {
  const auto path = ownFolder() / name;
  if (!fs::exists(path)) throw Error(fmt::format("{} is missing: build it first", path.string()));
  return path;
}

std::vector<Nic> parseNics(const std::string& text) {
  std::vector<Nic> nics;
  for (const auto& word : split(text, ',')) {
    const auto parts = split(word, '@');
    Nic nic;
    nic.model = parts.at(0) == "virtio" || parts[0] == "virtio-net" ? "virtio-net-pci" : parts[0];
    if (nic.model == "pcnet32") nic.model = "pcnet";
    if (parts.size() > 1) nic.hub = static_cast<unsigned>(std::stoul(parts[1]));
    nic.mac = fmt::format("52:54:00:00:00:{:02x}", nics.size() + 1);
    nics.push_back(nic);
  }
  return nics;
}

std::vector<Disk> disksFor(const Driver& driver, unsigned wanted) {
  const auto parts = diskDriversOf(driver.name);
  const auto each = disksFor(driver.name, wanted) / static_cast<unsigned>(parts.size());
  std::vector<Disk> disks;
  for (const auto part : parts) {
    const auto& info = *findDriver(part);
    for (unsigned i = 0; i < each; ++i) {
      std::string model(info.model);
      if (const auto at = model.find("{}"); at != model.npos) model.replace(at, 2, std::to_string(i));
      disks.push_back({model, std::string(info.controller), diskSerial(static_cast<unsigned>(disks.size()))});
    }
  }
  return disks;
}

std::vector<Disk> parseDisks(const std::string& text) {
  std::vector<Disk> disks;
  std::map<std::string, unsigned> used;
  for (const auto& name : split(text, ',')) {
    const auto* driver = findDriver(name);
    if (driver == nullptr || !driver->disk) throw Error("no driver of disks '" + name + "'");
    const auto all = disksFor(*driver, ++used[name]);
    disks.push_back(all.back());
    disks.back().serial = diskSerial(static_cast<unsigned>(disks.size() - 1));
  }
  return disks;
}

void addGuestOptions(CLI::App& command, GuestOptions& o) {
  command.add_option("--modules", o.modules, "folder with liveupdate.ko, shadow_net.ko (or LABEL/ folders of them)");
  command.add_option("--lu-ctl", o.luCtl, "lu-ctl program to place in the guest");
  command.add_option("--smp", o.cpus, "virtual CPUs")->capture_default_str();
  command.add_option("--mem", o.memoryMiB, "memory in MiB (0: as the kernel needs)");
  command.add_option("--append", o.kernelArguments, "more kernel arguments");
  command.add_option("--qemu-arg", o.qemuArguments, "one more QEMU argument (repeatable)")->allow_extra_args(false);
  command.add_option("--file", o.files, "file or folder for /m (repeatable)")->allow_extra_args(false);
  command.add_option("--bin", o.programs, "program of this machine to take along (repeatable)")->allow_extra_args(false);
  command.add_option("--stock", o.stock, "further stock module (repeatable)")->allow_extra_args(false);
}

GuestContents guestContents(const KernelDir& kernel, const GuestOptions& o) {
  GuestContents contents;
  contents.init = guestProgram("lu-init");
  contents.ownModules = findOwnModules(kernel, o.modules);
  contents.driverVersions = kernel.driverVersions();
  contents.modules = o.stock;
  for (const auto& file : o.files) contents.files.emplace_back(file);
  for (const auto& name : o.programs) {
    const fs::path program = name.find('/') != name.npos ? fs::path(name) : findProgram(name);
    if (program.empty() || !fs::exists(program)) throw Error("no program " + name);
    contents.programs.push_back(program);
  }
  const fs::path luCtl = o.luCtl.empty() ? ownFolder() / "lu-ctl" : fs::path(o.luCtl);
  if (fs::exists(luCtl)) contents.programs.push_back(luCtl);
  else if (!o.luCtl.empty()) throw Error("no file " + o.luCtl);
  return contents;
}

BootPlan basePlan(const KernelDir& kernel, const GuestOptions& o, const fs::path& folder) {
  BootPlan plan;
  plan.kernel = kernel.image();
  plan.folder = folder;
  // The interrupt routing of "pc" is a program in its firmware, which takes a checked kernel half a minute for each card.
  if (kernel.isDebug()) plan.machine = "q35";
  plan.accelerator = chooseAccelerator(kernel.image(), guestProgram("lu-init"));
  plan.cpus = o.cpus;
  plan.memoryMiB = o.memoryMiB != 0 ? o.memoryMiB : kernel.isDebug() ? debugMemoryMiB : stockMemoryMiB;
  plan.kernelArguments = o.kernelArguments;
  plan.qemuArguments = o.qemuArguments;
  plan.environment["LU_KERNEL"] = kernel.label();
  return plan;
}

}  // namespace luq
