// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Traffic on a wire, and the question whether what happened since the start was noticed by anyone.
 */
#pragma once

#include "net/snapshot.h"
#include "net/traffic.h"
#include "net/world.h"

namespace lug {

/** Starts traffic, remembers the state, and compares later. */
class Session {
 public:
  /** Traffic on all wires of @p world and on @p more wires that lead over stacked devices.
   *  @param watch interfaces whose state and events count besides those of the world */
  explicit Session(const World& world, std::set<std::string> watch = {}, const std::vector<Wire>& more = {});
  /** As much traffic as @p load says on the world's wires. */
  Session(const World& world, const Load& load);
  /** Traffic on @p wires, which need not be the world's own; exactly @p watch is watched. */
  Session(const std::vector<Wire>& wires, const std::set<std::string>& watch, const Load& load = Load::light());

  /** Let everything make progress; fails the test for what does not, or for quick differences. */
  void checkQuickly(const std::string& when);
  /** The full comparison: state, counters, problems. Traffic goes on. */
  void checkFully(const std::string& when);
  /** Stop the traffic with its closing checks. Returns the figures of all workloads. */
  Json finish();
  Traffic& traffic() { return *traffic_; }

 private:
  std::vector<std::string> devices_;
  std::unique_ptr<Traffic> traffic_;
  Json quick_, full_, counters_;
};

}  // namespace lug
