// SPDX-License-Identifier: GPL-2.0
#include "sounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "emit.h"
#include "meter.h"
#include "net/workload.h"
#include "sound/player.h"
#include "sound/sound_world.h"
#include "update.h"

namespace lub {

namespace {

using namespace std::chrono_literals;
using lug::Failure;

constexpr auto progressLimit = 60s;
constexpr unsigned warmUp = 10;
/** Ten periods in a second, as long as that many instructions. */
constexpr snd_pcm_uframes_t period = luq::sound::rate / 10, buffer = 4 * period;
constexpr std::uint64_t periodInstructions = 100'000'000;

void mustPlay(lug::WorkloadSet& work) {
  const auto stalled = work.awaitProgress(progressLimit);
  if (!stalled.empty()) throw Failure(stalled.front());
  const auto problems = work.problems();
  if (!problems.empty()) throw Failure(problems.front());
}

/** The stream goes round its buffer whether somebody writes or not: the only CPU never waits. */
void setFree(snd_pcm_t* pcm) {
  snd_pcm_sw_params_t* params;
  snd_pcm_sw_params_alloca(&params);
  snd_pcm_uframes_t boundary = 0;
  lug::mustAlsa(snd_pcm_sw_params_current(pcm, params), "current sw_params");
  lug::mustAlsa(snd_pcm_sw_params_get_boundary(params, &boundary), "boundary");
  lug::mustAlsa(snd_pcm_sw_params_set_stop_threshold(pcm, params, boundary), "stop_threshold");
  lug::mustAlsa(snd_pcm_sw_params(pcm, params), "sw_params");
}

Json summary(std::vector<std::uint64_t> counts) {
  std::sort(counts.begin(), counts.end());
  return Json{{"median", counts[counts.size() / 2]}, {"min", counts.front()}, {"max", counts.back()}};
}

void measure(const PlayingPlan& plan, const Meter& meter, const char* way, unsigned round) {
  lug::Pcm pcm({.device = "hw:0,0", .mmap = false, .buffer = buffer, .period = period}, SND_PCM_STREAM_PLAYBACK);
  setFree(pcm.get());
  const std::vector<luq::sound::Frame> silence(buffer);
  const auto write = [&](snd_pcm_uframes_t frames) { lug::mustAlsa(snd_pcm_writei(pcm.get(), silence.data(), frames), "writei"); };
  write(buffer);
  std::vector<std::uint64_t> interrupts, writes;
  for (unsigned i = 0; i < warmUp + plan.periods; ++i) {
    const auto interrupt = meter.absorb(periodInstructions);
    const auto before = Meter::now();
    write(period);
    const auto spent = Meter::now() - before;
    if (i < warmUp) continue;
    interrupts.push_back(interrupt);
    writes.push_back(spent);
  }
  lug::mustAlsa(snd_pcm_drop(pcm.get()), "drop");
  emit({{"kind", "playing"},
        {"driver", plan.driver},
        {"way", way},
        {"round", round},
        {"interrupt", summary(interrupts)},
        {"write", summary(writes)}});
}

}  // namespace

void measurePlaying(const PlayingPlan& plan) {
  const Meter meter;
  for (unsigned round = 0; round < plan.rounds; ++round) {
    {
      lug::SoundWorld world(plan.driver, {.managed = false});
      measure(plan, meter, "native", round);
      world.close();
    }
    lug::SoundWorld world(plan.driver, {});
    measure(plan, meter, "managed", round);
    // To the same binary, so that any difference is ours and not the driver's.
    world.managed().updateTo(lug::versionNamed(plan.driver, "stock"));
    measure(plan, meter, "updated", round);
    world.close();
  }
}

void measureGaps(const GapPlan& plan) {
  lug::SoundWorld world(plan.driver, {});
  const auto [own, other] = lug::twoRealVersions(plan.driver);
  lug::WorkloadSet work;
  const auto& player = work.add<lug::Player>("player", lug::StreamSetup{.device = "hw:0,0", .buffer = plan.buffer, .period = plan.buffer / 8},
                                             lug::Player::What::numbers);
  work.start();
  mustPlay(work);
  for (unsigned i = 0; i < plan.runs; ++i) {
    auto record = update(world.managed(), i % 2 == 0 ? other : own);
    world.managed().mustCtl("commit");
    mustPlay(work);
    record.update(Json{{"kind", "sound-update"}, {"driver", plan.driver}, {"buffer", plan.buffer}});
    emit(record);
  }
  work.stop();
  emit({{"kind", "played"}, {"event", "played"}, {"driver", plan.driver}, {"buffer", plan.buffer}, {"first", player.first()},
        {"end", player.end()}, {"gaps", plan.runs}});
  world.close();
}

}  // namespace lub
