// SPDX-License-Identifier: GPL-2.0
#include "play.h"

#include <fmt/format.h>

#include "emit.h"
#include "net/datagram.h"
#include "net/link_watch.h"
#include "net/tcp.h"
#include "net/world.h"
#include "recorder.h"
#include "report.h"
#include "support/process.h"

namespace lud {

namespace {

using namespace std::chrono_literals;
using lub::emit;
using lug::Failure;
using lug::Side;

constexpr auto progressLimit = 20s;
constexpr auto pingInterval = 100ms;

/** One counter of /proc/net/snmp's "Tcp:" lines, on one side of the wire. */
long tcpCounter(Side side, const std::string& name) {
  lug::InNamespace inside(side);
  // self/net would be that of the main thread.
  const auto text = lug::mustRead("/proc/thread-self/net/snmp");
  std::vector<std::string> names;
  for (const auto& line : lug::split(text, '\n')) {
    const auto words = lug::split(line, ' ');
    if (words[0] != "Tcp:") continue;
    if (names.empty()) {
      names = words;
      continue;
    }
    for (std::size_t i = 0; i < names.size() && i < words.size(); ++i)
      if (names[i] == name) return std::stol(words[i]);
  }
  throw Failure("no TCP counter " + name);
}

long resets() {
  long sum = 0;
  for (const Side side : {Side::dut, Side::peer})
    for (const char* name : {"EstabResets", "OutRsts"}) sum += tcpCounter(side, name);
  return sum;
}

/** What an application on the machine would notice if it changed. */
std::string identity(const std::string& device) {
  std::string text;
  for (const char* name : {"ifindex", "address", "mtu", "carrier_changes"})
    text += fmt::format("{}={} ", name, lug::mustRead(fmt::format("/sys/class/net/{}/{}", device, name)));
  for (const auto& line : lug::split(lug::must({"ip", "-o", "address", "show", "dev", device}), '\n'))
    if (const auto words = lug::split(line, ' '); words.size() > 3) text += words[3] + " ";
  return text;
}

/** The whole demonstration with everything that is running in it. */
class Stage {
 public:
  explicit Stage(const Play& play)
      : play_(play),
        world_(play.driver, {}),
        versions_(lug::twoRealVersions(play.driver)),
        faulty_(lug::versionNamed(play.driver, play.faulty)),
        watch_(traffic_.add<lug::LinkWatch>("events", std::set<std::string>{world_.wire().device})),
        transmit_(traffic_.add<lug::TcpBulk>("transmit", world_.wire(), Side::dut)),
        receive_(traffic_.add<lug::TcpBulk>("receive", world_.wire(), Side::peer)),
        ping_(traffic_.add<lug::Ping>("ping", world_.wire(), pingInterval)) {}

  void perform() {
    before_ = identity(device());
    resetsBefore_ = resets();
    traffic_.start();
    Recorder recorder(transmit_, receive_);
    calm();
    good();
    calm();
    bad();
    calm();
    recorder.stop();
    emit({{"kind", "samples"}, {"samples", recorder.samples()}});
    finish();
  }

 private:
  const std::string& device() const { return world_.wire().device; }

  /** Let the traffic run; that it does run is checked. */
  void calm() {
    const auto t = transmit_.progress(), r = receive_.progress(), p = ping_.progress();
    const auto until = lug::Clock::now() + std::chrono::seconds(play_.calmSeconds);
    const bool flows = lug::waitUntil(progressLimit, [&] {
      return lug::Clock::now() >= until && transmit_.progress() > t && receive_.progress() > r && ping_.progress() > p;
    });
    if (!flows) check("traffic flows both ways", false, "it stands still");
  }

  std::string running() const { return runningVersion(play_.driver); }

  /** Report the update that just ended: the kernel's record and its timeline. */
  void report(const char* name, const lug::Version& to, const std::string& before) {
    const auto& managed = world_.managed();
    Json record = Json::object();
    for (const char* file : {"result", "errno", "total_us", "blackout_us", "mismatches", "reason", "from", "to", "phases"})
      record[file] = lastUpdate(managed.name(), file);
    const auto timeline = lug::mustRead(fmt::format("/sys/kernel/debug/liveupdate/{}/timeline", managed.name()));
    emit({{"kind", "update"}, {"name", name}, {"version", to.label}, {"before", before}, {"after", running()},
          {"record", record}, {"timeline", timeline}});
  }

  void good() {
    const auto before = running();
    const auto& to = versions_.second;
    command({"lu-ctl", "update", play_.driver, to.path}, 0);
    report("good", to, before);
    check("the new version runs", world_.managed().runs(to), running());
    command({"lu-ctl", "commit", play_.driver}, 0);
    check("after commit it is still the one that runs", world_.managed().runs(to), running());
  }

  void bad() {
    const auto before = running();
    command({"lu-ctl", "update", play_.driver, faulty_.path}, 3);
    report("bad", faulty_, before);
    check("the version before runs again", world_.managed().runs(versions_.second), running());
    const auto why = world_.managed().mismatches();
    check("the reason is named", !why.empty(), fmt::format("{}", fmt::join(why, ", ")));
  }

  void finish() {
    watch_.settle();
    traffic_.stop();
    checkQuiet(transmit_, "TCP out of the machine: every byte arrived and was right", bytes(transmit_));
    checkQuiet(receive_, "TCP into the machine: every byte arrived and was right", bytes(receive_));
    checkQuiet(ping_, "ping went on", fmt::format("{} answers", ping_.progress()));
    checkQuiet(watch_, "no network event told of a link down, a removal or a lost address",
               fmt::format("{} events seen", watch_.measured()["events"].get<unsigned>()));
    const long after = resets() - resetsBefore_;
    check("no TCP connection was reset", after == 0, fmt::format("{} resets", after));
    check("interface, addresses and carrier are as before", identity(device()) == before_, identity(device()));
    emit({{"kind", "totals"}, {"transmit", transmit_.progress()}, {"receive", receive_.progress()}, {"pings", ping_.progress()},
          {"resets", after}, {"link_events", watch_.problems().size()}});
    world_.close();
  }

  static std::string bytes(const lug::Workload& stream) { return fmt::format("{} bytes", stream.progress()); }

  void checkQuiet(const lug::Workload& workload, const char* what, const std::string& found) {
    const auto problems = workload.problems();
    check(what, problems.empty() && workload.progress() + !workload.progresses() > 0,
          problems.empty() ? found : fmt::format("{}", fmt::join(problems, "; ")));
  }

  Play play_;
  lug::World world_;
  std::pair<lug::Version, lug::Version> versions_;
  lug::Version faulty_;
  lug::WorkloadSet traffic_;
  lug::LinkWatch& watch_;
  lug::TcpBulk &transmit_, &receive_;
  lug::Ping& ping_;
  std::string before_;
  long resetsBefore_ = 0;
};

}  // namespace

void perform(const Play& play) { Stage(play).perform(); }

}  // namespace lud
