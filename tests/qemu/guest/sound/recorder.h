// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * A client that records without a break.
 */
#pragma once

#include <string>

#include "net/workload.h"
#include "sound/alsa.h"

namespace lug {

/**
 * Records; an overrun is a problem. What comes from the card is silence. By mmap each frame is overwritten when it has
 * been read, and has to be silence again when the buffer has gone round: somebody must have put it there.
 */
class Recorder : public Workload {
 public:
  Recorder(std::string name, StreamSetup setup) : Workload(std::move(name)), setup_(std::move(setup)) {}
  void start() override;

 private:
  void loop();
  void take(Pcm& pcm);

  StreamSetup setup_;
};

}  // namespace lug
