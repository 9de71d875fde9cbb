// SPDX-License-Identifier: GPL-2.0
#include "heard.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/numbered_sound.h"

namespace luq {

namespace {

using Json = nlohmann::json;

constexpr std::size_t dataHeader = 8;  // "data" and its size
constexpr std::size_t problemsInWords = 10;

/**
 * QEMU mixes what a card plays ahead of time, into a buffer of this many frames. A driver that begins may have it open
 * the card's voice anew, which forgets how far it was: what it plays then comes on top of what is still to be heard of
 * the driver before.
 */
constexpr std::uint64_t mixedAhead = 1024;

double milliseconds(std::uint64_t frames) { return 1000.0 * static_cast<double>(frames) / sound::rate; }

bool isOf(const Played& stream, const Stretch& stretch) {
  return stretch.first < stream.end && stretch.end > stream.first;
}

/** Is what comes mixed before @p stretch its own beginning, on top of what followed frame @p end? */
bool isEndBelowBeginning(std::uint64_t end, const Stretch& stretch) {
  const std::uint64_t n = stretch.mixed.size();
  // What the card has taken already is not played again.
  if (n > mixedAhead || stretch.first < end + 2 * n) return false;
  for (std::uint64_t i = 0; i < n; ++i)
    if (stretch.mixed[i] != sound::mixed(sound::numbered(end + i), sound::numbered(stretch.first - n + i))) return false;
  return true;
}

/** Frames that are no stream's: neither numbered nor silence, or two at once where no stream of @p streams is. */
std::uint64_t nobodysFrames(const Heard& heard, const std::vector<Played>& streams) {
  std::uint64_t n = heard.odd + heard.mixed.size();
  for (const auto& stretch : heard.stretches)
    if (std::none_of(streams.begin(), streams.end(), [&](const auto& stream) { return isOf(stream, stretch); }))
      n += stretch.mixed.size();
  return n;
}

/** Puts the figures of one stream into its test's result. */
void record(CaseResult& result, std::vector<std::uint64_t> gaps) {
  if (gaps.empty()) return;
  std::sort(gaps.begin(), gaps.end());
  result.properties["heard_gaps"] = std::to_string(gaps.size());
  result.properties["heard_gap_median_ms"] = fmt::format("{:.1f}", milliseconds(gaps[gaps.size() / 2]));
  result.properties["heard_gap_longest_ms"] = fmt::format("{:.1f}", milliseconds(gaps.back()));
}

void fail(Verdict& verdict, CaseResult& result, const std::vector<std::string>& problems) {
  for (std::size_t i = 0; i < std::min(problems.size(), problemsInWords); ++i)
    result.message += (result.message.empty() ? "heard: " : "\nheard: ") + problems[i];
  if (result.outcome == Outcome::passed) {
    result.outcome = Outcome::failed;
    verdict.reasons.push_back(fmt::format("{}: {}", result.name, problems.front()));
  }
}

}  // namespace

Heard listen(std::string_view wav) {
  const auto data = wav.find("data");
  if (!wav.starts_with("RIFF") || data == wav.npos || wav.size() < data + dataHeader) throw Error("this is no recording");
  wav.remove_prefix(data + dataHeader);
  Heard heard;
  bool joined = false;
  for (; wav.size() >= sizeof(sound::Frame); wav.remove_prefix(sizeof(sound::Frame))) {
    sound::Frame frame;
    std::memcpy(&frame, wav.data(), sizeof frame);
    ++heard.frames;
    const auto number = sound::numberOf(frame);
    if (!number) {
      if (sound::isMixed(frame)) heard.mixed.push_back(frame);
      else heard.odd += frame != sound::silence;
      joined = false;
    } else if (joined && heard.stretches.back().end == *number) {
      ++heard.stretches.back().end;
    } else {
      heard.stretches.push_back({*number, *number + 1, std::exchange(heard.mixed, {})});
      joined = true;
    }
  }
  return heard;
}

std::vector<Played> playedStreams(const std::string& events) {
  std::vector<Played> streams;
  for (const auto& line : split(events, '\n')) {
    const Json event = Json::parse(line, nullptr, false);
    if (event.is_discarded() || !event.is_object() || event.value("event", "") != "played") continue;
    streams.push_back({event.value("name", ""), event.value("first", std::uint64_t{0}), event.value("end", std::uint64_t{0}),
                       event.value("gaps", 0u), event.value("unheard_at_ends", std::uint64_t{0})});
  }
  return streams;
}

std::vector<std::uint64_t> gapsOf(const Played& stream, const Heard& heard, std::vector<std::string>& problems) {
  std::vector<std::uint64_t> gaps;
  std::uint64_t next = stream.first;
  bool any = false;
  for (const auto& stretch : heard.stretches) {
    if (!isOf(stream, stretch)) continue;
    if (stretch.first < next)
      problems.push_back(fmt::format("frame {} comes after frame {}", stretch.first, next - 1));
    else if (!any && stretch.first > next + stream.unheardAtEnds)
      problems.push_back(fmt::format("the first {} frames are missing", stretch.first - next));
    else if (any)
      gaps.push_back(stretch.first - next);
    if (!stretch.mixed.empty() && !(any && isEndBelowBeginning(next, stretch)))
      problems.push_back(fmt::format("{} frames before frame {} were two at once", stretch.mixed.size(), stretch.first));
    any = true;
    next = stretch.end;
  }
  if (!any || next > stream.end || next + stream.unheardAtEnds < stream.end)
    problems.push_back(fmt::format("the last frame is {} instead of {}", next - 1, stream.end - 1));
  if (gaps.size() > stream.gaps)
    problems.push_back(fmt::format("{} gaps, while the driver was away {} times", gaps.size(), stream.gaps));
  return gaps;
}

void judgeSound(Verdict& verdict, const std::string& events, const Heard& heard) {
  const auto streams = playedStreams(events);
  const auto nobodys = nobodysFrames(heard, streams);
  for (auto& result : verdict.cases) {
    std::vector<std::string> problems;
    std::vector<std::uint64_t> gaps;
    for (const auto& stream : streams) {
      if (stream.test != result.name) continue;
      const auto more = gapsOf(stream, heard, problems);
      gaps.insert(gaps.end(), more.begin(), more.end());
      if (nobodys != 0) problems.push_back(fmt::format("{} frames that nobody played", nobodys));
    }
    record(result, gaps);
    if (!problems.empty()) fail(verdict, result, problems);
  }
}

}  // namespace luq
