// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * What the acts of the demonstration tell the host.
 */
#pragma once

#include <string>

#include "support/process.h"

namespace lud {

/** Report something that was verified. */
void check(const std::string& what, bool good, const std::string& found);

/** Run @p argv as a user would, report what was typed and said, and check that it ends with @p expected. */
lug::Output command(const lug::Argv& argv, int expected);

/** The version of @p driver that runs, for people. */
std::string runningVersion(const std::string& driver);

/** A file of the kernel's record of the last update of @p driver; empty when there is none. */
std::string lastUpdate(const std::string& driver, const std::string& file);

}  // namespace lud
