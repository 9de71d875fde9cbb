// SPDX-License-Identifier: GPL-2.0
#include "meter.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "support/process.h"

namespace lub {

namespace {

constexpr std::uint64_t turns = 20'000;  ///< far shorter than the timer's period
constexpr std::uint64_t pause = 100;     ///< turns between two looks at the counter, which are slow
constexpr int attempts = 50;

/** Executes exactly two instructions for each of @p count turns. */
[[gnu::always_inline]] inline void countDown(std::uint64_t count) {
  asm volatile("1: dec %0\n\tjnz 1b" : "+r"(count) : : "cc");
}

std::uint64_t costOfTurns(std::uint64_t count) {
  const auto before = Meter::now();
  countDown(count);
  return Meter::now() - before;
}

/** The undisturbed cost: the smallest of several. */
std::uint64_t undisturbed(std::uint64_t count) {
  auto least = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < attempts; ++i) least = std::min(least, costOfTurns(count));
  return least;
}

/** Not inlined: what was learned of one turn must hold for every caller. */
[[gnu::noinline]] std::uint64_t spin(std::uint64_t window, std::uint64_t turn, std::uint64_t& shortest) {
  std::uint64_t absorbed = 0;
  const auto start = Meter::now();
  for (auto last = start; last - start < window;) {
    countDown(pause);
    const auto at = Meter::now();
    const auto took = at - last;
    last = at;
    shortest = std::min(shortest, took);
    if (took > turn) absorbed += took - turn;
  }
  return absorbed;
}

}  // namespace

Meter::Meter() {
  const auto found = undisturbed(2 * turns) - undisturbed(turns);
  if (found != 2 * turns)
    throw lug::Failure(fmt::format("the time stamp counter does not count instructions: {} of them took {} ticks; "
                                   "the guest needs -icount shift=0 and one CPU",
                                   2 * turns, found));
  turn_ = std::numeric_limits<std::uint64_t>::max();
  spin(attempts * 2 * pause, std::numeric_limits<std::uint64_t>::max(), turn_);
}

std::uint64_t Meter::absorb(std::uint64_t window) const {
  auto shortest = turn_;
  return spin(window, turn_, shortest);
}

}  // namespace lub
