// SPDX-License-Identifier: GPL-2.0
#include "report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lub {

namespace {

std::array<Section, 8> sectionsOf(const Results& results) {
  return {instructionSection(results), blackoutSection(results), memorySection(results), cardsSection(results),
          requestSection(results), stallSection(results), playingSection(results), gapSection(results)};
}

std::string aimList(const std::vector<Aim>& aims) {
  std::string text;
  for (const auto& aim : aims) text += fmt::format("- {}: {} ({})\n", aim.met ? "met" : "**not met**", aim.text, aim.found);
  return text.empty() ? text : "\n" + text;
}

}  // namespace

std::vector<Json> Results::of(const std::string& kind) const {
  std::vector<Json> some;
  std::copy_if(all_.begin(), all_.end(), std::back_inserter(some), [&](const Json& m) { return m.value("kind", "") == kind; });
  return some;
}

std::vector<std::pair<std::string, std::vector<Json>>> groupBy(const std::vector<Json>& list, const std::string& key) {
  std::vector<std::pair<std::string, std::vector<Json>>> groups;
  for (const auto& item : list) {
    const auto name = item.value(key, "");
    auto at = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == name; });
    if (at == groups.end()) at = groups.insert(groups.end(), {name, {}});
    at->second.push_back(item);
  }
  return groups;
}

std::vector<double> numbers(const std::vector<Json>& list, const std::string& path) {
  const Json::json_pointer pointer(path);
  std::vector<double> found;
  for (const auto& item : list) found.push_back(item.at(pointer).get<double>());
  return found;
}

std::string Results::markdown() const {
  std::string text = "# Benchmarks\n\n";
  for (const auto& [key, value] : about_.items())
    text += fmt::format("- {}: {}\n", key, value.is_string() ? value.get<std::string>() : value.dump());
  for (const auto& section : sectionsOf(*this))
    if (!section.text.empty()) text += fmt::format("\n## {}\n\n{}{}", section.title, section.text, aimList(section.aims));
  if (!failures_.empty()) text += "\n## Not measured\n\n";
  for (const auto& [what, why] : failures_) text += fmt::format("- {}: {}\n", what, why);
  return text;
}

Json Results::json() const {
  Json sections = Json::array(), failures = Json::array();
  for (const auto& section : sectionsOf(*this)) {
    if (section.text.empty()) continue;
    Json aims = Json::array();
    for (const auto& aim : section.aims) aims.push_back({{"aim", aim.text}, {"met", aim.met}, {"found", aim.found}});
    sections.push_back({{"title", section.title}, {"figures", section.figures}, {"aims", aims}});
  }
  for (const auto& [what, why] : failures_) failures.push_back({{"what", what}, {"why", why}});
  return Json{{"about", about_}, {"sections", sections}, {"failures", failures}, {"measurements", all_}};
}

}  // namespace lub
