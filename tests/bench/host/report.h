// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * From the guests' measurements to tables: what was measured, beside what, and the ratio.
 */
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lub {

using Json = nlohmann::json;

/** One aim of the project, judged. */
struct Aim {
  std::string text;
  bool met = false;
  std::string found;
};

/** All measurements of one run of the benchmarks. */
class Results {
 public:
  void add(Json measurement) { all_.push_back(std::move(measurement)); }
  /** Note that measuring something failed, and why. */
  void fail(const std::string& what, const std::string& why) { failures_.push_back({what, why}); }
  void about(const std::string& key, Json value) { about_[key] = std::move(value); }

  bool complete() const { return failures_.empty() && !all_.empty(); }
  /** Measurements of @p kind, in the order they were made. */
  std::vector<Json> of(const std::string& kind) const;
  /** The whole report. */
  std::string markdown() const;
  /** The raw measurements with the summaries. */
  Json json() const;

 private:
  std::vector<Json> all_;
  std::vector<std::pair<std::string, std::string>> failures_;
  Json about_ = Json::object();
};

/** A part of the report: text, the figures in it, the aims it judges. */
struct Section {
  std::string title, text = {};
  Json figures = Json::array();
  std::vector<Aim> aims = {};
};

Section instructionSection(const Results& results);
Section blackoutSection(const Results& results);
Section memorySection(const Results& results);
Section cardsSection(const Results& results);
Section requestSection(const Results& results);
Section stallSection(const Results& results);

/** Instructions of a sound card that plays. */
Section playingSection(const Results& results);

/** What was not heard during updates. */
Section gapSection(const Results& results);

/** @p list grouped by the string under @p key, groups in order of appearance. */
std::vector<std::pair<std::string, std::vector<Json>>> groupBy(const std::vector<Json>& list, const std::string& key);

/** The numbers under @p path (a JSON pointer) in @p list. */
std::vector<double> numbers(const std::vector<Json>& list, const std::string& path);

}  // namespace lub
