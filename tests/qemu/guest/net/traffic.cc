// SPDX-License-Identifier: GPL-2.0
#include "traffic.h"

namespace lug {

namespace {

using namespace std::chrono_literals;

constexpr auto udpInterval = 1ms;
constexpr auto pingInterval = 10ms;
constexpr auto echoInterval = 5ms;
constexpr auto groupInterval = 10ms;

}  // namespace

Traffic::Traffic(const Wire& wire, std::set<std::string> watch) {
  if (watch.empty()) watch.insert(wire.device);
  const auto name = [&](const char* what) { return wire.device + " " + what; };
  // The watch first: it has to see what the others cause.
  watch_ = &set_.add<LinkWatch>(name("rtnetlink"), std::move(watch));
  set_.add<TcpBulk>(name("tcp out"), wire, Side::dut);
  set_.add<TcpBulk>(name("tcp in"), wire, Side::peer);
  set_.add<UdpStream>(name("udp out"), wire, Side::dut, udpInterval);
  set_.add<UdpStream>(name("udp in"), wire, Side::peer, udpInterval);
  set_.add<Ping>(name("ping"), wire, pingInterval);
  set_.add<BoundEcho>(name("bound socket"), wire, echoInterval);
  set_.add<Multicast>(name("multicast"), wire, groupInterval);
  set_.add<PacketTap>(name("packet socket"), wire);
  idle_ = &set_.add<TcpIdle>(name("tcp idle"), wire);
}

void Traffic::stop() {
  if (!running_) return;
  running_ = false;
  idle_->exchange(std::chrono::duration_cast<milliseconds>(progressLimit));
  watch_->settle();
  set_.stop();
}

std::vector<std::string> Traffic::problems() {
  if (running_) watch_->settle();
  return set_.problems();
}

}  // namespace lug
