// SPDX-License-Identifier: GPL-2.0
#include "session.h"

#include <gtest/gtest.h>

#include "support/register.h"

namespace lug {

namespace {

std::vector<Wire> together(std::vector<Wire> wires, const std::vector<Wire>& more) {
  wires.insert(wires.end(), more.begin(), more.end());
  return wires;
}

std::set<std::string> together(std::set<std::string> names, const std::vector<std::string>& more) {
  names.insert(more.begin(), more.end());
  return names;
}

}  // namespace

Session::Session(const World& world, std::set<std::string> watch, const std::vector<Wire>& more)
    : Session(together(world.wires(), more), together(std::move(watch), world.devices())) {}

Session::Session(const World& world, const Load& load) : Session(world.wires(), together({}, world.devices()), load) {}

Session::Session(const std::vector<Wire>& wires, const std::set<std::string>& watch, const Load& load)
    : devices_(watch.begin(), watch.end()), traffic_(std::make_unique<Traffic>(wires, watch, load)) {
  traffic_->start();
  expectNone("before the test", traffic_->awaitProgress(progressLimit));
  full_ = takeSnapshot(devices_);
  quick_ = takeQuickSnapshot();
  counters_ = takeCounters(devices_);
}

void Session::checkQuickly(const std::string& when) {
  expectNone(when, traffic_->awaitProgress(progressLimit));
  expectNone(when, differences(quick_, takeQuickSnapshot()));
}

void Session::checkFully(const std::string& when) {
  expectNone(when, traffic_->awaitProgress(progressLimit));
  expectNone(when, differences(full_, takeSnapshot(devices_)));
  const auto counters = takeCounters(devices_);
  expectNone(when, stepsBack(counters_, counters));
  counters_ = counters;
  expectNone(when, traffic_->problems());
}

Json Session::finish() {
  traffic_->stop();
  expectNone("traffic", traffic_->problems());
  auto figures = traffic_->measured();
  traffic_.reset();
  return figures;
}

}  // namespace lug
