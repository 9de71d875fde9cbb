// SPDX-License-Identifier: GPL-2.0-or-later
#include "classify.h"

#include <algorithm>
#include <array>

namespace luctl {
namespace {

constexpr Fate survives(std::string_view text) {
  return {Outcome::kSurvives, text};
}
constexpr Fate reacquired(std::string_view text) {
  return {Outcome::kReacquired, text};
}
constexpr Fate recreated(std::string_view text) {
  return {Outcome::kRecreated, text};
}
constexpr Fate unknown(std::string_view text) {
  return {Outcome::kUnknown, text};
}

#include "classification.inc"

/// Parts of names under which the kernel's subsystems offer to make something known to others.
constexpr std::string_view kRegistrationMarks[] = {
    "*register*",    "*_reg",        "*_add",        "*_add_*",        "*create*",
    "request_*",     "*_request_*",  "*notifier*",   "*attach*",       "*publish*",
    "*subscribe*",   "*_bind*",      "*alloc_*dev*", "*alloc_*disk*",  "*alloc_*host*",
    "*alloc_*card*", "*alloc_*bus*", "*device_new*", "*_device_init*", "*_connect*",
    "*_probe_*",     "proc_*",       "debugfs_*",    "sysfs_*",        "class_*",
    "kobject_*",     "cdev_*",       "*chrdev*",     "misc_*",         "*sriov*",
    "*_hook*",       "*_client_*",   "*_publish",
};

bool is_harmless(ImportClass klass) {
  return klass == ImportClass::kPure || klass == ImportClass::kData;
}

bool is_glob(std::string_view pattern) {
  return pattern.find('*') != std::string_view::npos;
}

const ImportRule* find_exact(std::string_view symbol) {
  for (const ImportRule& rule : kRules)
    if (rule.pattern == symbol) return &rule;
  return nullptr;
}

const ImportRule* find_glob(std::string_view symbol, bool harmless) {
  for (const ImportRule& rule : kRules)
    if (is_glob(rule.pattern) && is_harmless(rule.klass) == harmless &&
        glob_match(rule.pattern, symbol))
      return &rule;
  return nullptr;
}

Classified from_rule(const ImportRule& rule) {
  return {rule.klass, rule.fate.outcome, std::string(rule.fate.text)};
}

}  // namespace

std::string_view to_string(ImportClass value) {
  switch (value) {
    case ImportClass::kConfig:
      return "config";
    case ImportClass::kObject:
      return "object";
    case ImportClass::kConceal:
      return "conceal";
    case ImportClass::kData:
      return "data";
    case ImportClass::kPure:
      return "pure";
    case ImportClass::kRecreated:
      return "recreated";
    case ImportClass::kUnknown:
      break;
  }
  return "unknown";
}

std::span<const ImportRule> import_rules() {
  return kRules;
}

bool glob_match(std::string_view pattern, std::string_view text) {
  // Remember the last '*' and what it has swallowed so far; on a mismatch let it take one more.
  size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      p++;
      t++;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') p++;
  return p == pattern.size();
}

bool looks_like_registration(std::string_view symbol) {
  return std::any_of(std::begin(kRegistrationMarks), std::end(kRegistrationMarks),
                     [&](std::string_view mark) { return glob_match(mark, symbol); });
}

Classified classify(std::string_view symbol) {
  if (const ImportRule* rule = find_exact(symbol)) return from_rule(*rule);
  if (const ImportRule* rule = find_glob(symbol, false)) return from_rule(*rule);
  if (looks_like_registration(symbol))
    return {ImportClass::kUnknown, Outcome::kUnknown,
            "looks like a registration that nobody has looked at yet"};
  if (const ImportRule* rule = find_glob(symbol, true)) return from_rule(*rule);
  return {ImportClass::kUnknown, Outcome::kUnknown, "nobody has looked at it yet"};
}

}  // namespace luctl
