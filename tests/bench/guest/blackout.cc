// SPDX-License-Identifier: GPL-2.0
#include "blackout.h"

#include <fmt/format.h>

#include <functional>

#include "emit.h"
#include "net/world.h"
#include "numbered.h"
#include "support/process.h"
#include "update.h"

namespace lub {

namespace {

using namespace std::chrono_literals;
using lug::Clock;
using lug::Failure;
using lug::Side;

constexpr auto interval = 1ms;
constexpr auto recoverLimit = 60s;
constexpr auto lateLimit = 2s;            ///< for the last datagrams of a stretch to arrive
constexpr std::uint64_t steady = 300;     ///< datagrams in a row that show that traffic flows
constexpr const char* routedNetwork = "10.99.0.0/16";

/** The streams in both directions over one wire. */
class Probe {
 public:
  explicit Probe(const lug::Wire& wire)
      : transmit_(wire, Side::dut, interval), receive_(wire, Side::peer, interval) {}

  /** Wait until datagrams sent from now on arrive in both directions. */
  void awaitFlow() {
    const auto t = transmit_.next() + steady, r = receive_.next() + steady;
    const bool flows = lug::waitUntil(recoverLimit, [&] {
      check();
      return transmit_.reached(t) && receive_.reached(r);
    });
    if (!flows) throw Failure("traffic did not come back");
  }

  /** What both receivers see of @p action and of the way back to steady traffic. */
  Json during(const std::function<Json()>& action) {
    const auto t = transmit_.next(), r = receive_.next();
    awaitFlow();  // the stretch begins in steady traffic
    const auto began = Clock::now();
    Json result = action();
    result["action_ms"] = std::chrono::duration<double, std::milli>(Clock::now() - began).count();
    awaitFlow();
    const auto tEnd = transmit_.next(), rEnd = receive_.next();
    lug::waitUntil(lateLimit, [&] { return transmit_.reached(tEnd) && receive_.reached(rEnd); });
    result["transmit"] = json(transmit_.take(t, tEnd));
    result["receive"] = json(receive_.take(r, rEnd));
    return result;
  }

 private:
  static Json json(const Stretch& s) {
    return Json{{"gap_ms", s.longestGapMs}, {"sent", s.sent}, {"lost", s.lost}, {"refused", s.refused}};
  }
  void check() const {
    transmit_.check();
    receive_.check();
  }

  NumberedStream transmit_, receive_;
};

/** One boot's measurements. */
class Blackout {
 public:
  explicit Blackout(const BlackoutPlan& plan)
      : plan_(plan), world_(plan.driver, {.managed = !plan.scriptOnly}), versions_(lug::twoRealVersions(plan.driver)) {
    lug::must({"ip", "route", "add", routedNetwork, "via", world_.wire().peerAddress});
  }

  void run() {
    Probe probe(world_.wire());
    for (unsigned i = 0; i < plan_.runs; ++i) {
      report("quiet", i, probe.during([this] { return quiet(); }));
      if (!plan_.scriptOnly) {
        const auto& to = other();
        report("update", i, probe.during([&] { return update(world_.managed(), to); }));
        world_.managed().mustCtl("commit");
        current_ = &to;
      }
      report("reload", i, probe.during([this] { return reload(); }));
    }
  }

  void close() { world_.close(); }

 private:
  const lug::Version& other() const { return current_ == &versions_.first ? versions_.second : versions_.first; }

  /** As long as an update of this driver took, with nothing done: the noise of the machine. */
  Json quiet() const {
    const auto end = Clock::now() + quietTime_;
    lug::waitUntil(quietTime_ + 1s, [&] { return Clock::now() >= end; });
    return Json::object();
  }

  /** What a careful administrator would run. */
  Json reload() const {
    const auto& wire = world_.wire();
    const auto script = fmt::format(
        "set -e\n"
        "rmmod {0}\n"
        "insmod {1}\n"
        "ip address add {3}/24 dev {2}\n"
        "ip address add fd00:10::1/64 dev {2} nodad\n"
        "ip link set {2} up\n"
        "ip route add {4} via {5}\n",
        plan_.driver, current_->path, wire.device, wire.dutAddress, routedNetwork, wire.peerAddress);
    lug::must({"sh", "-c", script});
    return Json::object();
  }

  void report(const char* what, unsigned run, Json measured) const {
    measured["kind"] = "blackout";
    measured["driver"] = plan_.driver;
    measured["what"] = what;
    measured["run"] = run;
    measured["to"] = current_->label;
    emit(measured);
    lug::note(fmt::format("{} {} run {}: gap transmit {:.1f} ms, receive {:.1f} ms", plan_.driver, what, run,
                          measured["transmit"]["gap_ms"].get<double>(), measured["receive"]["gap_ms"].get<double>()));
  }

  static constexpr auto quietTime_ = 500ms;
  BlackoutPlan plan_;
  lug::World world_;
  std::pair<lug::Version, lug::Version> versions_;
  const lug::Version* current_ = &versions_.first;
};

}  // namespace

void measureBlackout(const BlackoutPlan& plan) {
  Blackout blackout(plan);
  blackout.run();
  blackout.close();
}

}  // namespace lub
