// SPDX-License-Identifier: GPL-2.0
#include "plans.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "common/catalogue.h"
#include "common/numbered_sound.h"
#include "common/sound_files.h"
#include "heard.h"
#include "verdict.h"

namespace lub {

namespace {

using luq::BootPlan;
using luq::Seconds;

/** Fewer of what is steady than of what has a tail. */
struct Counts {
  unsigned blackout, instructionRounds, bursts, memory, cards, requests, severalDisks, periods;
};

Counts countsFor(unsigned runs) {
  return {.blackout = runs,
          .instructionRounds = std::clamp(runs / 10, 1u, 3u),
          .bursts = std::clamp(runs * 4, 40u, 100u),
          .memory = std::clamp(runs / 10, 1u, 5u),
          .cards = std::clamp(runs / 5, 3u, 10u),
          .requests = std::clamp(runs * 10, 100u, 500u),
          .severalDisks = std::clamp(runs / 5, 3u, 10u),
          .periods = std::clamp(runs, 20u, 50u)};
}

/**
 * With a static table of interrupt routes, as real machines have. On "pc" it is a program in the firmware, whose
 * interpretation takes 0.2 s each time that a PCI device is enabled or disabled, by whatever driver.
 */
constexpr const char* machineType = "q35";

/** As many disks as one controller has ports, or none of which is needed. */
/** The names count as a driver's, and stand for modules that are replaced together. */
bool isSet(const std::string& driver) { return !luq::findDriver(driver)->modules[0].empty(); }

unsigned mostDisks(const std::string& driver) {
  return driver == "ata_piix" ? 2 : driver == "libata" ? 4 : driver == "ahci" ? 6 : 16;
}

/** Seconds, generous: other work may be going on on this machine. */
constexpr unsigned runLimit = 120, roundLimit = 900, baseLimit = 300;

class Bench {
 public:
  explicit Bench(const BenchOptions& options) : options_(options), kernel_(options.kernel) {
    initramfs_ = scratch_.path() / "initramfs";
    auto contents = guestContents(kernel_, options.guest);
    contents.programs.push_back(luq::guestProgram("lu-bench-guest"));
    buildInitramfs(kernel_, contents, initramfs_);
  }

  Results run() {
    describe();
    for (const auto& name : options_.only)
      for (const auto& driver : options_.drivers) {
        const bool disk = luq::findDriver(driver)->disk, sound = luq::findDriver(driver)->sound, card = !disk && !sound;
        if (name == "instructions" && card) instructions(driver);
        if (name == "blackout" && card) blackout(driver);
        if (name == "memory" && card) memory(driver);
        if (name == "cards" && card) cards(driver);
        if (name == "requests" && disk) requests(driver);
        if (name == "stalls" && disk) stalls(driver);
        if (name == "playing" && sound) playing(driver);
        if (name == "gaps" && sound) gaps(driver);
      }
    return std::move(results_);
  }

 private:
  void describe() {
    const auto version = luq::run({"qemu-system-x86_64", "--version"}).out;
    results_.about("kernel", kernel_.release());
    results_.about("emulator", version.substr(0, version.find('\n')));
    results_.about("machine", machineType);
    results_.about("accelerator", basePlan(kernel_, options_.guest, scratch_.path()).accelerator);
    results_.about("virtual CPUs", options_.guest.cpus);
    results_.about("runs", options_.runs);
  }

  /** A machine with @p wires cards of @p driver, each with its partner. */
  BootPlan machine(const std::string& driver, unsigned wires = 1) const {
    const auto* info = luq::findDriver(driver);
    if (info == nullptr) throw luq::Error("no driver " + driver);
    auto plan = basePlan(kernel_, options_.guest, scratch_.path());
    plan.initramfs = initramfs_;
    plan.machine = machineType;
    // An emulator that has to share its CPUs may miss the moment in which the kernel tests its timer.
    plan.kernelArguments += " no_timer_check";
    for (unsigned i = 0; i < wires; ++i) {
      plan.nics.push_back({std::string(info->model), i, luq::dutMac(i), std::string(info->options)});
      plan.nics.push_back({std::string(info->peerModel), i, luq::peerMac(i), ""});
    }
    return plan;
  }

  /**
   * One CPU, time counted in instructions, nothing left to chance: no randomized addresses, no
   * hardware random numbers, and virtio cards that work when the guest's clock says so instead of
   * when the host's main loop gets round to it.
   */
  static void makeCountable(BootPlan& plan) {
    plan.accelerator = "tcg";
    plan.cpus = 1;
    plan.cpuProperties = ",-rdrand,-rdseed";
    plan.kernelArguments += " nokaslr norandmaps";
    for (const char* word : {"-icount", "shift=0,sleep=off", "-rtc", "clock=vm", "-seed", "1"})
      plan.qemuArguments.emplace_back(word);
    for (auto& nic : plan.nics)
      if (nic.model == "virtio-net-pci") nic.options += std::string(nic.options.empty() ? "" : ",") + "tx=timer,ioeventfd=off";
  }

  void instructions(const std::string& driver) {
    const auto counts = countsFor(options_.runs);
    auto plan = machine(driver);
    makeCountable(plan);
    plan.command = {"/usr/bin/lu-bench-guest", "instructions", "--driver", driver, "--rounds", std::to_string(counts.instructionRounds),
                    "--bursts", std::to_string(counts.bursts)};
    measure("instructions " + driver, std::move(plan), baseLimit + counts.instructionRounds * roundLimit);
  }

  void blackout(const std::string& driver) {
    auto plan = machine(driver);
    plan.command = {"/usr/bin/lu-bench-guest", "blackout", "--driver", driver, "--runs", std::to_string(countsFor(options_.runs).blackout)};
    if (options_.scriptOnly) plan.command.emplace_back("--script-only");
    measure("blackout " + driver, std::move(plan), baseLimit + options_.runs * runLimit);
  }

  void memory(const std::string& driver) {
    const auto rounds = countsFor(options_.runs).memory;
    auto plan = machine(driver);
    plan.command = {"/usr/bin/lu-bench-guest", "memory", "--driver", driver, "--rounds", std::to_string(rounds)};
    measure("memory " + driver, std::move(plan), baseLimit + rounds * 2 * runLimit);
  }

  void cards(const std::string& driver) {
    const auto runs = countsFor(options_.runs).cards;
    for (const unsigned count : {1u, 2u, 4u, 8u}) {
      auto plan = machine(driver, count);
      plan.command = {"/usr/bin/lu-bench-guest", "cards", "--driver", driver, "--cards", std::to_string(count), "--runs", std::to_string(runs)};
      measure(fmt::format("cards {} {}", driver, count), std::move(plan), baseLimit + runs * runLimit);
    }
  }

  BootPlan machineWithDisks(const std::string& driver, unsigned disks) const {
    const auto& info = *luq::findDriver(driver);
    auto plan = machine(driver, 0);
    if (!info.machine.empty()) plan.machine = info.machine;
    plan.disks = luq::disksFor(info, disks);
    return plan;
  }

  void requests(const std::string& driver) {
    if (isSet(driver)) return;
    const auto counts = countsFor(options_.runs);
    auto plan = machineWithDisks(driver, 1);
    makeCountable(plan);
    for (auto& disk : plan.disks) {
      disk.backing = "driver=null-co,size=256M,read-zeroes=on";
      auto& adapter = disk.controller.empty() ? disk.model : disk.controller;
      if (driver.starts_with("virtio")) adapter += ",ioeventfd=off";
    }
    plan.command = {"/usr/bin/lu-bench-guest", "requests", "--driver", driver, "--rounds", std::to_string(counts.instructionRounds),
                    "--requests", std::to_string(counts.requests)};
    measure("requests " + driver, std::move(plan), baseLimit + counts.instructionRounds * roundLimit);
  }

  void stalls(const std::string& driver) {
    for (const unsigned count : {1u, 4u, 16u}) {
      if (count > mostDisks(driver)) continue;
      const auto runs = count == 1 ? options_.runs : countsFor(options_.runs).severalDisks;
      auto plan = machineWithDisks(driver, count);
      plan.command = {"/usr/bin/lu-bench-guest", "stalls", "--driver", driver, "--disks", std::to_string(count), "--runs", std::to_string(runs)};
      measure(fmt::format("stalls {} {}", driver, count), std::move(plan), baseLimit + runs * runLimit);
    }
  }

  /** A machine whose sound card is heard, and whose guest has what libasound reads. */
  BootPlan machineWithSound(const std::string& driver) const {
    const auto& info = *luq::findDriver(driver);
    auto plan = machine(driver, 0);
    plan.initramfs = scratch_.path() / "initramfs-sound";
    luq::appendPrograms(luq::soundFiles(), initramfs_, plan.initramfs);
    plan.sound = luq::SoundCard{std::string(info.model), std::string(info.controller), true};
    return plan;
  }

  void playing(const std::string& driver) {
    const auto counts = countsFor(options_.runs);
    auto plan = machineWithSound(driver);
    makeCountable(plan);
    plan.command = {"/usr/bin/lu-bench-guest", "playing", "--driver", driver, "--rounds", std::to_string(counts.instructionRounds),
                    "--periods", std::to_string(counts.periods)};
    measure("playing " + driver, std::move(plan), baseLimit + counts.instructionRounds * roundLimit);
  }

  void gaps(const std::string& driver) {
    for (const unsigned buffer : {16384u, 4096u}) {
      auto plan = machineWithSound(driver);
      plan.command = {"/usr/bin/lu-bench-guest", "gaps", "--driver", driver, "--buffer", std::to_string(buffer), "--runs", std::to_string(options_.runs)};
      fs::remove(luq::soundFile(plan.folder));
      const auto before = results_.of("played").size();
      const auto file = luq::soundFile(plan.folder);
      measure(fmt::format("gaps {} {}", driver, buffer), std::move(plan), baseLimit + options_.runs * runLimit);
      const auto played = results_.of("played");
      if (played.size() > before) hear(played.back(), file);
    }
  }

  /** Adds the gaps of a stream, unless something else is wrong with it. */
  void hear(const Json& played, const fs::path& file) {
    const luq::Played stream{"", played.at("first"), played.at("end"), played.at("gaps")};
    std::vector<std::string> problems;
    const auto found = luq::gapsOf(stream, luq::listen(luq::readFile(file)), problems);
    if (!problems.empty()) return fail(fmt::format("gaps {}", played.at("driver").get<std::string>()), problems.front());
    const auto ms = [](std::uint64_t frames) { return 1000.0 * static_cast<double>(frames) / luq::sound::rate; };
    for (const auto frames : found)
      results_.add({{"kind", "gap"}, {"driver", played.at("driver")}, {"buffer", played.at("buffer")},
                    {"buffer_ms", ms(played.at("buffer"))}, {"frames", frames}, {"ms", ms(frames)}});
  }

  void measure(const std::string& what, BootPlan plan, unsigned limitSeconds) {
    plan.commandLimit = Seconds(limitSeconds);
    fmt::print("== {}\n", what);
    std::fflush(stdout);
    try {
      const auto result = luq::boot(plan, [](std::string_view text) {
        fmt::print("{}", text);
        std::fflush(stdout);
      });
      keep(what, result);
      collect(result);
      judge(what, result);
    } catch (const luq::Error& e) {
      fail(what, e.what());
    }
  }

  /** Console and log stay, for whoever wonders about a figure. */
  void keep(const std::string& what, const luq::BootResult& result) const {
    auto stem = what;
    std::replace(stem.begin(), stem.end(), ' ', '-');
    luq::writeFile(fs::path(options_.output) / (stem + ".console"), result.qemuCommand + "\n" + result.console);
    luq::writeFile(fs::path(options_.output) / (stem + ".log"), result.log);
  }

  void collect(const luq::BootResult& result) {
    for (const auto& line : luq::split(result.events, '\n'))
      if (auto measurement = Json::parse(line, nullptr, false); measurement.is_object()) results_.add(std::move(measurement));
  }

  void judge(const std::string& what, const luq::BootResult& result) {
    const auto verdict = luq::judgeScript(result, {});
    if (verdict.good()) return;
    auto why = fmt::format("{}", fmt::join(verdict.reasons, "; "));
    if (!verdict.splats.empty()) why += ": " + verdict.splats.front();
    if (const auto said = luq::trim(luq::lastLines(result.log, 1)); !said.empty()) why += ": " + said;
    fail(what, why);
  }

  void fail(const std::string& what, const std::string& why) {
    fmt::print("{}: {}\n", what, why);
    results_.fail(what, why);
  }

  const BenchOptions& options_;
  luq::KernelDir kernel_;
  luq::TempDir scratch_;
  fs::path initramfs_;
  Results results_;
};

}  // namespace

std::vector<std::string> measurements() { return {"instructions", "blackout", "memory", "cards", "requests", "stalls", "playing", "gaps"}; }

std::vector<std::string> allDrivers() {
  std::vector<std::string> names;
  for (const auto& driver : luq::drivers) names.emplace_back(driver.name);
  return names;
}

Results runBenchmarks(const BenchOptions& options) { return Bench(options).run(); }

}  // namespace lub
