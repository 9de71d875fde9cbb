// SPDX-License-Identifier: GPL-2.0
#include "heard.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>

#include "common/numbered_sound.h"

namespace luq {
namespace {

constexpr std::uint64_t base = 3 * sound::streamStep;

/** A recording, put together in a test. */
struct Recording {
  std::string wav = "RIFF????WAVEfmt ????????????????????data????";
  Recording& add(sound::Frame frame, std::size_t times = 1) {
    char bytes[sizeof frame];
    std::memcpy(bytes, &frame, sizeof frame);
    for (std::size_t i = 0; i < times; ++i) wav.append(bytes, sizeof bytes);
    return *this;
  }
  /** Frames from @p from, and as many others on top of them. */
  Recording& mix(std::uint64_t from, std::uint64_t other, std::uint64_t times) {
    for (std::uint64_t i = 0; i < times; ++i) add(sound::mixed(sound::numbered(base + from + i), sound::numbered(base + other + i)));
    return *this;
  }
  Recording& play(std::uint64_t from, std::uint64_t to) {
    for (auto n = from; n < to; ++n) add(sound::numbered(base + n));
    return *this;
  }
};

std::vector<std::string> problemsWith(const Recording& recording, unsigned gaps, std::uint64_t unheardAtEnds = 0) {
  std::vector<std::string> problems;
  gapsOf({"a.b", base, base + 50000, gaps, unheardAtEnds}, listen(recording.wav), problems);
  return problems;
}

TEST(NumberedSound, NumbersComeBack) {
  for (const std::uint64_t n : {std::uint64_t{0}, std::uint64_t{1}, sound::wrap - 1, sound::wrap, base + 12345})
    EXPECT_EQ(sound::numberOf(sound::numbered(n)), n);
  EXPECT_FALSE(sound::numberOf(sound::silence));
  EXPECT_FALSE(sound::numberOf({5, -1}));
  EXPECT_FALSE(sound::numberOf({sound::peak + 1, 1}));
}

TEST(NumberedSound, TwoAtOnceAreNoThird) {
  for (const std::uint64_t n : {std::uint64_t{0}, sound::wrap - 1, base + 12345})
    for (const std::uint64_t m : {n, n + 1, n + 1125, n + sound::wrap}) {
      const auto frame = sound::mixed(sound::numbered(n), sound::numbered(m));
      EXPECT_TRUE(sound::isMixed(frame));
      EXPECT_FALSE(sound::numberOf(frame));
    }
  EXPECT_FALSE(sound::isMixed(sound::silence));
  EXPECT_FALSE(sound::isMixed(sound::numbered(base)));
}

TEST(Heard, StretchesAndSilence) {
  const auto heard = listen(Recording().add(sound::silence, 7).play(0, 100).add(sound::silence, 3).play(150, 200).wav);
  EXPECT_EQ(heard.stretches, (std::vector<Stretch>{{base, base + 100, {}}, {base + 150, base + 200, {}}}));
  EXPECT_EQ(heard.frames, 160u);
  EXPECT_EQ(heard.odd, 0u);
}

TEST(Heard, WhatIsNoRecordingIsAnError) { EXPECT_THROW(listen("nothing"), Error); }

TEST(Heard, AllOfItIsGood) { EXPECT_TRUE(problemsWith(Recording().play(0, 50000), 0).empty()); }

TEST(Heard, AGapIsGoodWhenTheDriverWasAway) {
  const auto recording = Recording().play(0, 20000).play(30000, 50000);
  EXPECT_TRUE(problemsWith(recording, 1).empty());
  EXPECT_EQ(problemsWith(recording, 0).size(), 1u);
}

TEST(Heard, AFrameTwiceIsFound) { EXPECT_EQ(problemsWith(Recording().play(0, 20000).play(19999, 50000), 1).size(), 1u); }

TEST(Heard, AFrameOutOfPlaceIsFound) {
  EXPECT_FALSE(problemsWith(Recording().play(0, 20000).play(30000, 30001).play(20000, 50000), 2).empty());
}

TEST(Heard, TheEndOfOneDriverBelowTheBeginningOfTheNextIsGood) {
  const auto recording = Recording().play(0, 20000).mix(20000, 21000, 20).play(21020, 50000);
  EXPECT_TRUE(problemsWith(recording, 1).empty());
  EXPECT_EQ(problemsWith(recording, 0).size(), 1u);
}

TEST(Heard, MoreThanThatAtOnceIsFound) {
  EXPECT_EQ(problemsWith(Recording().play(0, 20000).mix(20000, 22000, 1025).play(23025, 50000), 1).size(), 1u);
}

TEST(Heard, OtherFramesAtOnceAreFound) {
  // Frames that were heard already, below others that come again.
  EXPECT_EQ(problemsWith(Recording().play(0, 20000).mix(20000, 19000, 1000).play(20000, 50000), 1).size(), 1u);
  EXPECT_EQ(problemsWith(Recording().play(0, 20000).mix(20000, 20010, 20).play(20030, 50000), 1).size(), 1u);
  EXPECT_EQ(problemsWith(Recording().play(0, 20000).mix(20001, 21000, 20).play(21020, 50000), 1).size(), 1u);
}

TEST(Heard, TwoAtOnceAtTheBeginningAreFound) {
  EXPECT_EQ(problemsWith(Recording().mix(0, 100, 1).play(0, 50000), 0).size(), 1u);
}

TEST(Heard, AMissingBeginningIsFound) { EXPECT_EQ(problemsWith(Recording().play(1, 50000), 1).size(), 1u); }

TEST(Heard, AMissingEndIsFound) { EXPECT_EQ(problemsWith(Recording().play(0, 49999), 1).size(), 1u); }

TEST(Heard, WhatMayBeMissingAtTheEndsIsGood) {
  const auto recording = Recording().play(100, 49900);
  EXPECT_TRUE(problemsWith(recording, 0, 100).empty());
  EXPECT_EQ(problemsWith(recording, 0, 99).size(), 2u);
}

TEST(Heard, NothingIsFound) { EXPECT_EQ(problemsWith(Recording().add(sound::silence, 100), 5).size(), 1u); }

TEST(Heard, ATestFailsForWhatWasHeard) {
  Verdict verdict;
  verdict.cases = {{"a.b", Outcome::passed, 1, "", {}}, {"a.c", Outcome::passed, 1, "", {}}};
  const auto events = R"({"event":"played","name":"a.b","first":)" + std::to_string(base) + R"(,"end":)" +
                      std::to_string(base + 50000) + R"(,"gaps":1})" + "\n";
  judgeSound(verdict, events, listen(Recording().play(0, 20000).play(30000, 50000).wav));
  EXPECT_TRUE(verdict.good());
  EXPECT_EQ(verdict.cases[0].properties["heard_gaps"], "1");
  judgeSound(verdict, events, listen(Recording().play(0, 20000).add({1, -1}).play(30000, 50000).wav));
  EXPECT_FALSE(verdict.good());
  EXPECT_EQ(verdict.cases[0].outcome, Outcome::failed);
  EXPECT_EQ(verdict.cases[1].outcome, Outcome::passed);
}

TEST(Heard, ATestFailsForTwoAtOnceAfterTheEnd) {
  Verdict verdict;
  verdict.cases = {{"a.b", Outcome::passed, 1, "", {}}};
  const auto events = fmt::format(R"({{"event":"played","name":"a.b","first":{},"end":{},"gaps":1}})", base, base + 50000);
  judgeSound(verdict, events, listen(Recording().play(0, 50000).mix(10, 20, 1).wav));
  EXPECT_FALSE(verdict.good());
}

TEST(Heard, ATestFailsForTwoAtOnceBeforeWhatIsNoStream) {
  Verdict verdict;
  verdict.cases = {{"a.b", Outcome::passed, 1, "", {}}};
  const auto events = fmt::format(R"({{"event":"played","name":"a.b","first":{},"end":{},"gaps":1}})", base, base + 50000);
  judgeSound(verdict, events, listen(Recording().play(0, 50000).mix(10, 20, 1).play(60000, 60001).wav));
  EXPECT_FALSE(verdict.good());
}

}  // namespace
}  // namespace luq
