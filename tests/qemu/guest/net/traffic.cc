// SPDX-License-Identifier: GPL-2.0
#include "traffic.h"

#include <cstdlib>

namespace lug {

namespace {

using namespace std::chrono_literals;

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

// Under emulation full speed leaves no processor time for anything else, the update included.
Load Load::heavy() {
  return {.tcpBytesPerSecond = soaking() ? 0 : 4u << 20, .udp = udpInterval(), .packets = 10ms, .counters = 2ms};
}

Load Load::light() {
  if (soaking()) return heavy();
  return {.tcpBytesPerSecond = 512 << 10, .udp = 10ms, .packets = 50ms, .counters = 25ms};
}

Traffic::Traffic(const std::vector<Wire>& wires, std::set<std::string> watch, const Load& load) {
  // The watch first: it has to see what the others cause.
  watch_ = &set_.add<LinkWatch>("rtnetlink", std::move(watch));
  for (const auto& wire : wires)
    if (&wire == &wires.front()) addAll(wire, load);
    else addSome(wire, load);
}

void Traffic::addAll(const Wire& wire, const Load& load) {
  set_.add<TcpBulk>(nameOn(wire, "tcp out"), wire, Side::dut, load.tcpBytesPerSecond);
  set_.add<TcpBulk>(nameOn(wire, "tcp in"), wire, Side::peer, load.tcpBytesPerSecond);
  set_.add<UdpStream>(nameOn(wire, "udp out"), wire, Side::dut, load.udp);
  set_.add<UdpStream>(nameOn(wire, "udp in"), wire, Side::peer, load.udp);
  set_.add<Ping>(nameOn(wire, "ping"), wire, load.packets);
  set_.add<BoundEcho>(nameOn(wire, "bound socket"), wire, load.packets / 2);
  set_.add<Multicast>(nameOn(wire, "multicast"), wire, load.packets);
  set_.add<PacketTap>(nameOn(wire, "packet socket"), wire);
  set_.add<CounterWatch>(nameOn(wire, "counters"), wire.device, load.counters);
  idle_ = &set_.add<TcpIdle>(nameOn(wire, "tcp idle"), wire);
}

void Traffic::addSome(const Wire& wire, const Load& load) {
  const auto rate = load.tcpBytesPerSecond != 0 ? load.tcpBytesPerSecond / 8 : 512 << 10;
  set_.add<TcpBulk>(nameOn(wire, "tcp in"), wire, Side::peer, rate);
  set_.add<UdpStream>(nameOn(wire, "udp out"), wire, Side::dut, 10 * load.udp);
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
