// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Judges a boot. The verdict starts as crashed and has to be earned.
 */
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "machine.h"

namespace luq {

/** How one test case ended. */
enum class Outcome { crashed, failed, skipped, passed };

std::string_view toString(Outcome outcome);

/** One test case of the plan. */
struct CaseResult {
  std::string name;
  Outcome outcome = Outcome::crashed;
  double seconds = 0;
  std::string message;  ///< why it failed or was skipped
  nlohmann::json properties = nlohmann::json::object();  ///< figures that the test recorded
};

/** The judgement on a whole boot. */
struct Verdict {
  std::vector<CaseResult> cases;
  std::vector<std::string> reasons;  ///< why the boot as a whole is not good; empty when it is
  std::vector<std::string> splats;   ///< console lines that must not be there
  bool good() const { return reasons.empty(); }
};

/** Console lines that tell of a kernel fault and contain none of the @p allowed texts. */
std::vector<std::string> findSplats(std::string_view console, const std::vector<std::string>& allowed);

/** What the guest reported about its command; reasons for doubt, none when it ended with 0. */
std::vector<std::string> judgeStatus(const BootResult& result);

/**
 * Judge a boot that was to run the test cases @p plan.
 * Every planned case appears in the verdict; one that never reported stays crashed.
 */
Verdict judge(const BootResult& result, const std::vector<std::string>& plan,
              const std::vector<std::string>& allowed);

/**
 * Did a boot, which was to come to @p verdict, end because the emulated processor ran a breakpoint that is not in the
 * guest's memory? A jump label is patched behind a breakpoint, and a translation of that may be run once more when it is
 * gone; the kernel then knows nothing of it and dies. What it prints of its code tells this from a breakpoint that
 * is there, and from other code than a jump label's. Where anything else was wrong before, this is no excuse.
 */
bool isStaleBreakpoint(const BootResult& result, const Verdict& verdict);

/** Judge a boot that ran a plain script: exit status and console only. */
Verdict judgeScript(const BootResult& result, const std::vector<std::string>& allowed);

}  // namespace luq
