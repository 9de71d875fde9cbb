// SPDX-License-Identifier: GPL-2.0
#include "run_script.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "verdict.h"

namespace luq {

namespace {

constexpr unsigned stockMemoryMiB = 1024;
constexpr unsigned debugMemoryMiB = 3072;
constexpr std::size_t consoleTail = 60;

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

fs::path guestProgram(const char* name) {
  const auto path = ownFolder() / name;
  if (!fs::exists(path)) throw Error(fmt::format("{} is missing: build it first", path.string()));
  return path;
}

struct ScriptOptions {
  std::string kernel, script, nics = "e1000,virtio-net-pci", keep;
  unsigned limitSeconds = 300;
  bool showConsole = false;
  std::vector<std::string> allowed;
  GuestOptions guest;
};

void printFailure(const BootResult& result, const Verdict& verdict) {
  for (const auto& reason : verdict.reasons) fmt::print(stderr, "lu-qemu: {}\n", reason);
  for (const auto& line : verdict.splats) fmt::print(stderr, "  splat: {}\n", line);
  fmt::print(stderr, "--- QEMU ---\n{}\n--- last lines of the console ---\n{}\n",
             result.qemuCommand, lastLines(result.console, consoleTail));
}

int runScript(const ScriptOptions& o) {
  const KernelDir kernel(o.kernel);
  TempDir scratch;
  fs::path folder = scratch.path();
  if (!o.keep.empty()) {
    folder = fs::absolute(o.keep);
    fs::create_directories(folder);
  }
  auto contents = guestContents(kernel, o.guest);
  const auto script = scratch.path() / "script";
  fs::copy_file(o.script, script);
  contents.files.push_back(script);
  auto plan = basePlan(kernel, o.guest, folder);
  plan.initramfs = scratch.path() / "initramfs";
  buildInitramfs(kernel, contents, plan.initramfs);
  plan.nics = parseNics(o.nics);
  plan.command = {"/bin/sh", "/m/script"};
  plan.environment["LU_KERNEL"] = kernel.label();
  plan.commandLimit = Seconds(o.limitSeconds);
  const auto result = boot(plan, [](std::string_view text) {
    fmt::print("{}", text);
    std::fflush(stdout);
  });
  if (o.showConsole) fmt::print("--- console ---\n{}\n", result.console);
  const auto verdict = judgeScript(result, o.allowed);
  if (!verdict.good()) printFailure(result, verdict);
  fmt::print("--- {} in {:.1f} s on {} ({}) ---\n", verdict.good() ? "passed" : "FAILED",
             static_cast<double>(result.took.count()) / 1000, kernel.release(), plan.accelerator);
  return verdict.good() ? 0 : 1;
}

}  // namespace

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

void addGuestOptions(CLI::App& command, GuestOptions& o) {
  command.add_option("--modules", o.modules, "folder with liveupdate.ko, shadow_net.ko (or LABEL/ folders of them)");
  command.add_option("--lu-ctl", o.luCtl, "lu-ctl program to place in the guest");
  command.add_option("--smp", o.cpus, "virtual CPUs")->capture_default_str();
  command.add_option("--mem", o.memoryMiB, "memory in MiB (0: as the kernel needs)");
  command.add_option("--append", o.kernelArguments, "more kernel arguments");
  command.add_option("--qemu-arg", o.qemuArguments, "one more QEMU argument (repeatable)")->allow_extra_args(false);
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
  plan.accelerator = chooseAccelerator(kernel.image(), guestProgram("lu-init"));
  plan.cpus = o.cpus;
  plan.memoryMiB = o.memoryMiB != 0 ? o.memoryMiB : kernel.isDebug() ? debugMemoryMiB : stockMemoryMiB;
  plan.kernelArguments = o.kernelArguments;
  plan.qemuArguments = o.qemuArguments;
  return plan;
}

void addRunCommand(CLI::App& app, int& code) {
  auto options = std::make_shared<ScriptOptions>();
  auto* command = app.add_subcommand("run", "run a shell script as root in one guest");
  command->add_option("--kernel", options->kernel, "kernel folder")->required();
  command->add_option("--script", options->script, "shell script to run")->required()->check(CLI::ExistingFile);
  command->add_option("--nic", options->nics, "cards, MODEL[@HUB],...")->capture_default_str();
  command->add_option("--file", options->guest.files, "file or folder for /m (repeatable)")->allow_extra_args(false);
  command->add_option("--bin", options->guest.programs, "program of this machine to take along (repeatable)")->allow_extra_args(false);
  command->add_option("--stock", options->guest.stock, "further stock module (repeatable)")->allow_extra_args(false);
  command->add_option("--timeout", options->limitSeconds, "time limit of the script in seconds")->capture_default_str();
  command->add_option("--keep", options->keep, "folder for console and port files");
  command->add_option("--allow", options->allowed, "text of a console line that is no fault here (repeatable)")->allow_extra_args(false);
  command->add_flag("--console", options->showConsole, "print the whole console at the end");
  addGuestOptions(*command, options->guest);
  command->callback([options, &code] { code = runScript(*options); });
}

}  // namespace luq
