// SPDX-License-Identifier: GPL-2.0
#include "sound_act.h"

#include <fmt/format.h>

#include "emit.h"
#include "report.h"
#include "sound/player.h"
#include "sound/sound_state.h"
#include "sound/sound_world.h"
#include "support/differences.h"
#include "support/versions.h"

namespace lud {

namespace {

using namespace std::chrono_literals;

constexpr auto progressLimit = 30s;
/** Played before the update and after it, so that there is something to see in the picture. */
constexpr std::uint64_t framesAround = luq::sound::rate * 3 / 2;
/** 186 ms: what a player of music asks for. */
constexpr snd_pcm_uframes_t bufferFrames = 4096, periodFrames = 512;

class SoundAct {
 public:
  explicit SoundAct(const Play& play)
      : play_(play), world_(play.soundDriver, {}), versions_(lug::twoRealVersions(play.soundDriver)),
        player_(work_.add<lug::Player>("player", lug::StreamSetup{.device = "hw:0,0", .buffer = bufferFrames, .period = periodFrames},
                                       lug::Player::What::numbers)) {}

  void perform() {
    const auto state = lug::takeSoundState();
    work_.start();
    playOn("before");
    const auto before = runningVersion(play_.soundDriver);
    command({"lu-ctl", "update", play_.soundDriver, versions_.second.path}, 0);
    check("the new version of the sound card's driver runs", world_.managed().runs(versions_.second), runningVersion(play_.soundDriver));
    playOn("after");
    work_.stop();
    const auto problems = work_.problems();
    check("the player was not told of anything", problems.empty(),
          problems.empty() ? fmt::format("{} frames, no underrun", player_.end() - player_.first()) : fmt::format("{}", fmt::join(problems, "; ")));
    const auto changes = lug::differencesOf(state, lug::takeSoundState());
    check("card, devices and the mixer's settings are as before", changes.empty(),
          changes.empty() ? "all compared" : fmt::format("{}", fmt::join(changes, "; ")));
    lub::emit({{"kind", "sound"}, {"event", "played"}, {"driver", play_.soundDriver}, {"before", before},
               {"after", runningVersion(play_.soundDriver)}, {"result", lastUpdate(play_.soundDriver, "result")},
               {"total_us", std::stol(lastUpdate(play_.soundDriver, "total_us"))},
               {"first", player_.first()}, {"end", player_.end()}, {"gaps", 1}});
    world_.close();
  }

 private:
  void playOn(const char* when) {
    const auto until = player_.progress() + framesAround;
    const bool plays = lug::waitUntil(progressLimit, [&] { return player_.progress() >= until; });
    check(fmt::format("the sound card plays {} its driver's update", when), plays, plays ? "it does" : "it stands still");
  }

  Play play_;
  lug::SoundWorld world_;
  std::pair<lug::Version, lug::Version> versions_;
  lug::WorkloadSet work_;
  lug::Player& player_;
};

}  // namespace

void performSoundAct(const Play& play) { SoundAct(play).perform(); }

}  // namespace lud
