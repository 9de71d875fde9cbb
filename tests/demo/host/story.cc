// SPDX-License-Identifier: GPL-2.0
#include "story.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>

namespace lud {

namespace {

constexpr std::array<std::string_view, 7> phaseNames = {"prepare", "quiesce", "detach", "attach", "verify", "replay", "resume"};
constexpr std::array<std::string_view, 3> resultNames = {"updated", "rolled-back", "failed"};
constexpr std::string_view rollbackPrefix = "rollback ";
/** Traffic needs a moment after the last phase; a gap is looked for up to here. */
constexpr std::int64_t recoverUs = 2'000'000;
constexpr std::size_t checksAtLeast = 22;

template <typename Names>
bool isOneOf(std::string_view text, const Names& names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

std::vector<std::string> linesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

Update readUpdate(const Json& event) {
  Update update{.name = event.at("name"), .version = event.at("version"), .before = event.at("before"), .after = event.at("after"),
                .result = {}, .mismatches = linesOf(event.at("record").at("mismatches")), .phases = {}};
  std::string last;
  update.phases = readPhases(event.at("timeline"), last);
  update.result = event.at("record").at("result");
  if (update.phases.empty() || last != update.result) throw std::runtime_error("the timeline of the update to " + update.version + " is not complete");
  update.start = update.phases.front().start;
  update.end = update.phases.back().end;
  return update;
}

void readSamples(const Json& list, std::vector<Sample>& samples) {
  for (const auto& item : list) samples.push_back({item.at(0), item.at(1), item.at(2)});
}

}  // namespace

std::vector<Phase> readPhases(const std::string& timeline, std::string& result) {
  std::vector<Phase> phases;
  for (const auto& line : linesOf(timeline)) {
    const auto tab = line.find('\t');
    if (line.front() == '#' || tab == line.npos) continue;
    const std::int64_t at = std::stoll(line.substr(0, tab));
    std::string_view text = std::string_view(line).substr(tab + 1);
    const bool back = text.starts_with(rollbackPrefix);
    if (back) text.remove_prefix(rollbackPrefix.size());
    if (const auto failed = text.find(" failed:"); failed != text.npos && !phases.empty() && text.substr(0, failed) == phases.back().name)
      phases.back().failed = true;
    if (isOneOf(text, resultNames)) {
      result = text;
      if (!phases.empty()) phases.back().end = at;
    }
    if (!isOneOf(text, phaseNames)) continue;
    if (text == phaseNames.front() && !back) phases.clear();  // an earlier update's
    if (!phases.empty()) phases.back().end = at;
    phases.push_back({std::string(text), back, false, at, at});
    result.clear();
  }
  return phases;
}

double longestGapMs(const std::vector<Sample>& samples, std::uint64_t Sample::*bytes, std::int64_t from, std::int64_t to) {
  std::int64_t longest = 0;
  const Sample* grew = nullptr;
  for (const auto& sample : samples) {
    if (sample.us < from || sample.us > to) continue;
    if (grew == nullptr || sample.*bytes > grew->*bytes) grew = &sample;
    longest = std::max(longest, sample.us - grew->us);
  }
  return static_cast<double>(longest) / 1000;
}

const Update* Story::update(std::string_view name) const {
  const auto at = std::find_if(updates.begin(), updates.end(), [&](const auto& u) { return u.name == name; });
  return at == updates.end() ? nullptr : &*at;
}

bool Story::good() const {
  const auto *first = update("good"), *second = update("bad");
  return first != nullptr && second != nullptr && first->result == "updated" && second->result == "rolled-back" &&
         !samples.empty() && !totals.empty() && disk.value("result", "") == "updated" &&
         sound.value("result", "") == "updated" &&
         checks.size() >= checksAtLeast &&
         std::all_of(checks.begin(), checks.end(), [](const auto& c) { return c.good; });
}

Story readStory(const std::string& events) {
  Story story;
  for (const auto& line : linesOf(events)) {
    const auto event = Json::parse(line);
    const std::string kind = event.at("kind");
    if (kind == "samples") readSamples(event.at("samples"), story.samples);
    else if (kind == "update") story.updates.push_back(readUpdate(event));
    else if (kind == "command") story.commands.push_back({event.at("line"), event.at("out"), event.at("err"), event.at("exit")});
    else if (kind == "check") story.checks.push_back({event.at("what"), event.at("found"), event.at("good")});
    else if (kind == "totals") story.totals = event;
    else if (kind == "disk") story.disk = event;
    else if (kind == "sound") story.sound = event;
    else throw std::runtime_error("an event of unknown kind: " + kind);
  }
  for (auto& update : story.updates) {
    update.transmitGapMs = longestGapMs(story.samples, &Sample::transmit, update.start, update.end + recoverUs);
    update.receiveGapMs = longestGapMs(story.samples, &Sample::receive, update.start, update.end + recoverUs);
  }
  return story;
}

}  // namespace lud
