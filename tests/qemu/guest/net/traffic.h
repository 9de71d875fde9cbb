// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The usual mix of workloads, with access to those that a test asks questions.
 */
#pragma once

#include <set>

#include "net/counter_watch.h"
#include "net/datagram.h"
#include "net/link_watch.h"
#include "net/tcp.h"

namespace lug {

/** How much traffic there is. */
struct Load {
  std::uint64_t tcpBytesPerSecond;   ///< of each bulk stream; 0 for no limit
  std::chrono::microseconds udp;     ///< between two datagrams
  milliseconds packets;              ///< between two pings, questions, or messages to a group
  milliseconds counters;             ///< between two looks at the interface's totals

  /** As much as the machine can do in "make soak"; in "make check" half of it, so that the test gets on. */
  static Load heavy();
  /** For tests of something else than traffic: enough to see a fault, little of an emulated CPU's time. Heavy in "make soak". */
  static Load light();
};

/** Everything of item 13: bulk TCP both ways, UDP both ways, ping, idle TCP, packet socket and so on.
 *  The first wire gets all of it; further ones a stream each way, which is enough to see them work. */
class Traffic {
 public:
  /** @param watch interfaces whose events are judged */
  Traffic(const std::vector<Wire>& wires, std::set<std::string> watch, const Load& load);
  explicit Traffic(const Wire& wire) : Traffic({wire}, {wire.device}, Load::heavy()) {}

  void start() { set_.start(); }
  /** Stop all, with a last exchange on the idle session. */
  void stop();
  /** Stop all, for a network that is gone. */
  void abandon();
  /** Everything has to get on within the limit; returns what does not. */
  std::vector<std::string> awaitProgress(milliseconds limit) { return set_.awaitProgress(limit); }
  /** All problems so far; events sent up to now have been judged. */
  std::vector<std::string> problems();
  Json measured() const { return set_.measured(); }
  /** For what a test adds before start(). */
  WorkloadSet& set() { return set_; }

 private:
  void addAll(const Wire& wire, const Load& load);
  void addSome(const Wire& wire, const Load& load);

  WorkloadSet set_;
  TcpIdle* idle_ = nullptr;
  LinkWatch* watch_ = nullptr;
  bool running_ = true;
};

/** What a stopped card may keep a workload from doing, at most; generous for emulation. */
inline constexpr auto progressLimit = seconds(30);

}  // namespace lug
