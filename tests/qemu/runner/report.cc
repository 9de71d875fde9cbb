// SPDX-License-Identifier: GPL-2.0
#include "report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace luq {

namespace {

constexpr std::size_t consoleTail = 60;
constexpr std::size_t logTail = 60;
constexpr std::size_t splatLimit = 20;
constexpr std::size_t lineLimit = 400;

void printIndented(const std::string& text) {
  for (const auto& line : split(text, '\n')) fmt::print("      {}\n", line);
}

/** @p message on one line, and not a long one. */
std::string oneLine(std::string message) {
  std::replace(message.begin(), message.end(), '\n', ' ');
  if (message.size() > lineLimit) message = message.substr(0, lineLimit) + "...";
  return message;
}

/** Everything one needs to understand a failed boot without running it again. */
void printFailure(const BootOutcome& outcome) {
  const auto& result = outcome.result;
  for (const auto& reason : outcome.verdict.reasons) fmt::print("    reason: {}\n", reason);
  std::size_t shown = 0;
  for (const auto& line : outcome.verdict.splats)
    if (shown++ < splatLimit) fmt::print("    splat: {}\n", line);
  fmt::print("--- QEMU ---\n{}\n--- last lines of the guest's log ---\n{}\n--- last lines of the console ---\n{}\n---\n",
             result.qemuCommand, lastLines(result.log, logTail), lastLines(result.console, consoleTail));
}

}  // namespace

void Report::record(const std::string& kernel, const Boot& boot, const CaseResult& result, const fs::path& console) {
  const bool good = result.outcome == Outcome::passed || result.outcome == Outcome::skipped;
  if (result.outcome == Outcome::passed) ++passed_;
  else if (result.outcome == Outcome::skipped) ++skipped_;
  else ++failed_;
  fmt::print("{:7} {:6} {} ({:.1f} s)\n", toString(result.outcome), kernel, result.name, result.seconds);
  if (!good || result.outcome == Outcome::skipped) printIndented(result.message);
  if (!good) failures_.push_back(fmt::format("{} {} {}: {}", toString(result.outcome), kernel, result.name, oneLine(result.message)));
  cases_.push_back({{"kernel", kernel},
                    {"boot", boot.name()},
                    {"name", result.name},
                    {"outcome", toString(result.outcome)},
                    {"seconds", result.seconds},
                    {"message", result.message},
                    {"properties", result.properties},
                    {"console", console.string()}});
}

void Report::add(const std::string& kernel, const Boot& boot, const BootOutcome& outcome, const fs::path& console) {
  const std::lock_guard guard(lock_);
  bool caseFailed = false;
  for (const auto& result : outcome.verdict.cases) {
    record(kernel, boot, result, console);
    caseFailed |= result.outcome == Outcome::failed || result.outcome == Outcome::crashed;
  }
  if (!outcome.verdict.good() && !caseFailed) {
    // All tests say passed, yet the boot is not good: that is a failure of its own.
    record(kernel, boot, {"boot." + boot.name(), Outcome::failed, 0, fmt::format("{}", fmt::join(outcome.verdict.reasons, "\n")), {}}, console);
  }
  if (!outcome.verdict.good()) printFailure(outcome);
  finishBoot();
}

void Report::addError(const std::string& kernel, const Boot& boot, const std::string& why) {
  const std::lock_guard guard(lock_);
  for (const auto& name : boot.plan()) record(kernel, boot, {name, Outcome::crashed, 0, why, {}}, {});
  finishBoot();
}

void Report::addSkipped(const std::string& kernel, const Boot& boot, const std::string& why) {
  const std::lock_guard guard(lock_);
  for (const auto& name : boot.plan()) record(kernel, boot, {name, Outcome::skipped, 0, why, {}}, {});
  finishBoot();
}

void Report::summarize() const {
  const std::lock_guard guard(lock_);
  for (const auto& failure : failures_) fmt::print("{}\n", failure);
  if (skipped_ != 0) fmt::print("{} skipped\n", skipped_);
  fmt::print("{} passed, {} failed\n", passed_, failed_);
  std::fflush(stdout);
}

void Report::finishBoot() const {
  std::fflush(stdout);
  if (file_.empty()) return;
  const nlohmann::json document = {{"passed", passed_}, {"failed", failed_}, {"skipped", skipped_}, {"cases", cases_}};
  writeFile(file_, document.dump(1) + "\n");
}

}  // namespace luq
