// SPDX-License-Identifier: GPL-2.0
#include "pattern.h"

#include <array>
#include <cstring>

namespace lug {

namespace {

/** A bijective mix (so no two positions share a word) whose every byte depends on the position. */
std::uint64_t word(std::uint64_t index, std::uint64_t seed) {
  std::uint64_t x = (index + seed) * 0x9e3779b97f4a7c15ULL;
  return x ^ (x >> 32);
}

constexpr std::size_t chunk = 4096;

}  // namespace

void fillPattern(std::span<std::byte> out, std::uint64_t offset, std::uint64_t seed) {
  std::size_t done = 0;
  while (done < out.size()) {
    const std::uint64_t at = offset + done;
    const std::uint64_t value = word(at / 8, seed);
    const std::size_t skip = at % 8;
    const std::size_t n = std::min(out.size() - done, 8 - skip);
    std::memcpy(out.data() + done, reinterpret_cast<const std::byte*>(&value) + skip, n);
    done += n;
  }
}

std::optional<std::uint64_t> findMismatch(std::span<const std::byte> data, std::uint64_t offset,
                                          std::uint64_t seed) {
  std::array<std::byte, chunk> expected;
  for (std::size_t done = 0; done < data.size();) {
    const std::size_t n = std::min(chunk, data.size() - done);
    fillPattern(std::span(expected).first(n), offset + done, seed);
    if (std::memcmp(expected.data(), data.data() + done, n) != 0) {
      for (std::size_t i = 0; i < n; ++i)
        if (expected[i] != data[done + i]) return offset + done + i;
    }
    done += n;
  }
  return std::nullopt;
}

}  // namespace lug
