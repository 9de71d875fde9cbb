// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * lu-demo: drivers replaced at work in a virtual machine, told and drawn.
 */
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>

#include "chart.h"
#include "common/catalogue.h"
#include "guest_options.h"
#include "heard.h"
#include "story.h"
#include "summary.h"
#include "verdict.h"
#include "waveform.h"

namespace {

namespace fs = std::filesystem;

constexpr unsigned limitSeconds = 240;
constexpr const char* driver = "e1000";
constexpr const char* diskDriver = "virtio_blk";
constexpr const char* soundDriver = "snd_ens1370";
/** What libasound has to read before it opens anything. */
constexpr std::array soundFiles = {"/usr/share/alsa/alsa.conf", "/usr/share/alsa/cards", "/usr/share/alsa/ctl", "/usr/share/alsa/pcm"};

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
  const auto common = folder / "initramfs.common";
  buildInitramfs(kernel, contents, common);
  luq::appendPrograms({soundFiles.begin(), soundFiles.end()}, common, plan.initramfs);
  const auto* info = luq::findDriver(driver);
  plan.nics = {{std::string(info->model), 0, luq::dutMac(0), std::string(info->options)}, {std::string(info->peerModel), 0, luq::peerMac(0), ""}};
  plan.disks = luq::disksFor(*luq::findDriver(diskDriver), 1);
  plan.sound = luq::SoundCard{std::string(luq::findDriver(soundDriver)->model), "", true};
  plan.command = {"/usr/bin/lu-demo-guest", std::to_string(options.calmSeconds)};
  // An emulator that has to share its CPUs may miss the moment in which the kernel tests its timer.
  plan.kernelArguments += " no_timer_check";
  plan.commandLimit = luq::Seconds(limitSeconds);
  return plan;
}

/** The third act as the host heard it: the verdict goes to the checks, the picture into a file. */
void listenTo(lud::Story& story, const std::string& events, const std::string& wav, const Options& options, const std::string& machine) {
  const auto recording = lud::inTime(lud::readRecording(wav));
  const auto silence = lud::longestSilence(recording);
  const auto streams = luq::playedStreams(events);
  std::vector<std::string> problems;
  std::vector<std::uint64_t> gaps;
  if (streams.empty() || recording.empty()) problems.push_back("nothing was heard");
  else gaps = luq::gapsOf(streams.front(), luq::listen(wav), problems);
  story.checks.push_back({"every frame that was heard was heard once, in its order, and is one that was played",
                          problems.empty() ? fmt::format("{} frames, {} gap", recording.size(), gaps.size()) : fmt::format("{}", fmt::join(problems, "; ")),
                          problems.empty()});
  if (!silence) return;
  story.sound["silence_ms"] = silence->ms();
  story.sound["line"] = lud::waveformLine(recording, *silence);
  luq::writeFile(fs::path(options.output) / "waveform.svg", lud::drawWaveform(recording, *silence, machine));
}

/** Judge the whole boot: the guest's own report, its console, its story. */
bool conclude(const Options& options, const luq::KernelDir& kernel, const luq::BootResult& result, const std::string& wav) {
  const fs::path output(options.output);
  luq::writeFile(output / "console", result.qemuCommand + "\n" + result.console);
  luq::writeFile(output / "events.json", result.events);
  const auto verdict = luq::judgeScript(result, {});
  const auto machine = fmt::format("Debian kernel {} in QEMU, {} CPUs", kernel.release(), options.guest.cpus);
  auto story = lud::readStory(result.events);
  listenTo(story, result.events, wav, options, machine);
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
  if (fs::exists(output / "waveform.svg")) fmt::print("What was heard: {}\n", (output / "waveform.svg").string());
  const bool good = verdict.good() && story.good();
  fmt::print("{}\n", good ? "All of this was verified." : "NOT everything could be shown; the guest's console is in " + (output / "console").string());
  return good;
}

int demo(const Options& options) {
  fs::create_directories(options.output);
  for (const char* name : {"timeline.svg", "waveform.svg", "summary.txt"}) fs::remove(fs::path(options.output) / name);
  const luq::KernelDir kernel(options.kernel);
  luq::TempDir scratch;
  const auto plan = planFor(options, kernel, scratch.path());
  fmt::print("Booting Debian's kernel {} in QEMU ({}) ...\n", kernel.release(), plan.accelerator);
  std::fflush(stdout);
  const auto result = luq::boot(plan, [](std::string_view text) {
    fmt::print("  guest: {}", text);
    std::fflush(stdout);
  });
  const auto played = luq::soundFile(plan.folder);
  return conclude(options, kernel, result, fs::exists(played) ? luq::readFile(played) : std::string()) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Show live updates of a network, a disk and a sound driver", "lu-demo"};
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
