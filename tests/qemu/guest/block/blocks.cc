// SPDX-License-Identifier: GPL-2.0
#include "block/blocks.h"

#include <cstring>
#include <random>

namespace lug {

Block makeBlock(std::size_t bytes) {
  return Block(static_cast<std::uint64_t*>(std::aligned_alloc(blockBytes, bytes)));
}

void fill(std::uint64_t* words, std::size_t bytes, std::uint64_t index, std::uint64_t turn) {
  std::mt19937_64 random(index * 1000003 + turn);
  words[0] = index;
  words[1] = turn;
  for (std::size_t i = 2; i < bytes / sizeof *words; ++i) words[i] = random();
}

bool holds(const std::uint64_t* words, std::size_t bytes, std::uint64_t index, std::uint64_t turn) {
  const auto wanted = makeBlock(bytes);
  fill(wanted.get(), bytes, index, turn);
  return std::memcmp(words, wanted.get(), bytes) == 0;
}

}  // namespace lug
