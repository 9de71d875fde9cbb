// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * A steady stream of numbered datagrams that remembers when each of them arrived.
 */
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/workload.h"

namespace lub {

/** What a receiver saw of a stretch of the stream. */
struct Stretch {
  double longestGapMs = 0;   ///< longest time without a new datagram
  std::uint64_t sent = 0;    ///< numbers used in the stretch
  std::uint64_t lost = 0;    ///< numbers that never arrived
  std::uint64_t refused = 0; ///< those of them that the sender's kernel did not even take
};

/** Sends one numbered datagram each interval from one side of a wire and receives it on the other.
 *  A number is used up by each attempt, so that a datagram that could not be sent counts as lost. */
class NumberedStream {
 public:
  NumberedStream(const lug::Wire& wire, lug::Side sender, std::chrono::microseconds interval);
  ~NumberedStream();
  NumberedStream(const NumberedStream&) = delete;
  NumberedStream& operator=(const NumberedStream&) = delete;

  /** Number of the next datagram. */
  std::uint64_t next() const { return next_.load(); }
  /** True when @p number or a later one has arrived. */
  bool reached(std::uint64_t number) const { return highest_.load() > number; }
  /** The stretch from number @p first up to, not including, @p end. Forgets all before @p end. */
  Stretch take(std::uint64_t first, std::uint64_t end);
  /** Throws lug::Failure when a thread gave up. */
  void check() const;

 private:
  struct Arrival {
    std::uint64_t number;
    lug::Clock::time_point when;
  };

  void send();
  void receive();
  void guarded(lug::Side side, void (NumberedStream::*body)());

  std::chrono::microseconds interval_;
  lug::Side sender_;
  lug::Socket out_, in_;
  sockaddr_in target_{};
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> next_{0};
  std::atomic<std::uint64_t> highest_{0};  ///< one more than the highest number that arrived
  mutable std::mutex lock_;
  std::vector<Arrival> arrivals_;
  std::vector<std::uint64_t> refused_;
  std::string failure_;
  std::thread sending_, receiving_;
};

}  // namespace lub
