// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * What the demonstration does, and what it checks on the way.
 */
#pragma once

#include <string>

namespace lud {

/** What to show. */
struct Play {
  std::string driver = "e1000";
  std::string faulty = "no-csum";  ///< label of the version that must be refused
  std::string diskDriver = "virtio_blk";
  std::string soundDriver = "snd_ens1370";
  unsigned calmSeconds = 4;        ///< traffic to see before, between and after the updates
};

/** Act @p play out and report all of it to the host; throws lug::Failure when it cannot go on. */
void perform(const Play& play);

}  // namespace lud
