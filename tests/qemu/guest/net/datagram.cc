// SPDX-License-Identifier: GPL-2.0
#include "datagram.h"

#include <fmt/format.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netpacket/packet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <unordered_set>

namespace lug {

namespace {

using namespace std::chrono_literals;

constexpr auto ioStep = 100ms;
constexpr auto settleTime = 2s;
constexpr std::uint16_t echoPort = 7007;
constexpr const char* group = "239.7.7.7";
constexpr std::uint16_t groupPort = 7070;

struct Numbered {
  std::uint64_t magic = 0x6c752d7564703031ULL;
  std::uint64_t number = 0;
  std::array<std::uint64_t, 6> filler{};
};

/** Everything a receive call can say: data, nothing yet, or an error that nobody may see. */
enum class Got { data, nothing, error };

Got receiveInto(int fd, void* data, std::size_t size, ssize_t& length) {
  length = recv(fd, data, size, 0);
  if (length >= 0) return Got::data;
  return isRetry(errno) ? Got::nothing : Got::error;
}

std::uint16_t checksum(const void* data, std::size_t size) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < size; i += 2) {
    std::uint16_t half;
    std::memcpy(&half, static_cast<const char*>(data) + i, sizeof half);
    sum += half;
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace

UdpStream::UdpStream(std::string name, const Wire& wire, Side sender, std::chrono::microseconds interval)
    : Workload(std::move(name)), wire_(wire), sender_(sender), interval_(interval) {}

void UdpStream::start() {
  const Side other = sender_ == Side::dut ? Side::peer : Side::dut;
  const auto& target = other == Side::dut ? wire_.dutAddress : wire_.peerAddress;
  {
    InNamespace inside(other);
    in_ = Socket(AF_INET, SOCK_DGRAM, 0);
    in_.option(SOL_SOCKET, SO_RCVBUF, 4 << 20);
    in_.bind(target, 0);
  }
  {
    InNamespace inside(sender_);
    out_ = Socket(AF_INET, SOCK_DGRAM, 0);
  }
  out_.connect(target, in_.localPort());
  in_.timeouts(ioStep);
  out_.timeouts(ioStep);
  spawn(other, [this] { receive(); });
  spawn(sender_, [this] { send(); });
}

void UdpStream::send() {
  Numbered message;
  for (auto due = Clock::now(); !stopping();) {
    // Late means that the machine has no time: no bursts to catch up.
    due = std::max<Clock::time_point>(due + interval_, Clock::now() + interval_ / 2);
    std::this_thread::sleep_until(due);
    if (::send(out_.fd(), &message, sizeof message, 0) == sizeof message) {
      ++message.number;
      ++sent_;
    } else if (isRetry(errno) || errno == ENOBUFS) {
      ++refused_;  // the queue is full: back-pressure, not an error
    } else {
      sendProblem();
    }
  }
}

void UdpStream::receive() {
  std::unordered_set<std::uint64_t> seen;
  std::uint64_t highest = 0;
  Clock::time_point end{};
  for (;;) {
    Numbered message;
    ssize_t n = 0;
    switch (receiveInto(in_.fd(), &message, sizeof message, n)) {
      case Got::error: receiveProblem(); break;
      case Got::nothing: break;
      case Got::data:
        if (n != sizeof message || message.magic != Numbered{}.magic) return problem("a foreign or damaged datagram");
        if (!seen.insert(message.number).second) ++duplicates_;
        else if (message.number < highest) ++reordered_;
        highest = std::max(highest, message.number);
        received_ = seen.size();
        advance();
    }
    if (!stopping()) continue;
    if (end == Clock::time_point{}) end = Clock::now() + settleTime;
    if (Clock::now() > end || received_ == sent_) return;
  }
}

void UdpStream::stop() {
  joinAll();
  if (duplicates_ != 0) problem(fmt::format("{} datagrams came twice", duplicates_.load()));
  if (received_ == 0) problem("nothing was received at all");
}

Json UdpStream::measured() const {
  auto figures = Workload::measured();
  figures["sent"] = sent_.load();
  figures["lost"] = sent_ >= received_ ? sent_ - received_ : 0;
  figures["reordered"] = reordered_.load();
  figures["refused"] = refused_.load();
  return figures;
}

void Ping::start() {
  socket_ = Socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  socket_.connect(wire_.peerAddress, 0);
  socket_.timeouts(ioStep);
  id_ = static_cast<std::uint16_t>(getpid() ^ wire_.ifindex);
  spawn(Side::dut, [this] { loop(); });
}

void Ping::loop() {
  std::uint16_t sequence = 0;
  while (!stopping()) {
    icmphdr request{};
    request.type = ICMP_ECHO;
    request.un.echo.id = htons(id_);
    request.un.echo.sequence = htons(++sequence);
    request.checksum = checksum(&request, sizeof request);
    if (::send(socket_.fd(), &request, sizeof request, 0) < 0) sendProblem();
    ++sent_;
    const auto end = Clock::now() + 1s;
    for (bool answered = false; !answered && Clock::now() < end && !stopping();) {
      std::array<char, 2048> data;
      ssize_t n = 0;
      const auto got = receiveInto(socket_.fd(), data.data(), data.size(), n);
      if (got == Got::error) receiveProblem();
      if (got != Got::data || n < static_cast<ssize_t>(sizeof(iphdr) + sizeof(icmphdr))) continue;
      icmphdr reply;
      std::memcpy(&reply, data.data() + sizeof(iphdr), sizeof reply);
      answered = reply.type == ICMP_ECHOREPLY && reply.un.echo.id == htons(id_) &&
                 reply.un.echo.sequence == htons(sequence);
      if (answered) advance();
    }
    std::this_thread::sleep_for(interval_);
  }
}

Json Ping::measured() const {
  auto figures = Workload::measured();
  figures["sent"] = sent_.load();
  figures["lost"] = sent_ - progress();
  return figures;
}

void BoundEcho::start() {
  {
    InNamespace inside(Side::peer);
    server_ = Socket(AF_INET, SOCK_DGRAM, 0);
    server_.bind(wire_.peerAddress, echoPort);
  }
  client_ = Socket(AF_INET, SOCK_DGRAM, 0);
  client_.bindToDevice(wire_.device);
  client_.connect(wire_.peerAddress, echoPort);
  client_.timeouts(ioStep);
  server_.timeouts(ioStep);
  spawn(Side::peer, [this] { answer(); });
  spawn(Side::dut, [this] { ask(); });
}

void BoundEcho::ask() {
  for (std::uint64_t number = 1; !stopping(); ++number) {
    if (::send(client_.fd(), &number, sizeof number, 0) < 0) sendProblem();
    std::uint64_t echoed = 0;
    ssize_t n = 0;
    const auto got = receiveInto(client_.fd(), &echoed, sizeof echoed, n);
    if (got == Got::error) receiveProblem();
    if (got == Got::data) advance();
    std::this_thread::sleep_for(interval_);
  }
}

void BoundEcho::answer() {
  while (!stopping()) {
    std::array<char, 64> data;
    sockaddr_in from{};
    socklen_t length = sizeof from;
    const ssize_t n = recvfrom(server_.fd(), data.data(), data.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
    if (n > 0) sendto(server_.fd(), data.data(), static_cast<std::size_t>(n), 0, reinterpret_cast<sockaddr*>(&from), length);
  }
}

void Multicast::start() {
  in_ = Socket(AF_INET, SOCK_DGRAM, 0);
  in_.bind(group, groupPort);
  ip_mreqn join{};
  join.imr_multiaddr = ipv4(group, 0).sin_addr;
  join.imr_ifindex = wire_.ifindex;
  if (setsockopt(in_.fd(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof join) != 0)
    throw Failure(fmt::format("IP_ADD_MEMBERSHIP: {}", std::strerror(errno)));
  {
    InNamespace inside(Side::peer);
    out_ = Socket(AF_INET, SOCK_DGRAM, 0);
    ip_mreqn from{};
    from.imr_address = ipv4(wire_.peerAddress, 0).sin_addr;
    if (setsockopt(out_.fd(), IPPROTO_IP, IP_MULTICAST_IF, &from, sizeof from) != 0)
      throw Failure(fmt::format("IP_MULTICAST_IF: {}", std::strerror(errno)));
    out_.connect(group, groupPort);
  }
  in_.timeouts(ioStep);
  out_.timeouts(ioStep);
  spawn(Side::peer, [this] { send(); });
  spawn(Side::dut, [this] { receive(); });
}

void Multicast::send() {
  for (std::uint64_t number = 0; !stopping(); ++number) {
    if (::send(out_.fd(), &number, sizeof number, 0) < 0) sendProblem();
    std::this_thread::sleep_for(interval_);
  }
}

void Multicast::receive() {
  while (!stopping()) {
    std::uint64_t number = 0;
    ssize_t n = 0;
    const auto got = receiveInto(in_.fd(), &number, sizeof number, n);
    if (got == Got::error) receiveProblem();
    if (got == Got::data) advance();
  }
}

void PacketTap::start() {
  socket_ = Socket(AF_PACKET, SOCK_RAW, htons(ETH_P_IP));
  sockaddr_ll at{};
  at.sll_family = AF_PACKET;
  at.sll_protocol = htons(ETH_P_IP);
  at.sll_ifindex = wire_.ifindex;
  if (::bind(socket_.fd(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
    throw Failure(fmt::format("bind of a packet socket: {}", std::strerror(errno)));
  socket_.timeouts(ioStep);
  spawn(Side::dut, [this] { receive(); });
}

void PacketTap::receive() {
  std::array<char, 128> data;  // the rest of a frame is cut off
  while (!stopping()) {
    ssize_t n = 0;
    const auto got = receiveInto(socket_.fd(), data.data(), data.size(), n);
    if (got == Got::error) receiveProblem();
    if (got == Got::data) advance();
  }
}

}  // namespace lug
