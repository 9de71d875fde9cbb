// SPDX-License-Identifier: GPL-2.0-or-later
// The pre-flight check's question about imports: what survives, what is recreated, what nobody
// knows.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "check_parts.h"
#include "classify.h"

namespace luctl {
namespace {

/// Imports that share a fate, in the order in which they were met.
class Fates {
 public:
  void add(const std::string& fate, const std::string& symbol) {
    for (auto& [what, symbols] : groups_)
      if (what == fate) return symbols.push_back(symbol);
    groups_.push_back({fate, {symbol}});
  }
  Value to_value() const {
    Value list = Value::array();
    for (const auto& [what, symbols] : groups_)
      list.push_back({{"what", what}, {"imports", symbols}});
    return list;
  }
  bool empty() const { return groups_.empty(); }
  const auto& groups() const { return groups_; }

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> groups_;
};

/// What the kernel says about an import of the running driver.
struct Tap {
  bool tapped = false;
  ImportClass klass = ImportClass::kUnknown;
};
using Taps = std::map<std::string, Tap>;

ImportClass class_of(const std::string& text) {
  for (ImportClass klass : {ImportClass::kConfig, ImportClass::kObject, ImportClass::kConceal})
    if (text == to_string(klass)) return klass;
  return ImportClass::kUnknown;
}

Taps kernel_taps(Kernel& kernel, const std::string& name) {
  Taps taps;
  auto text = kernel.read(fmt::format("{}/{}/imports", kDebugfs, name));
  if (!text) return taps;
  for (const Value& record : parse_records(*text))
    if (record.contains("symbol") && record.contains("class") && record.contains("tap"))
      taps[record["symbol"]] = {record["tap"] == "yes", class_of(record["class"])};
  return taps;
}

/// The loaded modules know best what they tap: what lives by a tap that is not there does not
/// survive, and what they tap though this program does not know of it is taken care of.
Classified as_loaded(Classified found, const Tap& tap) {
  bool lives_by_tap = found.outcome == Outcome::kSurvives && found.klass != ImportClass::kConfig;
  if (lives_by_tap && !tap.tapped && found.text == kNamesKept)
    return {ImportClass::kPure, Outcome::kNothing, {}};
  if (lives_by_tap && !tap.tapped)
    return {ImportClass::kUnknown, Outcome::kUnknown,
            "not tapped by the loaded liveupdate modules"};
  bool lost = found.outcome == Outcome::kRecreated || found.outcome == Outcome::kUnknown;
  if (lost && tap.tapped)
    return {tap.klass, Outcome::kSurvives, "tapped by the loaded liveupdate modules"};
  return found;
}

}  // namespace

Value check_imports(Kernel& kernel, const std::string& name, const ModuleFile& file, Depth depth,
                    CheckReport& report) {
  Taps taps = kernel_taps(kernel, name);
  std::map<std::string, size_t> counts;
  std::map<Outcome, Fates> fates;
  Value every = Value::array();
  for (const Import& import : file.imports) {
    Classified found = classify(import.symbol);
    auto tap = taps.find(import.symbol);
    if (tap != taps.end()) found = as_loaded(found, tap->second);
    counts[std::string(to_string(found.klass))]++;
    fates[found.outcome].add(found.text, import.symbol);
    Value row = {{"symbol", import.symbol}, {"class", to_string(found.klass)}};
    if (tap != taps.end()) row["tap"] = tap->second.tapped;
    every.push_back(std::move(row));
  }
  for (const auto& [what, symbols] : fates[Outcome::kRecreated].groups())
    report.warnings.push_back(fmt::format("{}: not preserved: {}", file.name, what));
  for (const auto& [what, symbols] : fates[Outcome::kUnknown].groups())
    report.warnings.push_back(fmt::format("{}: {} import{} unknown, {}: {}", file.name,
                                          symbols.size(), symbols.size() == 1 ? "" : "s", what,
                                          fmt::join(symbols, ", ")));
  Value result = {{"count", file.imports.size()},
                  {"classes", counts},
                  {"survives", fates[Outcome::kSurvives].to_value()},
                  {"reacquired", fates[Outcome::kReacquired].to_value()},
                  {"recreated", fates[Outcome::kRecreated].to_value()},
                  {"unknown", fates[Outcome::kUnknown].to_value()}};
  if (depth == Depth::kEveryImport) result["every"] = std::move(every);
  return result;
}

}  // namespace luctl
