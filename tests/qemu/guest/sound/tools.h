// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Programs that others wrote, at work on the sound card.
 */
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "net/workload.h"

namespace lug {

/** Has libasound mix what several clients play on the first PCM; they open it as @ref mixedDevice. */
void configureMixing();

inline constexpr const char* mixedDevice = "mixed";
/**
 * Frames of the buffer that is mixed into: as many may be mixed too late when a client begins and ends. What was too
 * late in the beginning is below what is mixed into the same place a buffer later, so it had better be silence.
 */
inline constexpr unsigned mixedBuffer = 16384;

/** aplay, fed by a pipe until it is told to stop, with numbered frames or silence. An underrun is a problem. */
class AplayWork : public Workload {
 public:
  struct Setup {
    std::string device = mixedDevice;
    bool mmap = false;
    bool numbers = false;
    unsigned leadIn = 0;  ///< frames of silence before the first numbered one
  };
  AplayWork(std::string name, Setup setup);
  void start() override;
  /** Numbers of the frames so far. */
  std::uint64_t first() const { return first_; }
  std::uint64_t end() const { return next_; }

 private:
  void play();
  void feed();

  Setup setup_;
  std::string pipe_;
  std::uint64_t first_;
  std::atomic<std::uint64_t> next_;
  std::atomic<bool> ended_{false};
};

/** arecord, whose frames come by a pipe. An overrun is a problem, and so is another pace than the clock's. */
class ArecordWork : public Workload {
 public:
  ArecordWork(std::string name, bool mmap) : Workload(std::move(name)), mmap_(mmap) {}
  void start() override;

 private:
  void record();
  void count();

  bool mmap_;
  std::atomic<bool> ended_{false};
};

/** amixer, over and over: sets a control, and asks for it; what it says has to be what it set. */
class AmixerWork : public Workload {
 public:
  AmixerWork(std::string name, std::string control) : Workload(std::move(name)), control_(std::move(control)) {}
  void start() override;

 private:
  void change(unsigned value);

  std::string control_;
};

}  // namespace lug
