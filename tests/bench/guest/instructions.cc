// SPDX-License-Identifier: GPL-2.0
#include "instructions.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <vector>

#include "emit.h"
#include "meter.h"
#include "net/sockets.h"
#include "net/world.h"
#include "support/process.h"

namespace lub {

namespace {

using lug::Failure;
using lug::Side;

constexpr unsigned packetsInTurn = 64;  ///< less than any card's ring holds
constexpr unsigned warmUpBursts = 20;
constexpr unsigned singlesPerBurst = 5;  ///< packets sent alone for each burst
constexpr std::size_t payloadBytes = 1024;
constexpr std::uint64_t settleWindow = 500'000;  ///< longer than any card delays an interrupt
constexpr std::size_t trimmedPart = 10;           ///< one part in so many at either end
constexpr std::uint16_t port = 7100;
constexpr int bufferBytes = 4 << 20;

/** Nobody's: a card drops frames for it in hardware, so that only the sending side works. */
constexpr const char* nobodysMac = "52:54:00:00:99:01";

/** "10.10.0.1" -> "10.10.0.99" */
std::string nobodysAddress(const std::string& address) { return address.substr(0, address.rfind('.')) + ".99"; }

/** Instructions for each burst of one flow. */
using Bursts = std::vector<std::uint64_t>;

Json perPacket(Bursts bursts, unsigned packets) {
  std::sort(bursts.begin(), bursts.end());
  const auto scale = [packets](double value) { return value / packets; };
  const auto mean = [&](std::size_t leftOut) {
    const auto skip = static_cast<std::ptrdiff_t>(leftOut);
    const auto total = std::accumulate(bursts.begin() + skip, bursts.end() - skip, std::uint64_t{0});
    return scale(static_cast<double>(total) / static_cast<double>(bursts.size() - 2 * leftOut));
  };
  // A burst that some work of the kernel's own fell into says nothing about packets.
  return Json{{"mean", mean(0)},
              {"trimmed", mean(bursts.size() / trimmedPart)},
              {"median", scale(static_cast<double>(bursts[bursts.size() / 2]))},
              {"min", scale(static_cast<double>(bursts.front()))},
              {"max", scale(static_cast<double>(bursts.back()))}};
}

/** The sockets of one wire, and bursts over them. */
class Flows {
 public:
  Flows(const lug::Wire& wire, const Meter& meter) : meter_(meter) {
    fixNeighbours(wire);
    sink_ = open(Side::dut, SO_RCVBUFFORCE);
    sink_.bind(wire.dutAddress, port);
    transmit_ = sender(Side::dut, nobodysAddress(wire.dutAddress));
    source_ = sender(Side::peer, nobodysAddress(wire.dutAddress));
    both_ = sender(Side::peer, wire.dutAddress);
  }

  /** @p packets in a row from the driver under test to nobody. */
  std::uint64_t transmit(unsigned packets) { return burst(transmit_, packets, 0); }
  /** From its partner to nobody: what a received packet's sender costs. */
  std::uint64_t source(unsigned packets) { return burst(source_, packets, 0); }
  /** From its partner to a socket here. */
  std::uint64_t both(unsigned packets) { return burst(both_, packets, packets); }
  /** Does a burst from its partner arrive? Some cards receive nothing for a while after each change of their filters. */
  bool receives() {
    for (unsigned i = 0; i < packetsInTurn; ++i) ::send(both_.fd(), payload_.data(), payload_.size(), MSG_DONTWAIT);
    meter_.absorb(settleWindow);
    return drain() == packetsInTurn;
  }

 private:
  static void fixNeighbours(const lug::Wire& wire) {
    const auto nobody = nobodysAddress(wire.dutAddress);
    const auto fix = [](const std::string& where, const std::string& address, const std::string& mac, const std::string& device) {
      lug::mustRun(fmt::format("ip {} neighbour replace {} lladdr {} dev {} nud permanent", where, address, mac, device));
    };
    fix("", nobody, nobodysMac, wire.device);
    fix("", wire.peerAddress, luq::peerMac(0), wire.device);
    fix("-n peer", nobody, nobodysMac, wire.peerDevice);
    fix("-n peer", wire.dutAddress, luq::dutMac(0), wire.peerDevice);
  }

  static lug::Socket open(Side side, int bufferOption) {
    lug::InNamespace inside(side);
    lug::Socket socket(AF_INET, SOCK_DGRAM, 0);
    socket.option(SOL_SOCKET, bufferOption, bufferBytes);
    return socket;
  }

  static lug::Socket sender(Side side, const std::string& to) {
    auto socket = open(side, SO_SNDBUFFORCE);
    socket.connect(to, port);
    return socket;
  }

  /** Send a burst, wait busily until all its work is done, and count that of both. */
  std::uint64_t burst(lug::Socket& socket, unsigned packets, unsigned arrive) {
    const auto before = Meter::now();
    for (unsigned i = 0; i < packets; ++i)
      if (::send(socket.fd(), payload_.data(), payload_.size(), MSG_DONTWAIT) < 0)
        throw Failure(fmt::format("packet {} of a burst: {}", i, std::strerror(errno)));
    const auto sent = Meter::now() - before;
    const auto later = meter_.absorb(settleWindow);
    const auto arrived = drain();
    if (arrived != arrive) throw Failure(fmt::format("{} packets of a burst arrived, not {}", arrived, arrive));
    return sent + later;
  }

  /** Takes what has arrived; returns the number of packets. */
  unsigned drain() {
    unsigned arrived = 0;
    while (recv(sink_.fd(), payload_.data(), payload_.size(), MSG_DONTWAIT) == static_cast<ssize_t>(payload_.size())) ++arrived;
    return arrived;
  }

  const Meter& meter_;
  lug::Socket sink_, transmit_, source_, both_;
  std::array<std::byte, payloadBytes> payload_{};
};

/** Who measures what, for the record. */
struct Label {
  const std::string& driver;
  const char* way;
  unsigned round;
};

void measureBursts(Flows& flows, const Label& label, unsigned packets, unsigned bursts) {
  Bursts transmit, source, both;
  for (unsigned i = 0; i < warmUpBursts + bursts; ++i) {
    const auto t = flows.transmit(packets), s = flows.source(packets), b = flows.both(packets);
    if (i < warmUpBursts) continue;
    transmit.push_back(t);
    source.push_back(s);
    both.push_back(b);
  }
  emit({{"kind", "instructions"},
        {"driver", label.driver},
        {"way", label.way},
        {"round", label.round},
        {"burst", std::to_string(packets)},
        {"packets", bursts * packets},
        {"transmit", perPacket(transmit, packets)},
        {"source", perPacket(source, packets)},
        {"both", perPacket(both, packets)}});
}

/** Measure the driver as it runs now, with packets alone and in turn. */
void measure(const InstructionPlan& plan, const lug::World& world, const Meter& meter, const char* way, unsigned round) {
  Flows flows(world.wire(), meter);
  if (!lug::waitUntil(std::chrono::seconds(30), [&] { return flows.receives(); })) throw Failure("bursts do not arrive");
  const Label label{plan.driver, way, round};
  measureBursts(flows, label, 1, plan.bursts * singlesPerBurst);
  measureBursts(flows, label, packetsInTurn, plan.bursts);
}

}  // namespace

void measureInstructions(const InstructionPlan& plan) {
  const Meter meter;
  lug::mustWrite("/proc/sys/net/ipv6/conf/default/router_solicitations", "0");
  for (unsigned round = 0; round < plan.rounds; ++round) {
    {
      lug::World world(plan.driver, {.managed = false});
      measure(plan, world, meter, "native", round);
      world.close();
    }
    lug::World world(plan.driver, {});
    measure(plan, world, meter, "managed", round);
    // To the same binary, so that any difference is ours and not the driver's.
    world.managed().updateTo(lug::versionNamed(plan.driver, "stock"));
    world.awaitLink(std::chrono::seconds(30));
    measure(plan, world, meter, "updated", round);
    world.close();
  }
}

}  // namespace lub
