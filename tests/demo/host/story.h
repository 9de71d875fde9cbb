// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * What happened in the guest, from its reports.
 */
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace lud {

using Json = nlohmann::json;

/** Bytes that had arrived in both directions at one moment. */
struct Sample {
  std::int64_t us = 0;
  std::uint64_t transmit = 0, receive = 0;
};

/** One phase of an update. */
struct Phase {
  std::string name;       ///< without "rollback"
  bool rollback = false;  ///< on the way back
  bool failed = false;
  std::int64_t start = 0, end = 0;  ///< microseconds
};

/** One update, whatever came of it. */
struct Update {
  std::string name, version;   ///< version asked for
  std::string before, after;   ///< version that ran before and after
  std::string result;          ///< updated, rolled-back or failed
  std::vector<std::string> mismatches;
  std::vector<Phase> phases;
  std::int64_t start = 0, end = 0;  ///< microseconds
  double transmitGapMs = 0, receiveGapMs = 0;  ///< longest time in which nothing arrived
};

/** A command as the user would have typed it. */
struct Command {
  std::string line, out, err;
  int exit = -1;
};

/** Something that was verified. */
struct Check {
  std::string what, found;
  bool good = false;
};

/** The whole demonstration. */
struct Story {
  std::vector<Sample> samples;
  std::vector<Update> updates;
  std::vector<Command> commands;
  std::vector<Check> checks;
  Json totals = Json::object();
  Json disk = Json::object();  ///< the second act
  Json sound = Json::object();  ///< the third act; what was heard of it is added by who has the recording

  const Update* update(std::string_view name) const;
  /** True when everything that has to be shown was shown and verified. */
  bool good() const;
};

/** Read the guest's reports, one line of JSON each. Throws std::exception for what is not one. */
Story readStory(const std::string& events);

/** The phases of the last update in a timeline as debugfs shows it; @p result receives its outcome. */
std::vector<Phase> readPhases(const std::string& timeline, std::string& result);

/** Longest time between @p from and @p to in which @p bytes of the samples did not grow, in ms. */
double longestGapMs(const std::vector<Sample>& samples, std::uint64_t Sample::*bytes, std::int64_t from, std::int64_t to);

}  // namespace lud
