// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Those who use a sound card: several programs on one stream, and somebody at the mixer all the time.
 */
#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>

#include "scenarios/block_common.h"
#include "scenarios/rolled_back.h"
#include "scenarios/sound_common.h"
#include "sound/alsa.h"
#include "sound/midi.h"
#include "sound/tools.h"
#include "support/differences.h"
#include "support/register.h"

namespace lug {
namespace {

using namespace std::chrono_literals;

constexpr auto progressLimit = 60s;
/** What a program mixes too late, as it may on a busy machine, is not heard, and it is not told. */
constexpr unsigned gapsOfMixing = 3;

/** Two programs whose sound is mixed, and a third one on the other PCM. */
LU_SCENARIO(sound, several_clients) {
  SoundWorld world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  configureMixing();
  WorkloadSet work;
  const auto& numbered = work.add<AplayWork>("aplay, mixed", AplayWork::Setup{.numbers = true, .leadIn = mixedBuffer});
  work.add<AplayWork>("aplay, mixed, by mmap", AplayWork::Setup{.mmap = true});
  const bool second = world.info().playing > 1;
  if (second) work.add<AplayWork>("aplay by write", AplayWork::Setup{.device = "hw:0,1"});
  work.start();
  const auto states = [&] { return streamState(0, 'p') + (second ? " " + streamState(1, 'p') : ""); };
  const std::string running = second ? "RUNNING RUNNING" : "RUNNING";
  EXPECT_TRUE(waitUntil(progressLimit, [&] { return states() == running; })) << "nobody plays";
  // A pipe, the program's buffer and the mixed one are full of what is not heard yet.
  EXPECT_TRUE(waitUntil(progressLimit, [&] { return numbered.end() - numbered.first() > 4 * mixedBuffer; })) << "aplay does not get on";
  Pauses pauses;
  for (unsigned i = 0; i < context.count && !testing::Test::HasFailure(); ++i) {
    driver.updateTo(i % 2 == 0 ? other : own);
    pauses.add(driver);
    expectSoundUpdated(driver);
    driver.mustCtl("commit");
    const auto when = fmt::format("after update {}", i + 1);
    EXPECT_EQ(states(), running) << when;
    expectNone(when, work.awaitProgress(progressLimit));
    expectNone(when, work.problems());
  }
  pauses.record();
  work.stop();
  expectNone("clients", work.problems());
  tellPlayed(numbered.first(), numbered.end(), {.gaps = context.count + gapsOfMixing, .atEnds = mixedBuffer});
  world.close();
}

/** arecord, in both ways, one after the other. */
LU_SCENARIO(sound, arecord_records_on) {
  SoundWorld world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  for (const bool mmap : {true, false}) {
    WorkloadSet work;
    work.add<ArecordWork>(mmap ? "arecord by mmap" : "arecord by read", mmap);
    work.start();
    expectNone("before the test", work.awaitProgress(progressLimit));
    for (const auto& version : {other, own}) {
      driver.replaceBy(version);
      EXPECT_EQ(streamState(0, 'c'), "RUNNING");
      expectNone("after the update to " + version.label, work.awaitProgress(progressLimit));
      expectNone("after the update to " + version.label, work.problems());
    }
    work.stop();
    expectNone("clients", work.problems());
  }
  world.close();
}

/** Two streams that start as one: refused, by name, until they are two again. */
void refusesLinkedStreams(ManagedDriver& driver, const Version& own, const Version& other) {
  const StreamSetup setup{.device = "hw:0,0"};
  const Pcm playing(setup, SND_PCM_STREAM_PLAYBACK), recording(setup, SND_PCM_STREAM_CAPTURE);
  const auto states = [&] { return streamState(0, 'p') + " " + streamState(0, 'c'); };
  mustAlsa(snd_pcm_link(playing.get(), recording.get()), "link");
  expectRolledBack(driver, own, other, {"pcmC0D0p: open stream cannot be carried over: it is linked to another stream|"
                                        "pcmC0D0c: open stream cannot be carried over: it is linked to another stream"});
  EXPECT_EQ(states(), "PREPARED PREPARED");
  mustAlsa(snd_pcm_unlink(recording.get()), "unlink");
  for (const auto& version : {other, own}) driver.replaceBy(version);
  EXPECT_EQ(states(), "PREPARED PREPARED");
}

/** Somebody has a device open that means what the driver says it means: refused, by name, until it is closed. */
void refusesOpenHwdep(ManagedDriver& driver, const Version& own, const Version& other) {
  const auto node = "/dev/snd/hwC0D0";
  std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(node, "r+e"), &std::fclose);
  ASSERT_NE(file, nullptr) << node << ": " << std::strerror(errno);
  expectRolledBack(driver, own, other, {"hwC0D0 is open"});
  file.reset();
  for (const auto& version : {other, own}) driver.replaceBy(version);
}

LU_SCENARIO(sound, refused_while_in_use) {
  SoundWorld world(context.driver, {});
  const auto [own, other] = twoRealVersions(context.driver);
  refusesLinkedStreams(world.managed(), own, other);
  if (context.driver.starts_with("snd_hda")) refusesOpenHwdep(world.managed(), own, other);
  world.close();
}

/** Somebody has the raw MIDI device open throughout, and sends. */
LU_SCENARIO(sound, midi_stays_open) {
  SoundWorld world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  SoundSession session(world, {.second = false}, [](WorkloadSet& work) { work.add<MidiWork>("MIDI"); });
  for (unsigned i = 0; i < context.count; ++i) {
    driver.replaceBy(i % 2 == 0 ? other : own);
    session.check(fmt::format("after update {}", i + 1));
    if (testing::Test::HasFailure()) break;
  }
  session.finish();
  world.close();
}

/** Value of the first channel of a control that the card must have. */
long knobValue(const std::string& name) {
  const auto value = controlValue(name);
  if (!value) {
    const auto state = takeSoundState();
    std::string names;
    for (const auto& [control, what] : state["controls"].items()) names += " '" + control + "'";
    throw Failure(fmt::format("no control '{}': there are{}", name, names));
  }
  return std::stol(*value);
}

/** Somebody turns the knobs throughout: each change is in force, told once, and there after the update. */
LU_SCENARIO(sound, controls_change_throughout) {
  SoundWorld world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  const auto before = takeSoundState();
  std::vector<std::pair<std::string, long>> knobs;
  for (const auto knob : world.info().knobs)
    if (!knob.empty()) knobs.emplace_back(knob, knobValue(std::string(knob)));
  SoundSession session(world, {}, [&](WorkloadSet& work) {
    for (const auto& [knob, value] : knobs) work.add<AmixerWork>("amixer at " + knob, knob);
  });
  for (unsigned i = 0; i < context.count; ++i) {
    driver.replaceBy(i % 2 == 0 ? other : own);
    session.checkStreams(fmt::format("after update {}", i + 1));
    if (testing::Test::HasFailure()) break;
  }
  session.finish();
  auto events = session.watch().take();
  for (const auto& [knob, value] : knobs) {
    EXPECT_GT(events[knob + " value"], 0u) << "not told: " << knob;
    events.erase(knob + " value");
  }
  for (const auto& [event, times] : events) ADD_FAILURE() << "an event without a change: " << event << ", " << times << " times";
  for (const auto& [knob, value] : knobs) EXPECT_EQ(setControl(knob, value), 0);
  expectNone("after all changes were taken back", differencesOf(before, takeSoundState()));
  world.close();
}

}  // namespace
}  // namespace lug
