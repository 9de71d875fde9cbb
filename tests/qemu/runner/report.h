// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Collects results of many boots: a line for each case, a summary, a JSON file.
 */
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "boots.h"

namespace luq {

/** The report of one invocation. */
class Report {
 public:
  /** Record and print the outcome of @p boot on @p kernel; its console was kept at @p console. */
  void add(const std::string& kernel, const Boot& boot, const BootOutcome& outcome, const fs::path& console);
  /** Record a boot that could not even be started. */
  void addError(const std::string& kernel, const Boot& boot, const std::string& why);
  /** Record a boot that this machine cannot do. */
  void addSkipped(const std::string& kernel, const Boot& boot, const std::string& why);
  /** Print "N passed, N failed" (and skipped, when there are any). */
  void summarize() const;
  void writeJson(const fs::path& file) const;
  /** True when at least one case passed and none failed. */
  bool good() const { return failed_ == 0 && passed_ > 0; }

 private:
  void record(const std::string& kernel, const Boot& boot, const CaseResult& result, const fs::path& console);

  nlohmann::json cases_ = nlohmann::json::array();
  unsigned passed_ = 0, failed_ = 0, skipped_ = 0;
};

}  // namespace luq
