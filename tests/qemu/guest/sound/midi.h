// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * A client of the card's raw MIDI device.
 */
#pragma once

#include <cstdint>

#include "net/workload.h"

namespace lug {

/** Has both directions open, and sends notes all the time. Nothing is an error, and each byte leaves once: what was
 *  written is compared with what the kernel says was sent. */
class MidiWork : public Workload {
 public:
  using Workload::Workload;
  void start() override;

 private:
  void loop();

  std::uint64_t written_ = 0;
};

}  // namespace lug
