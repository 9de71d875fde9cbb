// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * What an application would notice: two states compared.
 */
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lug {

/** Lines that tell how @p after differs. */
std::vector<std::string> differencesOf(const nlohmann::json& before, const nlohmann::json& after);

}  // namespace lug
