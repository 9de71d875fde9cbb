// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * A byte stream in which every 8-byte word says where it belongs, so that a byte that is wrong,
 * missing or there twice cannot go unnoticed.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace lug {

/** Fill @p out with the stream of @p seed from @p offset on. */
void fillPattern(std::span<std::byte> out, std::uint64_t offset, std::uint64_t seed);

/** Stream position of the first byte of @p data that is not as it has to be at @p offset. */
std::optional<std::uint64_t> findMismatch(std::span<const std::byte> data, std::uint64_t offset,
                                          std::uint64_t seed);

}  // namespace lug
