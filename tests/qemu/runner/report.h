// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Collects results of many boots: a line for each case, a summary, a JSON file.
 */
#pragma once

#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "boots.h"

namespace luq {

/** The report of one invocation. Its functions may be called from several threads. */
class Report {
 public:
  /** @p file, if any, gets all results after each boot: a run that is cut off leaves them. */
  explicit Report(fs::path file = {}) : file_(std::move(file)) {}
  /** Record and print the outcome of @p boot on @p kernel; its console was kept at @p console. */
  void add(const std::string& kernel, const Boot& boot, const BootOutcome& outcome, const fs::path& console);
  /** Record a boot that could not even be started. */
  void addError(const std::string& kernel, const Boot& boot, const std::string& why);
  /** Record a boot that this machine cannot do. */
  void addSkipped(const std::string& kernel, const Boot& boot, const std::string& why);
  /**
   * Print what failed and why, a line each, and "N passed, N failed" (and skipped, when there
   * are any). Who keeps only the end of a long log still reads which scenario it was.
   */
  void summarize() const;
  /** True when at least one case passed and none failed. */
  bool good() const { return failed_ == 0 && passed_ > 0; }

 private:
  void finishBoot() const;
  void record(const std::string& kernel, const Boot& boot, const CaseResult& result, const fs::path& console);

  fs::path file_;
  mutable std::mutex lock_;
  nlohmann::json cases_ = nlohmann::json::array();
  std::vector<std::string> failures_;
  unsigned passed_ = 0, failed_ = 0, skipped_ = 0;
};

}  // namespace luq
