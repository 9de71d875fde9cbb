// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// What each import of a driver means for a live update. The knowledge is data
/// (classification.inc); here are only the rules for applying it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace luctl {

/// The classes of DESIGN section 3, and `recreated` for what is known not to survive.
enum class ImportClass {
  kConfig,     ///< tapped: configuration that is logged and replayed
  kObject,     ///< tapped: an object that is tracked, and released when left behind
  kConceal,    ///< tapped: concealed, so that user space sees no change
  kData,       ///< a variable or table; nothing to do
  kPure,       ///< a function without a trace that outlives the call or the driver's own memory
  kRecreated,  ///< a registration that user space sees, torn down and made anew
  kUnknown,    ///< nobody looked at it yet
};

std::string_view to_string(ImportClass value);

/// What an update does to the thing behind an import.
enum class Outcome {
  kNothing,     ///< there is no such thing
  kSurvives,    ///< user space sees no change
  kReacquired,  ///< given back by the old driver, asked for by the new one; nobody else sees it
  kRecreated,   ///< user space sees it go and come
  kUnknown,
};

/// Of string functions, which drivers of all classes use: a shadow taps them where a name is kept.
inline constexpr std::string_view kNamesKept =
    "names: what a driver writes over a kept one is kept out";

/// An outcome and the words for it in a report.
struct Fate {
  Outcome outcome = Outcome::kNothing;
  std::string_view text;
};

/// One row of the table: an exact name, or a glob with '*'. The class of a tapped function is that
/// in the kernel modules' tables of taps.
struct ImportRule {
  std::string_view pattern;
  ImportClass klass;
  Fate fate;  ///< none for data and pure
};

/// What is known about one import.
struct Classified {
  ImportClass klass = ImportClass::kUnknown;
  Outcome outcome = Outcome::kUnknown;
  std::string text;
};

/// The compiled-in table.
std::span<const ImportRule> import_rules();

/// Does the name look as if it registered, created or requested something that others can see?
bool looks_like_registration(std::string_view symbol);

/// '*' stands for any number of characters; there is nothing else special.
bool glob_match(std::string_view pattern, std::string_view text);

/// Exact names first; then globs of what is tapped or recreated; then names that look like a
/// registration are unknown; only then globs of the harmless. So a registration that nobody looked
/// at is never taken for harmless because of the family its name is in.
Classified classify(std::string_view symbol);

}  // namespace luctl
