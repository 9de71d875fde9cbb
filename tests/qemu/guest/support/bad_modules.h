// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Files that look more or less like a driver module and must all be refused.
 */
#pragma once

#include <string>
#include <vector>

namespace lug {

/** One unfit file. */
struct BadModule {
  std::string what;  ///< for messages
  std::string path;
  bool alsoToInsmod = true;  ///< plain insmod has to refuse it too
};

/** Make all kinds below @p folder out of the good module @p good, and list them. */
std::vector<BadModule> makeBadModules(const std::string& folder, const std::string& good);

}  // namespace lug
