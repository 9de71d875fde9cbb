// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// The two ways a Value is shown.
#pragma once

#include <string>

#include "result.h"
#include "value.h"

namespace luctl {

/// For people: a summary, aligned "key: value" lines, tables for lists of records.
std::string render_text(const Value& value);

/// For people, on one line: the summary, or else "key=value ...".
std::string render_line(const Value& value);

/// For programs: one JSON document, or one line of it for streams.
std::string render_json(const Value& value, bool one_line = false);

/// What --json prints when a command failed: its details with an "error" member added.
Value error_value(const Error& error);

/// What goes to stderr when a command failed.
std::string render_error(const Error& error);

}  // namespace luctl
