// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * What was heard around the moment in which the sound card's driver was replaced.
 */
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/numbered_sound.h"

namespace lud {

using Recording = std::vector<luq::sound::Frame>;

/** Silence in a recording, in frames from its beginning. */
struct Silence {
  std::size_t from = 0, until = 0;
  double ms() const { return 1000.0 * static_cast<double>(until - from) / luq::sound::rate; }
};

/** The frames of a WAV file of 16 bits and two channels; none where it is no such file. */
Recording readRecording(std::string_view wav);

/** @p recording with silence where QEMU, which writes nothing while a card stands still, has none: as many frames as
 *  the numbers of those that follow say. */
Recording inTime(const Recording& recording);

/** The longest silence with sound before and after it. */
std::optional<Silence> longestSilence(const Recording& recording);

/** Both channels around @p silence as SVG. */
std::string drawWaveform(const Recording& recording, const Silence& silence, const std::string& machine);

/** The same in one line for a terminal. */
std::string waveformLine(const Recording& recording, const Silence& silence);

}  // namespace lud
