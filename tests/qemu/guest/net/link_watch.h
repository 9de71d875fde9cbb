// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * An rtnetlink listener over all groups: what a network manager on the machine would have seen.
 */
#pragma once

#include <map>
#include <set>

#include "net/workload.h"

struct nlmsghdr;

namespace lug {

/** Records each event that would tell a listener that the watched interfaces went away or down. */
class LinkWatch : public Workload {
 public:
  /** @param devices interface names that have to stay as they are */
  LinkWatch(std::string name, std::set<std::string> devices)
      : Workload(std::move(name)), devices_(std::move(devices)) {}
  void start() override;
  bool progresses() const override { return false; }
  Json measured() const override;
  /** Wait until all events sent so far were judged: round trip through an own request. */
  void settle();

 private:
  void loop();
  void judge(const nlmsghdr& message);
  void judgeLink(const nlmsghdr& message);
  bool watched(int ifindex) const { return watched_.contains(ifindex); }
  std::string label(int ifindex) const;

  std::set<std::string> devices_;
  struct Watched {
    std::string name;
    std::uint8_t operstate = 0;  ///< at the start: "up", or "unknown" where the driver never tells
  };
  std::map<int, Watched> watched_;
  Socket socket_;
  std::atomic<std::uint64_t> events_{0};
  std::atomic<std::uint64_t> marksSeen_{0};
  std::uint64_t marksSent_ = 0;
};

}  // namespace lug
