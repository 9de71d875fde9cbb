// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * A failure in each phase of an update.
 */
#pragma once

#include <functional>
#include <string>

#include "support/live_update.h"
#include "support/versions.h"

namespace lug {

/** Where debugfs takes the phase that is to fail next. */
inline constexpr const char* injectFile = "/sys/kernel/debug/liveupdate/inject";

/**
 * Expects that an update from @p own to @p other is rolled back when a phase fails, for each phase, and succeeds
 * when none does. @p check looks at users after each update; the first failed test ends it all.
 */
void expectEveryStepRollsBack(const ManagedDriver& driver, const Version& own, const Version& other,
                              const std::function<void(const std::string& when)>& check);

}  // namespace lug
