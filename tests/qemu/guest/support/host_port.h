// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Messages to the host, on the port of the test events.
 */
#pragma once

#include <nlohmann/json.hpp>

namespace lug {

/** Send one line; the host has it when this returns. */
void tellHost(const nlohmann::json& message);

}  // namespace lug
