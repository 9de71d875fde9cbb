// SPDX-License-Identifier: GPL-2.0
#include "boots.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cstdio>

namespace luq {

namespace {

constexpr unsigned debugSlowness = 4;
constexpr unsigned wideCardQueues = 2;
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
  if (driver->disk) return nics;
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
  if (driver->modules[0].empty()) return disksFor(*driver, boot.scenarios.front()->wires);
  std::vector<Disk> all;
  for (const auto module : driver->modules) {
    const auto* part = findDriver(module);
    if (part == nullptr || part == driver) continue;
    for (auto& disk : disksFor(*part, 1)) {
      disk.serial = diskSerial(static_cast<unsigned>(all.size()));
      all.push_back(disk);
    }
  }
  return all;
}

std::vector<std::string> allowedTexts(const Boot& boot) {
  std::vector<std::string> texts;
  for (const auto* scenario : boot.scenarios) texts.insert(texts.end(), scenario->allow.begin(), scenario->allow.end());
  return texts;
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

BootOutcome runBoot(const Boot& boot, const KernelDir& kernel, const fs::path& initramfs,
                    const GuestOptions& options, const BootSettings& settings) {
  auto plan = basePlan(kernel, options, settings.folder);
  plan.initramfs = initramfs;
  plan.nics = cards(boot);
  plan.disks = disks(boot);
  if (const auto machine = findDriver(boot.driver)->machine; !machine.empty()) plan.machine = machine;
  plan.command = {"/usr/bin/lu-guest", fmt::format("--gtest_filter={}", fmt::join(boot.plan(), ":"))};
  const unsigned factor = settings.slow * slowness(kernel) * (settings.level == Level::soak ? 10 : 1);
  plan.environment["LU_LEVEL"] = settings.level == Level::soak ? "soak" : "check";
  plan.environment["LU_SLOWNESS"] = std::to_string(factor);
  if (settings.count != 0) plan.environment["LU_COUNT"] = std::to_string(settings.count);
  unsigned limit = loadLimitSeconds;
  for (const auto* scenario : boot.scenarios) limit += scenario->limitSeconds;
  plan.commandLimit = Seconds(limit * factor);
  plan.resetAtEnd = boot.scenarios.front()->mayNotPowerOff;
  plan.powerOffLimit *= settings.slow * slowness(kernel);
  plan.bootLimit *= settings.slow * slowness(kernel);
  BootOutcome outcome;
  outcome.result = luq::boot(plan, settings.showLog ? LogSink([](std::string_view text) {
    fmt::print("{}", text);
    std::fflush(stdout);
  }) : LogSink());
  outcome.verdict = judge(outcome.result, boot.plan(), allowedTexts(boot));
  return outcome;
}

}  // namespace luq
