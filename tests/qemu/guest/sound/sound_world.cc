// SPDX-License-Identifier: GPL-2.0
#include "sound/sound_world.h"

#include <alsa/asoundlib.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace lug {

namespace {

using namespace std::chrono_literals;

constexpr auto cardLimit = 30s;

bool hasCard() { return access("/dev/snd/controlC0", R_OK | W_OK) == 0; }

}  // namespace

SoundWorld::SoundWorld(const std::string& driver, const Options& options)
    : managed_(driver), isManaged_(options.managed) {
  if (isManaged_) {
    loadLiveUpdate("shadow_sound");
    must({"lu-ctl", "manage", driver});
  }
  loadDependencies(driver);
  must({"insmod", versionNamed(driver, options.version).path});
  if (!waitUntil(cardLimit, hasCard)) throw Failure(fmt::format("{} has no sound card", driver));
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
  must({"rmmod", managed_.name()});
  if (isManaged_) unloadLiveUpdate();
  auto needed = dependenciesOf(managed_.name());
  std::reverse(needed.begin(), needed.end());
  for (const auto& name : needed) run({"rmmod", name});  // some may have other users
}

}  // namespace lug
