// SPDX-License-Identifier: GPL-2.0
#include "sound/sound_world.h"

#include <alsa/asoundlib.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "sound/sound_state.h"

namespace lug {

namespace {

using namespace std::chrono_literals;

constexpr auto cardLimit = 30s;

/** QEMU computes what these say into the samples, but for their highest values. */
constexpr std::array outputs = {"Master Playback Volume", "Master Playback Switch", "PCM Playback Volume", "PCM Playback Switch"};

void playUnchanged() {
  for (const std::string name : outputs)
    if (const int error = setControlToMost(name); error != 0 && error != ENOENT)
      throw Failure(fmt::format("{}: {}", name, std::strerror(error)));
}

bool hasCard() { return access("/dev/snd/controlC0", R_OK | W_OK) == 0; }

}  // namespace

SoundWorld::SoundWorld(const std::string& driver, const Options& options)
    : managed_(driver), isManaged_(options.managed) {
  if (isManaged_) {
    loadLiveUpdate("shadow_sound");
    manageAll(driver);
  }
  loadDependencies(driver);
  for (const auto library : info().libraries)
    if (!library.empty()) must({"modprobe", std::string(library)});  // not all are dependencies
  loadVersion(driver, options.version);
  if (!waitUntil(cardLimit, hasCard)) throw Failure(fmt::format("{} has no sound card", driver));
  playUnchanged();
  note(fmt::format("{} ({}) runs: {}", driver, options.version, slurp("/proc/asound/cards").value_or("?")));
}

SoundWorld::~SoundWorld() {
  if (!open_) return;
  try {
    close();
  } catch (const std::exception& e) {
    note(fmt::format("taking the sound card down: {}", e.what()));
  }
}

void SoundWorld::close() {
  open_ = false;
  snd_config_update_free_global();
  if (isManaged_ && managed_.hasAttribute("state")) {
    // Ends a kept or staged generation, if there is one: either refusal is fine.
    managed_.trigger("commit");
    managed_.trigger("discard");
  }
  auto modules = modulesOf(managed_.name());
  std::reverse(modules.begin(), modules.end());
  for (const auto& name : modules) must({"rmmod", name});
  auto needed = dependenciesOf(managed_.name());
  for (const auto library : info().libraries)
    if (!library.empty()) needed.emplace_back(library);
  std::reverse(needed.begin(), needed.end());
  for (const auto& name : needed) run({"rmmod", name});  // some may have other users
  if (isManaged_) unloadLiveUpdate();
}

}  // namespace lug
