// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Sound cards: instructions while one plays, and what is not heard during an update.
 */
#pragma once

#include <string>

namespace lub {

/** How much is counted. */
struct PlayingPlan {
  std::string driver;
  unsigned rounds = 3;    ///< how often each way of running the driver is set up anew
  unsigned periods = 50;  ///< of each round
};

/** Count instructions of a stream that plays, of the driver as it is, managed, and after an update; throws lug::Failure. */
void measurePlaying(const PlayingPlan& plan);

/** How much is played. */
struct GapPlan {
  std::string driver;
  unsigned buffer = 16384;  ///< frames
  unsigned runs = 50;
};

/** Update while a numbered stream plays, which the host hears; throws lug::Failure. */
void measureGaps(const GapPlan& plan);

}  // namespace lub
