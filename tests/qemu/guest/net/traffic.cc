// SPDX-License-Identifier: GPL-2.0
#include "traffic.h"

#include <cstdlib>

namespace lug {

namespace {

using namespace std::chrono_literals;

constexpr auto pingInterval = 10ms;
constexpr auto echoInterval = 5ms;
constexpr auto groupInterval = 10ms;
constexpr auto lightInterval = 10ms;

/** Under emulation full speed leaves no processor time for anything else, the update included. */
constexpr std::uint64_t checkBytesPerSecond = 4 << 20;

bool soaking() {
  const char* level = std::getenv("LU_LEVEL");
  return level != nullptr && std::string(level) == "soak";
}

/** A millisecond, as the blackout is measured with; longer where the kernel is slow to begin with. */
std::chrono::microseconds udpInterval() {
  const char* kernel = std::getenv("LU_KERNEL");
  return kernel != nullptr && std::string(kernel) == "debug" ? 5ms : 1ms;
}

std::string nameOn(const Wire& wire, const char* what) { return wire.device + " " + what; }

}  // namespace

Traffic::Traffic(const std::vector<Wire>& wires, std::set<std::string> watch) {
  // The watch first: it has to see what the others cause.
  watch_ = &set_.add<LinkWatch>("rtnetlink", std::move(watch));
  for (const auto& wire : wires)
    if (&wire == &wires.front()) addAll(wire);
    else addSome(wire);
}

void Traffic::addAll(const Wire& wire) {
  const auto rate = soaking() ? 0 : checkBytesPerSecond;
  set_.add<TcpBulk>(nameOn(wire, "tcp out"), wire, Side::dut, rate);
  set_.add<TcpBulk>(nameOn(wire, "tcp in"), wire, Side::peer, rate);
  set_.add<UdpStream>(nameOn(wire, "udp out"), wire, Side::dut, udpInterval());
  set_.add<UdpStream>(nameOn(wire, "udp in"), wire, Side::peer, udpInterval());
  set_.add<Ping>(nameOn(wire, "ping"), wire, pingInterval);
  set_.add<BoundEcho>(nameOn(wire, "bound socket"), wire, echoInterval);
  set_.add<Multicast>(nameOn(wire, "multicast"), wire, groupInterval);
  set_.add<PacketTap>(nameOn(wire, "packet socket"), wire);
  set_.add<CounterWatch>(nameOn(wire, "counters"), wire.device);
  idle_ = &set_.add<TcpIdle>(nameOn(wire, "tcp idle"), wire);
}

void Traffic::addSome(const Wire& wire) {
  set_.add<TcpBulk>(nameOn(wire, "tcp in"), wire, Side::peer, checkBytesPerSecond / 8);
  set_.add<UdpStream>(nameOn(wire, "udp out"), wire, Side::dut, lightInterval);
}

void Traffic::stop() {
  if (!running_) return;
  running_ = false;
  idle_->exchange(std::chrono::duration_cast<milliseconds>(progressLimit));
  watch_->settle();
  set_.stop();
}

void Traffic::abandon() {
  running_ = false;
  set_.abandon();
}

std::vector<std::string> Traffic::problems() {
  if (running_) watch_->settle();
  return set_.problems();
}

}  // namespace lug
