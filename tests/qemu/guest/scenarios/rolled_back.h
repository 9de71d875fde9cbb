// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * What every scenario expects of an update that must not happen.
 */
#pragma once

#include <string>
#include <vector>

#include "support/live_update.h"

namespace lug {

/** One unfit version, and what its report has to name: all of it, but of texts parted by '|' any. */
struct Unfit {
  std::string label;
  std::vector<std::string> mismatches;
};

/**
 * Tries to update to @p to, whatever lu-ctl itself thinks of the file, with the words @p more: it is rolled back, the
 * report names each of @p texts as Unfit::mismatches does, and @p running is in charge.
 */
void expectRolledBack(const ManagedDriver& driver, const Version& running, const Version& to,
                      const std::vector<std::string>& texts, const Argv& more = {});

/** The same for a version that is unfit. */
void expectRolledBack(const ManagedDriver& driver, const Version& running, const Unfit& unfit);

}  // namespace lug
