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

/// What the kernel says about the running driver's imports: symbol -> "yes" where it is tapped.
std::map<std::string, std::string> kernel_taps(Kernel& kernel, const std::string& name) {
  std::map<std::string, std::string> taps;
  auto text = kernel.read(fmt::format("{}/{}/imports", kDebugfs, name));
  if (!text) return taps;
  for (const Value& record : parse_records(*text))
    if (record.contains("symbol") && record.contains("class") && record.contains("tap"))
      taps[record["symbol"]] = record["tap"];
  return taps;
}

/// What is concealed only by a tap does not survive where the loaded modules have no such tap.
Classified as_loaded(Classified found, const std::map<std::string, std::string>& taps,
                     const std::string& symbol) {
  bool by_tap = found.outcome == Outcome::kSurvives && found.klass != ImportClass::kConfig;
  auto tap = taps.find(symbol);
  if (!by_tap || tap == taps.end() || tap->second == "yes") return found;
  return {ImportClass::kUnknown, Outcome::kUnknown, "not tapped by the loaded liveupdate modules"};
}

}  // namespace

Value check_imports(Kernel& kernel, const std::string& name, const ModuleFile& file, Depth depth,
                    CheckReport& report) {
  std::map<std::string, std::string> taps = kernel_taps(kernel, name);
  std::map<std::string, size_t> counts;
  std::map<Outcome, Fates> fates;
  Value every = Value::array();
  for (const Import& import : file.imports) {
    Classified found = as_loaded(classify(import.symbol), taps, import.symbol);
    counts[std::string(to_string(found.klass))]++;
    fates[found.outcome].add(found.text, import.symbol);
    Value row = {{"symbol", import.symbol}, {"class", to_string(found.klass)}};
    if (auto tap = taps.find(import.symbol); tap != taps.end()) row["tap"] = tap->second;
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
