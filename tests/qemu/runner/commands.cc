// SPDX-License-Identifier: GPL-2.0
#include "commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "boots.h"
#include "report.h"
#include "tap.h"

namespace luq {

namespace {

constexpr std::size_t consoleTail = 60;

struct RunOptions {
  std::string kernel, script, nics = "e1000,virtio-net-pci", disks, keep;
  std::vector<std::string> scenarios;
  unsigned limitSeconds = 300, repeat = 1, count = 0, slow = 1;
  bool showConsole = false, quietLog = false;
  std::vector<std::string> allowed;
  GuestOptions guest;
};

struct CheckOptions {
  std::vector<std::string> kernels, scenarios;
  std::string level = "check", output;
  unsigned slow = 1;
  GuestOptions guest;
};

/** Where to leave files: the folder asked for, or one that goes away. */
fs::path placeFor(const std::string& keep, const TempDir& scratch) {
  if (keep.empty()) return scratch.path();
  fs::create_directories(keep);
  return fs::absolute(keep);
}

int runScript(const RunOptions& o) {
  const KernelDir kernel(o.kernel);
  TempDir scratch;
  const auto script = scratch.path() / "script";
  fs::copy_file(o.script, script);
  auto contents = guestContents(kernel, o.guest);
  contents.files.push_back(script);
  auto plan = basePlan(kernel, o.guest, placeFor(o.keep, scratch));
  plan.initramfs = scratch.path() / "initramfs";
  buildInitramfs(kernel, contents, plan.initramfs);
  plan.nics = parseNics(o.nics);
  plan.disks = parseDisks(o.disks);
  plan.command = {"/bin/sh", "/m/script"};
  plan.commandLimit = Seconds(o.limitSeconds);
  plan.bootLimit *= slowness(kernel);
  const auto result = boot(plan, [](std::string_view text) {
    fmt::print("{}", text);
    std::fflush(stdout);
  });
  if (o.showConsole) fmt::print("--- console ---\n{}\n", result.console);
  const auto verdict = judgeScript(result, o.allowed);
  for (const auto& reason : verdict.reasons) fmt::print("lu-qemu: {}\n", reason);
  for (const auto& line : verdict.splats) fmt::print("  splat: {}\n", line);
  if (!verdict.good())
    fmt::print("--- QEMU ---\n{}\n--- last lines of the console ---\n{}\n", result.qemuCommand, lastLines(result.console, consoleTail));
  fmt::print("--- {} in {:.1f} s on {} ({}) ---\n", verdict.good() ? "passed" : "FAILED",
             static_cast<double>(result.took.count()) / 1000, kernel.release(), plan.accelerator);
  return verdict.good() ? 0 : 1;
}

/** A name for files, without the characters that shells dislike. */
std::string fileName(std::string text) {
  std::replace(text.begin(), text.end(), '[', '-');
  std::erase(text, ']');
  return text;
}

/** Run @p boots on one kernel, consoles left in @p output. */
void runBoots(const KernelDir& kernel, const std::vector<Boot>& boots, const GuestOptions& guest,
              BootSettings settings, const fs::path& output, Report& report) {
  TempDir scratch;
  const auto initramfs = scratch.path() / "initramfs";
  auto contents = guestContents(kernel, guest);
  contents.programs.push_back(guestProgram("lu-guest"));
  buildInitramfs(kernel, contents, initramfs);
  settings.folder = scratch.path();
  for (const auto& boot : boots) {
    const auto stem = fmt::format("{}-{}", kernel.label(), fileName(boot.name()));
    try {
      const auto outcome = runBoot(boot, kernel, initramfs, guest, settings);
      const auto console = output / (stem + ".console");
      writeFile(console, outcome.result.console);
      writeFile(output / (stem + ".log"), outcome.result.log);
      report.add(kernel.label(), boot, outcome, console);
    } catch (const Unsupported& e) {
      report.addSkipped(kernel.label(), boot, e.what());
    } catch (const Error& e) {
      report.addError(kernel.label(), boot, e.what());
    }
  }
}

int runScenarios(const RunOptions& o) {
  const KernelDir kernel(o.kernel);
  TempDir scratch;
  const auto output = placeFor(o.keep, scratch);
  const auto boots = selectBoots(o.scenarios);
  Report report;
  for (unsigned i = 0; i < o.repeat; ++i)
    runBoots(kernel, boots, o.guest, {.level = Level::check, .count = o.count, .slow = o.slow, .showLog = !o.quietLog, .folder = {}}, output, report);
  report.summarize();
  return report.good() ? 0 : 1;
}

int check(const CheckOptions& o) {
  const Level level = o.level == "soak" ? Level::soak : Level::check;
  const fs::path output = o.output.empty() ? ownFolder() / o.level : fs::path(o.output);
  fs::create_directories(output);
  const auto began = Clock::now();
  Report report;
  for (const auto& folder : o.kernels) {
    const KernelDir kernel(folder);
    auto boots = selectBoots(o.scenarios);
    if (kernel.isDebug() && level == Level::check)
      std::erase_if(boots, [](Boot& b) {
        std::erase_if(b.scenarios, [](const Scenario* s) { return !s->onDebug; });
        return b.scenarios.empty();
      });
    runBoots(kernel, boots, o.guest, {.level = level, .count = 0, .slow = o.slow, .showLog = false, .folder = {}}, output, report);
    report.writeJson(output / "results.json");
  }
  fmt::print("{:.0f} s in all, results in {}\n", std::chrono::duration<double>(Clock::now() - began).count(), output.string());
  report.summarize();
  return report.good() ? 0 : 1;
}

void list() {
  for (const auto& boot : selectBoots({}))
    for (const auto* s : boot.scenarios)
      fmt::print("{:50} group {:24} {:2} wires, limit {:4} s, {} repetitions in check, {} in soak\n", s->fullName(boot.driver),
                 boot.name(), s->wires, s->limitSeconds, s->checkCount, s->soakCount);
}

void addRun(CLI::App& app, int& code) {
  auto o = std::make_shared<RunOptions>();
  auto* command = app.add_subcommand("run", "run named scenarios, or a shell script as root, in one kernel");
  command->add_option("--kernel", o->kernel, "kernel folder")->required();
  auto* script = command->add_option("--script", o->script, "shell script to run")->check(CLI::ExistingFile);
  command->add_option("--scenario", o->scenarios, "scenarios or groups, '*' allowed")->delimiter(',')->excludes(script);
  command->add_option("--repeat", o->repeat, "run the boots this often")->capture_default_str();
  command->add_option("--count", o->count, "repetitions inside a scenario (0: as in check)");
  command->add_option("--nic", o->nics, "cards for a script, MODEL[@HUB],...")->capture_default_str();
  command->add_option("--disk", o->disks, "disks for a script, by the driver that drives them: virtio_blk,ahci,...");
  command->add_option("--timeout", o->limitSeconds, "time limit of the script in seconds")->capture_default_str();
  command->add_option("--keep", o->keep, "folder for consoles and logs");
  command->add_option("--allow", o->allowed, "text of a console line that is no fault here (repeatable)")->allow_extra_args(false);
  command->add_option("--slow", o->slow, "multiply the time limits of scenarios")->capture_default_str();
  command->add_flag("--console", o->showConsole, "print the script's whole console at the end");
  command->add_flag("--no-log", o->quietLog, "do not show the guest's log while scenarios run");
  addGuestOptions(*command, o->guest);
  command->callback([o, &code] {
    if (o->script.empty() && o->scenarios.empty()) throw CLI::RequiredError("--script or --scenario");
    code = o->script.empty() ? runScenarios(*o) : runScript(*o);
  });
}

void addCheck(CLI::App& app, int& code) {
  auto o = std::make_shared<CheckOptions>();
  auto* command = app.add_subcommand("check", "run the whole plan on all kernels named");
  command->add_option("--kernels", o->kernels, "kernel folders")->delimiter(',')->required();
  command->add_option("--level", o->level, "how often to repeat")->check(CLI::IsMember({"check", "soak"}))->capture_default_str();
  command->add_option("--scenario", o->scenarios, "only these")->delimiter(',');
  command->add_option("--slow", o->slow, "multiply all time limits")->capture_default_str();
  command->add_option("--output", o->output, "folder for results and consoles (default: check or soak beside this program)");
  addGuestOptions(*command, o->guest);
  command->callback([o, &code] { code = check(*o); });
}

}  // namespace

void addCommands(CLI::App& app, int& code) {
  addRun(app, code);
  addCheck(app, code);
  app.add_subcommand("list", "list all scenarios")->callback([&code] {
    list();
    code = 0;
  });
}

}  // namespace luq
