// SPDX-License-Identifier: GPL-2.0
#include "commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "plan.h"
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
  std::string level = "check", output, plan;
  unsigned slow = 1, jobs = 1;
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

/** A kernel that is ready to boot. */
struct Prepared {
  KernelDir kernel;
  fs::path initramfs;
};

/** Everything that the boots of one run share. */
class Run {
 public:
  Run(const std::vector<std::string>& folders, GuestOptions guest, BootSettings settings, fs::path output)
      : guest_(std::move(guest)), settings_(std::move(settings)), output_(std::move(output)) {
    for (const auto& folder : folders) prepare(KernelDir(folder));
    // Probed once, before several threads would.
    if (!kernels_.empty()) basePlan(kernels_.front().kernel, guest_, scratch_.path());
  }

  const std::vector<Prepared>& kernels() const { return kernels_; }

  /** Do all @p boots, @p workers of them at a time, each in a folder of its own. */
  void doAll(const std::vector<PlannedBoot>& boots, unsigned workers, Report& report) {
    forEachOn(workers, boots.size(), [&](std::size_t i) {
      auto settings = settings_;
      settings.folder = scratch_.path() / std::to_string(i);
      fs::create_directories(settings.folder);
      doOne(boots[i], settings, report);
      fs::remove_all(settings.folder);
    });
  }

 private:
  void prepare(KernelDir kernel) {
    const auto initramfs = scratch_.path() / ("initramfs-" + kernel.label());
    auto contents = guestContents(kernel, guest_);
    contents.programs.push_back(guestProgram("lu-guest"));
    buildInitramfs(kernel, contents, initramfs);
    kernels_.push_back({std::move(kernel), initramfs});
  }

  void doOne(const PlannedBoot& planned, const BootSettings& settings, Report& report) {
    const auto& [kernel, initramfs] = kernels_.at(planned.kernel);
    const auto& boot = planned.boot;
    const auto stem = fmt::format("{}-{}", kernel.label(), fileName(boot.name()));
    try {
      auto outcome = runBoot(boot, kernel, initramfs, guest_, settings);
      if (isStaleBreakpoint(outcome.result, outcome.verdict)) {
        const auto first = output_ / (stem + ".first.console");
        writeFile(first, outcome.result.console);
        fmt::print("{} {}: the emulated processor ran a breakpoint that is not in its memory, see {}: once more\n", kernel.label(),
                   boot.name(), first.string());
        outcome = runBoot(boot, kernel, initramfs, guest_, settings);
        for (auto& result : outcome.verdict.cases) result.properties["repeated"] = "stale breakpoint";
      }
      const auto console = output_ / (stem + ".console");
      writeFile(console, outcome.result.console);
      writeFile(output_ / (stem + ".log"), outcome.result.log);
      const auto played = soundFile(settings.folder);
      if (!outcome.verdict.good() && fs::exists(played))
        fs::copy_file(played, output_ / (stem + ".wav"), fs::copy_options::overwrite_existing);
      report.add(kernel.label(), boot, outcome, console);
    } catch (const Unsupported& e) {
      report.addSkipped(kernel.label(), boot, e.what());
    } catch (const std::exception& e) {
      report.addError(kernel.label(), boot, e.what());
    }
  }

  TempDir scratch_;
  GuestOptions guest_;
  BootSettings settings_;
  fs::path output_;
  std::vector<Prepared> kernels_;
};

int runScenarios(const RunOptions& o) {
  TempDir scratch;
  const auto output = placeFor(o.keep, scratch);
  std::vector<PlannedBoot> boots;
  for (unsigned i = 0; i < o.repeat; ++i)
    for (auto& boot : selectBoots(o.scenarios)) boots.push_back({0, std::move(boot), 0});
  Report report;
  Run run({o.kernel}, o.guest, {.level = Level::check, .count = o.count, .slow = o.slow, .showLog = !o.quietLog, .folder = {}}, output);
  run.doAll(boots, 1, report);
  report.summarize();
  return report.good() ? 0 : 1;
}

/** What @p o asks for, on @p kernels. Throws Error where a plan has nothing for a kernel. */
std::vector<PlannedBoot> plannedBoots(const CheckOptions& o, const std::vector<Prepared>& kernels) {
  const auto plan = o.plan.empty() ? CheckPlan() : parsePlan(readFile(o.plan));
  std::vector<PlannedBoot> all;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    const auto& kernel = kernels[i].kernel;
    auto wanted = o.scenarios;
    if (!o.plan.empty()) {
      if (!plan.contains(kernel.label())) throw Error(fmt::format("{} has nothing for kernel {}", o.plan, kernel.label()));
      wanted = plan.at(kernel.label());
    }
    for (auto& boot : selectBoots(wanted)) {
      const unsigned weight = limitOf(boot) * slowness(kernel);
      all.push_back({i, std::move(boot), weight});
    }
  }
  sortLongestFirst(all);
  return all;
}

int check(const CheckOptions& o) {
  const Level level = o.level == "soak" ? Level::soak : Level::check;
  const fs::path output = o.output.empty() ? ownFolder() / o.level : fs::path(o.output);
  fs::create_directories(output);
  const auto began = Clock::now();
  Report report(output / "results.json");
  // Guests that share this machine's CPUs take longer, each.
  Run run(o.kernels, o.guest, {.level = level, .count = 0, .slow = o.slow * o.jobs, .showLog = false, .folder = {}}, output);
  run.doAll(plannedBoots(o, run.kernels()), o.jobs, report);
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
  auto* only = command->add_option("--scenario", o->scenarios, "only these")->delimiter(',');
  command->add_option("--plan", o->plan, "file with lines KERNEL SCENARIO: what to run on which kernel")
      ->check(CLI::ExistingFile)->excludes(only);
  command->add_option("--jobs", o->jobs, "guests at a time")->check(CLI::Range(1, 64))->capture_default_str();
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
