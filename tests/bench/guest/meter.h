// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Counts executed instructions, in a guest whose clock is its instruction counter.
 *
 * Under QEMU's `-icount shift=0` the time stamp counter of the only CPU advances by one for each
 * instruction executed, whether in this process, in the kernel or in an interrupt. It jumps only
 * while the CPU is idle, so nothing measured here ever sleeps or blocks: work that the kernel does
 * later, in an interrupt, is found as time missing from a loop of known length.
 */
#pragma once

#include <x86intrin.h>

#include <cstdint>

namespace lub {

/** A reader of the instruction counter. */
class Meter {
 public:
  /** Checks that the counter counts instructions, one by one; throws lug::Failure if not. */
  Meter();

  static std::uint64_t now() { return __rdtsc(); }

  /**
   * Spin for @p window instructions.
   * @return those of them that were not spent by the loop itself: interrupts and what they woke.
   */
  std::uint64_t absorb(std::uint64_t window) const;

 private:
  std::uint64_t turn_ = 0;  ///< what one undisturbed turn of the loop in absorb() costs
};

}  // namespace lub
