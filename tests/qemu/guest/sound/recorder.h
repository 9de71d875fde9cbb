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
 * Take one period, waiting for it; returns how many of its frames are not what the card records, silence. By mmap each
 * frame is overwritten when it has been read, and has to be silence again when the buffer has gone round: somebody
 * must have put it there.
 */
snd_pcm_uframes_t takePeriod(Pcm& pcm, const StreamSetup& setup);

/** What is said of @p odd such frames. */
std::string notRecorded(snd_pcm_uframes_t odd);

/**
 * Records; an overrun is a problem, and so is what takePeriod() finds.
 */
class Recorder : public Workload {
 public:
  Recorder(std::string name, StreamSetup setup) : Workload(std::move(name)), setup_(std::move(setup)) {}
  void start() override;

 private:
  void loop();

  StreamSetup setup_;
};

}  // namespace lug
