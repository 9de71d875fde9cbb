// SPDX-License-Identifier: GPL-2.0
#include "boots.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "heard.h"

namespace luq {

namespace {

constexpr unsigned debugSlowness = 4;
constexpr unsigned wideCardQueues = 2;
constexpr unsigned updatesBeforeCut = 2;
constexpr std::uint64_t commitsBeforeCut = 40;
constexpr unsigned loadLimitSeconds = 30;  ///< guest program's own start and end

/** '[' is part of our names, not of a pattern. */
bool fits(const std::string& pattern, const std::string& name) {
  std::string escaped;
  for (const char c : pattern) {
    if (c == '[') escaped += '\\';
    escaped += c;
  }
  return fnmatch(escaped.c_str(), name.c_str(), 0) == 0;
}

bool fitsScenario(const std::string& pattern, const Scenario& scenario, std::string_view driver) {
  return fits(pattern, scenario.fullName(driver)) ||
         fits(pattern, fmt::format("{}.{}", scenario.suite, scenario.name)) ||
         fits(pattern, std::string(scenario.group)) || fits(pattern, fmt::format("{}[{}]", scenario.group, driver));
}

void place(std::vector<Boot>& boots, const Scenario& scenario, std::string_view driver) {
  auto at = std::find_if(boots.begin(), boots.end(), [&](const Boot& b) {
    return b.group == scenario.group && b.driver == driver && b.scenarios.front()->wires == scenario.wires;
  });
  if (at == boots.end()) at = boots.insert(boots.end(), Boot{std::string(scenario.group), std::string(driver), {}});
  at->scenarios.push_back(&scenario);
}

std::vector<Nic> cards(const Boot& boot) {
  const auto* driver = findDriver(boot.driver);
  std::vector<Nic> nics;
  if (driver->disk || driver->sound) return nics;
  for (unsigned wire = 0; wire < boot.scenarios.front()->wires; ++wire) {
    nics.push_back({std::string(driver->model), wire, dutMac(wire), std::string(driver->options), 1});
    nics.push_back({std::string(driver->peerModel), wire, peerMac(wire), "", 1});
  }
  if (boot.scenarios.front()->wideCard)
    nics.push_back({std::string(driver->model), 0, dutMac(boot.scenarios.front()->wires), "", wideCardQueues});
  return nics;
}

std::vector<Disk> disks(const Boot& boot) {
  const auto* driver = findDriver(boot.driver);
  if (!driver->disk) return {};
  auto all = disksFor(*driver, boot.scenarios.front()->wires);
  if (boot.scenarios.front()->secondNamespace) all.push_back({.model = "nvme-ns,bus=dut0,nsid=2", .controller = "", .serial = ""});
  return all;
}

std::optional<SoundCard> soundCard(const Boot& boot) {
  const auto* driver = findDriver(boot.driver);
  if (!driver->sound) return std::nullopt;
  return SoundCard{std::string(driver->model), std::string(driver->controller), boot.scenarios.front()->hears};
}

/** What the sound card played, if it did. */
Heard heardIn(const fs::path& folder) {
  const auto file = soundFile(folder);
  return fs::exists(file) ? listen(readFile(file)) : Heard{};
}

std::vector<std::string> allowedTexts(const Boot& boot) {
  std::vector<std::string> texts;
  for (const auto* scenario : boot.scenarios) texts.insert(texts.end(), scenario->allow.begin(), scenario->allow.end());
  return texts;
}

/** What a guest whose power is to be cut has said so far. */
struct Progress {
  unsigned updates = 0;        ///< begun
  bool underWay = false;       ///< the last of them has not ended
  std::uint64_t committed = 0; ///< records that are on the disk for good
};

Progress progressOf(std::string_view events) {
  Progress progress;
  for (const auto& line : split(events, '\n')) {
    const auto event = nlohmann::json::parse(line, nullptr, false);
    if (event.is_discarded() || !event.is_object()) continue;  // half a line: the guest is writing it
    const auto kind = event.value("event", "");
    if (kind == "commit") progress.committed = event.value("n", progress.committed);
    if (kind != "update") continue;
    progress.underWay = event.value("under_way", false);
    if (progress.underWay) ++progress.updates;
  }
  return progress;
}

bool isMomentToCut(std::string_view events) {
  const auto progress = progressOf(events);
  return progress.underWay && progress.updates > updatesBeforeCut && progress.committed >= commitsBeforeCut;
}

/** The first of two boots, until the power is cut. The second one is told what has to be on the disks. */
BootResult bootAndCut(BootPlan& plan, const LogSink& sink) {
  plan.keepDisks = true;
  plan.cutWhen = isMomentToCut;
  auto result = luq::boot(plan, sink);
  plan.keepDisks = false;
  plan.cutWhen = nullptr;
  plan.disksOfEarlierBoot = true;
  plan.environment["LU_COMMITTED"] = std::to_string(progressOf(result.events).committed);
  return result;
}

/** Of both boots: the first one's console counts too, and that it came to its cut. */
BootResult joined(BootResult first, BootResult second) {
  second.console = first.console + "\n--- power cut ---\n" + second.console;
  second.log = first.log + "--- power cut ---\n" + second.log;
  second.took += first.took;
  return second;
}

}  // namespace

std::vector<std::string> Boot::plan() const {
  std::vector<std::string> names;
  for (const auto* scenario : scenarios) names.push_back(scenario->fullName(driver));
  return names;
}

std::vector<Boot> selectBoots(const std::vector<std::string>& wanted) {
  std::vector<Boot> boots;
  std::vector<bool> used(wanted.size(), false);
  for (const auto& scenario : scenarios())
    for (const auto driver : scenario.on) {
      bool chosen = wanted.empty();
      for (std::size_t i = 0; i < wanted.size(); ++i)
        if (fitsScenario(wanted[i], scenario, driver)) chosen = used[i] = true;
      if (chosen) place(boots, scenario, driver);
    }
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (!used[i]) throw Error(fmt::format("no scenario fits '{}': see lu-qemu list", wanted[i]));
  return boots;
}

unsigned slowness(const KernelDir& kernel) { return kernel.isDebug() ? debugSlowness : 1; }

unsigned limitOf(const Boot& boot) {
  unsigned limit = loadLimitSeconds;
  for (const auto* scenario : boot.scenarios) limit += scenario->limitSeconds;
  return limit;
}

BootOutcome runBoot(const Boot& boot, const KernelDir& kernel, const fs::path& initramfs,
                    const GuestOptions& options, const BootSettings& settings) {
  auto plan = basePlan(kernel, options, settings.folder);
  // The full counts also run with the addresses that the kernel picks when it unpacks itself.
  if (settings.level == Level::soak) plan.kernel = kernel.packedImage();
  plan.initramfs = initramfs;
  if (const auto& programs = boot.scenarios.front()->programs; !programs.empty()) {
    plan.initramfs = settings.folder / "initramfs";
    appendPrograms(programs, initramfs, plan.initramfs);
  }
  plan.nics = cards(boot);
  plan.disks = disks(boot);
  plan.sound = soundCard(boot);
  if (const auto machine = findDriver(boot.driver)->machine; !machine.empty()) plan.machine = machine;
  if (const auto machine = boot.scenarios.front()->machine; !machine.empty()) plan.machine = machine;
  // See basePlan(): where it has to be "pc", what the BIOS says of interrupts has to do.
  if (kernel.isDebug() && plan.machine == "pc") plan.kernelArguments += " acpi=noirq";
  plan.command = {"/usr/bin/lu-guest", fmt::format("--gtest_filter={}", fmt::join(boot.plan(), ":"))};
  const unsigned factor = settings.slow * slowness(kernel) * (settings.level == Level::soak ? 10 : 1);
  plan.environment["LU_LEVEL"] = settings.level == Level::soak ? "soak" : "check";
  plan.environment["LU_SLOWNESS"] = std::to_string(factor);
  if (settings.count != 0) plan.environment["LU_COUNT"] = std::to_string(settings.count);
  plan.commandLimit = Seconds(limitOf(boot) * factor);
  plan.resetAtEnd = boot.scenarios.front()->mayNotPowerOff;
  plan.powerOffLimit *= settings.slow * slowness(kernel);
  plan.bootLimit *= settings.slow * slowness(kernel);
  const auto sink = settings.showLog ? LogSink([](std::string_view text) {
    fmt::print("{}", text);
    std::fflush(stdout);
  }) : LogSink();
  BootOutcome outcome;
  if (boot.scenarios.front()->powerCut) {
    auto first = bootAndCut(plan, sink);
    // Where it never came to the cut, what happened instead is the result.
    outcome.result = first.cut ? joined(std::move(first), luq::boot(plan, sink)) : std::move(first);
  } else {
    outcome.result = luq::boot(plan, sink);
  }
  outcome.verdict = judge(outcome.result, boot.plan(), allowedTexts(boot));
  judgeSound(outcome.verdict, outcome.result.events, heardIn(settings.folder));
  return outcome;
}

}  // namespace luq
