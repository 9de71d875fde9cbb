// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * What a guest's sound card played, against what the guest says that it gave it to play.
 */
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/numbered_sound.h"
#include "verdict.h"

namespace luq {

/** Frames that were heard one after the other, without silence in between. */
struct Stretch {
  std::uint64_t first = 0, end = 0;  ///< numbers of the frames, @p end is beyond the last one
  std::vector<sound::Frame> mixed = {};  ///< between the stretch before and this one: each may be two at once
  bool operator==(const Stretch&) const = default;
};

/** All that was heard. */
struct Heard {
  std::vector<Stretch> stretches;
  std::uint64_t frames = 0;  ///< with silence
  std::vector<sound::Frame> mixed;  ///< after the last stretch: each may be two numbered ones at once
  std::uint64_t odd = 0;     ///< none of all that, nor silence
};

/** What a guest says about one stream: its frames, and how often at most the driver was away. */
struct Played {
  std::string test;
  std::uint64_t first = 0, end = 0;
  unsigned gaps = 0;
  std::uint64_t unheardAtEnds = 0;  ///< frames that may be missing at its beginning, and at its end
};

/** Read a recording of QEMU's: 16 bits, two channels. Its header counts for nothing, as QEMU may not have
 *  finished it. Throws Error for what is no recording. */
Heard listen(std::string_view wav);

/** The guest's events of kind "played". */
std::vector<Played> playedStreams(const std::string& events);

/** What of @p stream was heard, in numbers of frames that were skipped; problems are added to @p problems. */
std::vector<std::uint64_t> gapsOf(const Played& stream, const Heard& heard, std::vector<std::string>& problems);

/** Judge all streams that @p events names: a test whose frames were not heard as they should has failed. */
void judgeSound(Verdict& verdict, const std::string& events, const Heard& heard);

}  // namespace luq
