// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * How the time of an update grows with the number of cards that one driver runs.
 */
#pragma once

#include <string>

namespace lub {

/** How much is measured. */
struct CardsPlan {
  std::string driver;
  unsigned cards = 1;  ///< as many as the host put into the machine, each with a partner
  unsigned runs = 5;
};

/** Run @p plan and report each update; throws lug::Failure. */
void measureCards(const CardsPlan& plan);

}  // namespace lub
