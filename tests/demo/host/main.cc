// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * lu-demo: drivers replaced at work in a virtual machine, told and drawn.
 */
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "chart.h"
#include "common/catalogue.h"
#include "guest_options.h"
#include "story.h"
#include "summary.h"
#include "verdict.h"

namespace {

namespace fs = std::filesystem;

constexpr unsigned limitSeconds = 240;
constexpr const char* driver = "e1000";
constexpr const char* diskDriver = "virtio_blk";

struct Options {
  std::string kernel, output;
  unsigned calmSeconds = 4;
  luq::GuestOptions guest;
};

luq::BootPlan planFor(const Options& options, const luq::KernelDir& kernel, const fs::path& folder) {
  auto contents = guestContents(kernel, options.guest);
  contents.programs.push_back(luq::guestProgram("lu-demo-guest"));
  auto plan = basePlan(kernel, options.guest, folder);
  plan.initramfs = folder / "initramfs";
  buildInitramfs(kernel, contents, plan.initramfs);
  const auto* info = luq::findDriver(driver);
  plan.nics = {{std::string(info->model), 0, luq::dutMac(0), std::string(info->options)}, {std::string(info->peerModel), 0, luq::peerMac(0), ""}};
  plan.disks = luq::disksFor(*luq::findDriver(diskDriver), 1);
  plan.command = {"/usr/bin/lu-demo-guest", std::to_string(options.calmSeconds)};
  // An emulator that has to share its CPUs may miss the moment in which the kernel tests its timer.
  plan.kernelArguments += " no_timer_check";
  plan.commandLimit = luq::Seconds(limitSeconds);
  return plan;
}

/** Judge the whole boot: the guest's own report, its console, its story. */
bool conclude(const Options& options, const luq::KernelDir& kernel, const luq::BootResult& result) {
  const fs::path output(options.output);
  luq::writeFile(output / "console", result.qemuCommand + "\n" + result.console);
  luq::writeFile(output / "events.json", result.events);
  const auto verdict = luq::judgeScript(result, {});
  const auto story = lud::readStory(result.events);
  const auto summary = lud::summarize(story, kernel.release());
  luq::writeFile(output / "summary.txt", summary);
  luq::writeFile(output / "transcript.txt", lud::fullTranscript(story));
  fmt::print("\n{}\n", summary);
  for (const auto& reason : verdict.reasons) fmt::print("NOT SO: {}\n", reason);
  for (const auto& line : verdict.splats) fmt::print("  console: {}\n", line);
  if (!story.samples.empty() && !story.updates.empty()) {
    luq::writeFile(output / "timeline.svg", lud::drawTimeline(story, fmt::format("Debian kernel {}, e1000 in QEMU, {} CPUs", kernel.release(), options.guest.cpus)));
    fmt::print("The picture: {}\n", (output / "timeline.svg").string());
  }
  const bool good = verdict.good() && story.good();
  fmt::print("{}\n", good ? "All of this was verified." : "NOT everything could be shown; the guest's console is in " + (output / "console").string());
  return good;
}

int demo(const Options& options) {
  fs::create_directories(options.output);
  for (const char* name : {"timeline.svg", "summary.txt"}) fs::remove(fs::path(options.output) / name);
  const luq::KernelDir kernel(options.kernel);
  luq::TempDir scratch;
  const auto plan = planFor(options, kernel, scratch.path());
  fmt::print("Booting Debian's kernel {} in QEMU ({}) ...\n", kernel.release(), plan.accelerator);
  std::fflush(stdout);
  const auto result = luq::boot(plan, [](std::string_view text) {
    fmt::print("  guest: {}", text);
    std::fflush(stdout);
  });
  return conclude(options, kernel, result) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Show live updates of a network driver and of a disk driver", "lu-demo"};
  Options options;
  app.add_option("--kernel", options.kernel, "kernel folder, with driver versions")->required();
  app.add_option("--output", options.output, "folder for timeline.svg and summary.txt")->required();
  app.add_option("--calm", options.calmSeconds, "seconds of traffic before, between and after the updates")->capture_default_str();
  luq::addGuestOptions(app, options.guest);
  try {
    app.parse(argc, argv);
    return demo(options);
  } catch (const CLI::ParseError& e) {
    return app.exit(e);
  } catch (const std::exception& e) {
    fmt::print(stderr, "lu-demo: {}\n", e.what());
    return 2;
  }
}
