// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * What the scenarios of sound cards share.
 */
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "sound/sound_session.h"
#include "sound/sound_state.h"
#include "sound/sound_world.h"

namespace lug {

/** Expects that the last update succeeded, with nothing to complain about. */
void expectSoundUpdated(const ManagedDriver& driver);

}  // namespace lug
