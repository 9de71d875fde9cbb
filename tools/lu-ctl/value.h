// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// The value model: what a command found, apart from how it is shown.
///
/// Commands build a Value and never print; render.h turns it into text or JSON. The model is that
/// of JSON with the order of keys kept. The top level is always an object. The key "summary" holds
/// one sentence for humans and is shown first in text.
#pragma once

#include <nlohmann/json.hpp>

namespace luctl {

using Value = nlohmann::ordered_json;

}  // namespace luctl
