// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Sound in which each frame says which one it is. The guest plays it, the host hears it.
 *
 * Frames have two channels of 16 bits. The left one counts to @ref wrap in odd values around zero, and the right one,
 * which is never zero or less, counts how often that happened. All zeroes is silence. Two frames on top of each other
 * are an even value on the left, and so are not taken for a third one.
 */
#pragma once

#include <cstdint>
#include <optional>

namespace luq::sound {

inline constexpr unsigned rate = 22050;  ///< frames in a second
inline constexpr std::uint64_t wrap = 16000;
inline constexpr int peak = wrap;  ///< values of the left channel are between this and its negative
/** Streams of one boot number their frames from different multiples of this. */
inline constexpr std::uint64_t streamStep = wrap * 1250;

/** Left and right sample. */
struct Frame {
  std::int16_t left = 0, right = 0;
  bool operator==(const Frame&) const = default;
};

inline constexpr Frame silence{};

constexpr Frame numbered(std::uint64_t number) {
  return {static_cast<std::int16_t>(2 * static_cast<int>(number % wrap) + 1 - peak),
          static_cast<std::int16_t>(number / wrap + 1)};
}

/** The number of @p frame; nothing for silence, and for what no stream plays. */
constexpr std::optional<std::uint64_t> numberOf(Frame frame) {
  if (frame.right <= 0 || frame.left % 2 == 0 || frame.left <= -peak || frame.left >= peak) return std::nullopt;
  return static_cast<std::uint64_t>(frame.right - 1) * wrap + static_cast<std::uint64_t>((frame.left + peak - 1) / 2);
}

/** Two frames on top of each other. */
constexpr Frame mixed(Frame a, Frame b) {
  return {static_cast<std::int16_t>(a.left + b.left), static_cast<std::int16_t>(a.right + b.right)};
}

/** Can @p frame be two numbered ones on top of each other? */
constexpr bool isMixed(Frame frame) { return frame.right > 1 && frame.left % 2 == 0; }

}  // namespace luq::sound
