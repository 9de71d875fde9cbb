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

/** Tries to update to @p unfit, whatever lu-ctl itself thinks of the file: @p own stays, and the report names each of @p texts. */
void expectSoundRolledBack(ManagedDriver& driver, const Version& own, const Version& unfit, const std::vector<std::string>& texts);

}  // namespace lug
