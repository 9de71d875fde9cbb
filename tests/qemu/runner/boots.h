// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * From the catalogue of scenarios to boots: which run together, with which cards and limits.
 */
#pragma once

#include <string>
#include <vector>

#include "common/catalogue.h"
#include "guest_options.h"
#include "verdict.h"

namespace luq {

/** How often the scenarios repeat. */
enum class Level { check, soak };

/** Scenarios of one group that run with one driver in one boot. */
struct Boot {
  std::string group;
  std::string driver;
  std::vector<const Scenario*> scenarios;

  std::string name() const { return group + "[" + driver + "]"; }
  /** Full names of its tests: the plan that the guest has to meet. */
  std::vector<std::string> plan() const;
};

/** All boots of the catalogue, or only what @p wanted names: a full name, SUITE.NAME, a group, or
 *  any of these with '*'. Throws Error for a name that fits nothing. */
std::vector<Boot> selectBoots(const std::vector<std::string>& wanted);

/** How one boot is run. */
struct BootSettings {
  Level level = Level::check;
  unsigned count = 0;       ///< repetitions inside a scenario; 0: as the catalogue says
  unsigned slow = 1;        ///< multiplies all time limits: for a machine that has other work
  bool showLog = false;     ///< pass the guest's log on to standard output
  fs::path folder;          ///< scratch folder of this boot
};

/** What came of one boot. */
struct BootOutcome {
  BootResult result;
  Verdict verdict;
};

/** Factor by which everything takes longer on @p kernel than on a stock one. */
unsigned slowness(const KernelDir& kernel);

/** Seconds that the guest's program may take for @p boot, by the catalogue. */
unsigned limitOf(const Boot& boot);

/** Run @p boot on @p kernel with a prepared @p initramfs. */
BootOutcome runBoot(const Boot& boot, const KernelDir& kernel, const fs::path& initramfs,
                    const GuestOptions& options, const BootSettings& settings);

}  // namespace luq
