// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Drivers of sound cards, replaced below streams that play and record. What was played is judged by the host.
 */
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>

#include "scenarios/block_common.h"
#include "scenarios/sound_common.h"
#include "sound/recorder.h"
#include "support/register.h"
#include "support/resources.h"

namespace lug {
namespace {

using namespace std::chrono_literals;

/** @p count updates, back and forth, below a client that plays by mmap or by write(). */
void updateUnderPlayback(SoundWorld& world, bool mmap, unsigned count, Pauses& pauses) {
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(driver.name());
  SoundSession session(world, {.mmap = mmap});
  for (unsigned i = 0; i < count; ++i) {
    const auto& version = i % 2 == 0 ? other : own;
    driver.updateTo(version);
    pauses.add(driver);
    expectSoundUpdated(driver);
    driver.mustCtl("commit");
    session.check(fmt::format("after update {} of {}, to {}", i + 1, count, version.label));
    if (testing::Test::HasFailure()) break;
  }
  session.finish();
}

LU_SCENARIO(sound, updates_under_playback) {
  SoundWorld world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  // Two rounds first: what is allocated once and kept is not growth.
  for (int i = 0; i < 2; ++i) {
    driver.replaceBy(other);
    driver.replaceBy(own);
  }
  const auto before = takeStock();
  // Half of them below each client, which end at the version they began at.
  const auto thereAndBack = (context.count + 3) / 4 * 2;
  Pauses pauses;
  for (const bool mmap : {true, false})
    if (!testing::Test::HasFailure()) updateUnderPlayback(world, mmap, thereAndBack, pauses);
  pauses.record();
  if (!testing::Test::HasFailure()) expectNone("growth", settledGrowth(before, context.count));
  expectNone("kmemleak", findLeaks());
  world.close();
}

/** Two ways to record: each frame is there in time. Somebody plays as well. */
LU_SCENARIO(sound, records_on) {
  SoundWorld world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  const auto lastToPlay = fmt::format("hw:0,{}", world.info().playing - 1);
  for (const bool mmap : {true, false}) {
    WorkloadSet work;
    work.add<Recorder>(mmap ? "recorder by mmap" : "recorder by read", StreamSetup{.device = "hw:0,0", .mmap = mmap});
    work.add<Player>("player", StreamSetup{.device = lastToPlay, .mmap = !mmap}, Player::What::silence);
    work.start();
    expectNone("before the test", work.awaitProgress(20s));
    for (unsigned i = 0; i < context.count; ++i) {
      driver.replaceBy(i % 2 == 0 ? other : own);
      expectNone(fmt::format("after update {}", i + 1), work.awaitProgress(20s));
      EXPECT_EQ(streamState(0, 'c'), "RUNNING");
      expectNone("clients", work.problems());
      if (testing::Test::HasFailure()) break;
    }
    work.stop();
    expectNone("clients", work.problems());
    note(work.measured().dump(1));
  }
  world.close();
}

/** A stream that the test itself feeds. */
class FedStream {
 public:
  FedStream(const std::string& device, bool numbers)
      : setup_{.device = device}, pcm_(setup_, SND_PCM_STREAM_PLAYBACK), numbers_(numbers), first_(takeFrameNumbers()), next_(first_) {}

  /** Writes @p periods of them, waiting for each; a stream that is full starts. */
  void put(unsigned periods) {
    for (unsigned i = 0; i < periods; ++i) {
      pcm_.await(setup_.period);
      pcm_.mapped(setup_.period, [&](luq::sound::Frame* to, snd_pcm_uframes_t piece, snd_pcm_uframes_t) {
        for (snd_pcm_uframes_t n = 0; n < piece; ++n) to[n] = numbers_ ? luq::sound::numbered(next_++) : luq::sound::silence;
      });
    }
  }
  /** From now on it is silence. */
  void beSilent() { numbers_ = false; }
  snd_pcm_t* get() const { return pcm_.get(); }
  snd_pcm_state_t state() const { return snd_pcm_state(pcm_.get()); }
  unsigned periods() const { return static_cast<unsigned>(setup_.buffer / setup_.period); }
  std::uint64_t first() const { return first_; }
  std::uint64_t end() const { return next_; }

 private:
  StreamSetup setup_;
  Pcm pcm_;
  bool numbers_;
  std::uint64_t first_, next_;
};

/** Updates while one stream is paused and another one not started; then both go on. */
void updateBelowStandingStreams(ManagedDriver& driver) {
  const auto [own, other] = twoRealVersions(driver.name());
  FedStream paused("hw:0,0", true), prepared("hw:0,1", false);
  for (auto* stream : {&paused, &prepared}) stream->put(stream->periods());
  paused.put(2);
  mustAlsa(snd_pcm_pause(paused.get(), 1), "pause");
  for (const auto& version : {other, own}) {
    driver.replaceBy(version);
    EXPECT_EQ(paused.state(), SND_PCM_STATE_PAUSED);
    EXPECT_EQ(prepared.state(), SND_PCM_STATE_PREPARED);
  }
  mustAlsa(snd_pcm_pause(paused.get(), 0), "release");
  mustAlsa(snd_pcm_start(prepared.get()), "start");
  const auto feedBoth = [&](unsigned periods) {
    for (unsigned i = 0; i < periods; ++i)
      for (auto* stream : {&paused, &prepared}) stream->put(1);
  };
  feedBoth(3 * paused.periods());
  for (const auto* stream : {&paused, &prepared}) EXPECT_EQ(stream->state(), SND_PCM_STATE_RUNNING);
  paused.beSilent();
  feedBoth(2 * paused.periods());  // until all numbers have been played
  for (const auto* stream : {&paused, &prepared}) mustAlsa(snd_pcm_drop(stream->get()), "drop");
  tellPlayed(paused.first(), paused.end(), {.gaps = 1});
}

LU_SCENARIO(sound, states_stay) {
  SoundWorld world(context.driver, {});
  updateBelowStandingStreams(world.managed());
  world.close();
}

LU_SCENARIO(sound, rollback_after_success) {
  SoundWorld world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  SoundSession session(world, {});
  for (unsigned i = 0; i < std::max(1u, context.count); ++i) {
    driver.updateTo(other);
    session.check("after the update");
    driver.mustCtl("rollback");
    EXPECT_TRUE(driver.runs(own)) << driver.story();
    session.check("after the rollback");
    if (driver.hasAttribute("staged")) driver.mustCtl("discard");
  }
  session.finish();
  world.close();
}

LU_SCENARIO(sound, everything_unloads) {
  {
    SoundWorld once(context.driver, {});  // for what is allocated once
    once.close();
  }
  const auto before = takeStock();
  {
    SoundWorld world(context.driver, {});
    const auto [own, other] = twoRealVersions(context.driver);
    SoundSession session(world, {});
    world.managed().replaceBy(other);
    session.check("after the first update");
    world.managed().updateTo(own);  // a kept generation is there when everything goes
    session.check("after the second update");
    session.finish();
    world.close();
  }
  auto modules = modulesOf(context.driver);
  for (const char* own : {"shadow_sound", "liveupdate"}) modules.emplace_back(own);
  for (const auto& module : modules)
    EXPECT_NE(access(("/sys/module/" + module).c_str(), F_OK), 0) << module << " is still there";
  expectNone("left behind", settledGrowth(before, 1));
  expectNone("kmemleak", findLeaks());
}

/** The checks of this suite see what they have to see: a driver that is taken off its card. */
LU_SCENARIO(sound, loss_is_detected) {
  SoundWorld world(context.driver, {});
  WorkloadSet work;
  work.add<Player>("player by mmap", StreamSetup{.device = "hw:0,0", .mmap = true}, Player::What::silence);
  work.add<Player>("player by write", StreamSetup{.device = "hw:0,1", .mmap = false}, Player::What::silence);
  work.start();
  expectNone("before the test", work.awaitProgress(20s));
  const auto before = takeSoundState();
  const std::filesystem::path device = std::filesystem::canonical("/sys/class/sound/card0/device");
  mustWrite((device / "driver" / "unbind").string(), device.filename().string());
  EXPECT_TRUE(waitUntil(30s, [&] { return work.problems().size() >= 2; })) << "nobody noticed";
  EXPECT_FALSE(work.awaitProgress(2s).empty()) << "who plays, without a driver?";
  work.stop();
  EXPECT_THROW(takeSoundState(), Failure) << "whose card was that?";
  EXPECT_FALSE(before.empty());
  world.abandon();
}

}  // namespace
}  // namespace lug
