// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Samples how far both streams have got, on the clock that the kernel's timeline uses too.
 */
#pragma once

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "net/workload.h"

namespace lud {

using Json = nlohmann::json;

/** Microseconds of CLOCK_MONOTONIC. */
std::int64_t nowUs();

/** Records the bytes that arrived in both directions until it goes away. */
class Recorder {
 public:
  Recorder(const lug::Workload& transmit, const lug::Workload& receive);
  ~Recorder() { stop(); }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  void stop();
  /** [time, bytes transmitted, bytes received] of each sample. */
  Json samples() const;

 private:
  struct Sample {
    std::int64_t us;
    std::uint64_t transmit, receive;
  };
  void loop();

  const lug::Workload &transmit_, &receive_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex lock_;
  std::vector<Sample> samples_;
  std::thread thread_;
};

}  // namespace lud
