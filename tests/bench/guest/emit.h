// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Measurements on their way to the host: one line of JSON each, on the events port.
 */
#pragma once

#include <nlohmann/json.hpp>

namespace lub {

using Json = nlohmann::json;

/** Send one measurement; throws lug::Failure when the host cannot get it. */
void emit(const Json& measurement);

}  // namespace lub
