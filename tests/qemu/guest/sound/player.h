// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * A client that plays without a break.
 */
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "net/workload.h"
#include "sound/alsa.h"

namespace lug {

/** The number of a new stream's first frame: each stream of a boot has its own, so that the host knows them apart. */
std::uint64_t takeFrameNumbers();

/** Silence at the end: a card may drop what it has in a buffer of its own when it is stopped. */
inline constexpr unsigned closingFrames = 8192;

/** Plays frames of which each says which one it is, or silence; an underrun is a problem. */
class Player : public Workload {
 public:
  enum class What { numbers, silence };

  Player(std::string name, StreamSetup setup, What what);
  void start() override;
  void stop() override;
  Json measured() const override;

  const StreamSetup& setup() const { return setup_; }
  bool playsNumbers() const { return what_ == What::numbers; }
  /** Numbers of the frames: that of the first one, and that beyond the last one so far. */
  std::uint64_t first() const { return first_; }
  std::uint64_t end() const { return next_; }
  /** Share of the time since the start that the frames played stand for: 1 when the stream keeps up. */
  double pace() const { return pace_; }

 private:
  void loop();
  void put(Pcm& pcm, bool numbers);

  StreamSetup setup_;
  What what_;
  std::uint64_t first_;
  std::atomic<std::uint64_t> next_;
  double pace_ = 0;
};

}  // namespace lug
