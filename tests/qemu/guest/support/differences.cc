// SPDX-License-Identifier: GPL-2.0
#include "support/differences.h"

#include <fmt/format.h>

namespace lug {

std::vector<std::string> differencesOf(const nlohmann::json& before, const nlohmann::json& after) {
  using Json = nlohmann::json;
  std::vector<std::string> lines;
  for (const auto& patch : Json::diff(before, after)) {
    const auto at = patch.at("path").get<std::string>();
    const Json::json_pointer pointer(at);
    const auto show = [&](const Json& j) { return j.contains(pointer) ? j.at(pointer).dump() : "nothing"; };
    lines.push_back(fmt::format("{}: {} -> {}", at, show(before), show(after)));
  }
  return lines;
}

}  // namespace lug
