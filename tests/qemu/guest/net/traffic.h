// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The usual mix of workloads on a wire, with access to those that a test asks questions.
 */
#pragma once

#include <set>

#include "net/datagram.h"
#include "net/link_watch.h"
#include "net/tcp.h"

namespace lug {

/** Everything of item 13: bulk TCP both ways, UDP both ways, ping, idle TCP, packet socket and so on. */
class Traffic {
 public:
  /** @param watch interfaces whose events are judged; by default the wire's own */
  explicit Traffic(const Wire& wire, std::set<std::string> watch = {});

  void start() { set_.start(); }
  /** Stop all, with a last exchange on the idle session. */
  void stop();
  /** Everything has to get on within the limit; returns what does not. */
  std::vector<std::string> awaitProgress(milliseconds limit) { return set_.awaitProgress(limit); }
  /** All problems so far; events sent up to now have been judged. */
  std::vector<std::string> problems();
  Json measured() const { return set_.measured(); }
  WorkloadSet& set() { return set_; }

 private:
  WorkloadSet set_;
  TcpIdle* idle_ = nullptr;
  LinkWatch* watch_ = nullptr;
  bool running_ = true;
};

/** What a stopped card may keep a workload from doing, at most; generous for emulation. */
inline constexpr auto progressLimit = seconds(20);

}  // namespace lug
