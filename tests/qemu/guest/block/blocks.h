// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Blocks whose contents tell what they are.
 */
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>

namespace lug {

inline constexpr std::size_t blockBytes = 4096;

struct AlignedFree {
  void operator()(void* p) const { std::free(p); }
};
using Block = std::unique_ptr<std::uint64_t[], AlignedFree>;

/** Memory for @p bytes, as O_DIRECT wants it aligned. */
Block makeBlock(std::size_t bytes = blockBytes);

/** Words of a block that is number @p index, written for the @p turn-th time. */
void fill(std::uint64_t* words, std::size_t bytes, std::uint64_t index, std::uint64_t turn);

/** True when @p words are what fill() makes of the same numbers. */
bool holds(const std::uint64_t* words, std::size_t bytes, std::uint64_t index, std::uint64_t turn);

}  // namespace lug
