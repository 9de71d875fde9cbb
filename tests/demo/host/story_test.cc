// SPDX-License-Identifier: GPL-2.0
#include "story.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "chart.h"
#include "summary.h"
#include "waveform.h"

namespace lud {
namespace {

constexpr const char* timeline =
    "# t_us\tevent\n"
    "100\tstaged e1000__2\n"
    "1000\tprepare\n1100\tquiesce\n1300\tdetach\n1800\tattach\n2500\tprobe 0000:00:03.0: 0\n2600\tverify\n2610\treplay\n2700\tresume\n3000\tupdated\n"
    "9000\tprepare\n9100\tquiesce\n9300\tdetach\n9800\tattach\n10600\tverify\n10605\tmismatch: eth0: NETIF_F_HW_CSUM lost\n"
    "10610\tverify failed: -95\n10620\trollback detach\n10700\trollback attach\n11000\trollback resume\n11500\trolled-back\n";

TEST(Phases, AreThoseOfTheLastUpdate) {
  std::string result;
  const auto phases = readPhases(timeline, result);
  EXPECT_EQ(result, "rolled-back");
  ASSERT_EQ(phases.size(), 8u);
  EXPECT_EQ(phases[0].name, "prepare");
  EXPECT_EQ(phases[0].start, 9000);
  EXPECT_EQ(phases[0].end, 9100);
  EXPECT_EQ(phases[4].name, "verify");
  EXPECT_TRUE(phases[4].failed);
  EXPECT_TRUE(phases[5].rollback);
  EXPECT_EQ(phases[7].name, "resume");
  EXPECT_EQ(phases[7].end, 11500);
}

TEST(Phases, AnUpdateThatNeverEndedHasNoResult) {
  std::string result;
  readPhases("1\tprepare\n2\tquiesce\n", result);
  EXPECT_EQ(result, "");
}

std::vector<Sample> samplesWithGap() {
  std::vector<Sample> samples;
  std::uint64_t bytes = 0;
  for (int ms = 0; ms <= 2000; ms += 10) {
    if (ms < 500 || ms >= 800) bytes += 12500;
    samples.push_back({ms * 1000, bytes, bytes});
  }
  return samples;
}

TEST(Gap, IsTheLongestStandstillInTheStretch) {
  const auto samples = samplesWithGap();
  EXPECT_NEAR(longestGapMs(samples, &Sample::transmit, 0, 2'000'000), 300, 10);
  EXPECT_EQ(longestGapMs(samples, &Sample::transmit, 1'000'000, 2'000'000), 0);
}

Json updateEvent(const char* name, const char* result, const std::string& text) {
  return Json{{"kind", "update"}, {"name", name}, {"version", "6.1.170"}, {"before", "a"}, {"after", "b"}, {"timeline", text},
              {"record", {{"result", result}, {"mismatches", ""}}}};
}

TEST(Story, WithoutEverythingVerifiedIsNotGood) {
  const std::string whole = timeline;
  const auto first = whole.substr(0, whole.find("9000"));
  std::string events = updateEvent("good", "updated", first).dump() + "\n" + updateEvent("bad", "rolled-back", whole).dump() + "\n";
  events += Json{{"kind", "samples"}, {"samples", {{0, 0, 0}, {10000, 1000, 1000}, {300000, 9000, 9000}}}}.dump() + "\n";
  events += Json{{"kind", "totals"}, {"transmit", 1}, {"receive", 1}, {"pings", 1}, {"resets", 0}, {"link_events", 0}}.dump() + "\n";
  EXPECT_FALSE(readStory(events).good()) << "without checks";
  const Json check = {{"kind", "check"}, {"what", "w"}, {"found", "f"}, {"good", true}};
  for (int i = 0; i < 22; ++i) events += check.dump() + "\n";
  EXPECT_FALSE(readStory(events).good()) << "without the second act";
  events += Json{{"kind", "disk"}, {"result", "updated"}}.dump() + "\n";
  EXPECT_FALSE(readStory(events).good()) << "without the third act";
  events += Json{{"kind", "sound"}, {"event", "played"}, {"result", "updated"}}.dump() + "\n";
  EXPECT_TRUE(readStory(events).good());
  auto bad = check;
  bad["good"] = false;
  EXPECT_FALSE(readStory(events + bad.dump() + "\n").good()) << "with a check that failed";
}

TEST(Story, ATimelineThatDisagreesWithTheRecordIsAnError) {
  EXPECT_THROW(readStory(updateEvent("good", "updated", timeline).dump()), std::runtime_error);
}

TEST(Chart, NamesAxesPhasesAndDirections) {
  Story story;
  story.samples = samplesWithGap();
  std::string result;
  story.updates.push_back({.name = "good", .version = "6.1.170", .before = "a", .after = "b", .result = "updated", .mismatches = {}, .phases = readPhases(timeline, result), .start = 9000, .end = 11500});
  const auto picture = drawTimeline(story, "machine");
  for (const char* words : {"time in seconds", "Mbit/s", "attach", "into the machine", "out of the machine", "6.1.170"})
    EXPECT_NE(picture.find(words), std::string::npos) << words;
}

Recording recordingWithSilence(std::size_t from, std::size_t frames) {
  Recording recording(1000);
  for (std::uint64_t i = 0; i < 3 * luq::sound::rate; ++i) recording.push_back(luq::sound::numbered(i));
  std::fill_n(recording.begin() + static_cast<std::ptrdiff_t>(from), frames, luq::sound::silence);
  recording.resize(recording.size() + 5000);
  return recording;
}

TEST(Waveform, FindsTheSilenceBetweenSounds) {
  EXPECT_FALSE(longestSilence(recordingWithSilence(0, 0))) << "silence before and after does not count";
  const auto silence = longestSilence(recordingWithSilence(30000, 2205));
  ASSERT_TRUE(silence);
  EXPECT_EQ(silence->from, 30000u);
  EXPECT_DOUBLE_EQ(silence->ms(), 100);
}

TEST(Waveform, ShowsTheSilence) {
  const auto recording = recordingWithSilence(30000, 4410);
  const auto silence = *longestSilence(recording);
  EXPECT_NE(drawWaveform(recording, silence, "machine").find("200 ms of silence"), std::string::npos);
  const auto line = waveformLine(recording, silence);
  EXPECT_TRUE(line.find("    ") != line.npos && !line.starts_with(" ") && !line.ends_with(" ")) << line;
}

TEST(Waveform, HasTheTimeInWhichNothingWasRecorded) {
  Recording recording;
  for (std::uint64_t i = 0; i < 3000; ++i)
    if (i < 1000 || i >= 1500) recording.push_back(luq::sound::numbered(i));
  const auto silence = longestSilence(inTime(recording));
  ASSERT_TRUE(silence);
  EXPECT_EQ(silence->from, 1000u);
  EXPECT_EQ(silence->until, 1500u);
  recording.insert(recording.begin() + 1000, 500, luq::sound::silence);
  EXPECT_EQ(inTime(recording), recording) << "silence that was recorded";
}

TEST(Waveform, OfNoRecordingIsEmpty) { EXPECT_TRUE(readRecording("no recording").empty()); }

TEST(Ticks, AreRoundAndNotTooMany) {
  EXPECT_DOUBLE_EQ(tickStep(100, 5), 20);
  EXPECT_DOUBLE_EQ(tickStep(24, 14), 2);
  for (const double range : {0.5, 3.0, 17.0, 260.0, 2340.0}) EXPECT_LE(range / tickStep(range, 6), 6);
}

}  // namespace
}  // namespace lud
