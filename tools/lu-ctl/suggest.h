// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// "Did you mean ...?"
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace luctl {

/// Number of insertions, deletions, replacements and swaps of neighbours between two words.
size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to @p word, or "" when none is near enough to be worth offering.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// " (did you mean X?)", or "".
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace luctl
