// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The third act: the driver of a sound card, while it plays.
 */
#pragma once

#include "play.h"

namespace lud {

/** Act it out and report it; throws lug::Failure when it cannot go on. */
void performSoundAct(const Play& play);

}  // namespace lud
