// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * All network state that user space can see, as one JSON document, and what differs between two.
 */
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lug {

using Json = nlohmann::json;

/** State of all interfaces; the ethtool part only for @p devices. */
Json takeSnapshot(const std::vector<std::string>& devices);

/** Only what is cheap to ask for: links, addresses, routes, neighbours. */
Json takeQuickSnapshot();

/** One line for each difference, "path: before -> after"; empty when both are equal. */
std::vector<std::string> differences(const Json& before, const Json& after);

/** @p found without what only tells that there is no link at the moment: true while no driver runs. */
std::vector<std::string> exceptLinkState(const std::vector<std::string>& found);

/** Interface counters as the kernel reports them, by device and name. */
Json takeCounters(const std::vector<std::string>& devices);

/** One line for each counter that is smaller in @p after than in @p before, or missing. */
std::vector<std::string> stepsBack(const Json& before, const Json& after);

}  // namespace lug
