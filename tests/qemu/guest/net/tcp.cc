// SPDX-License-Identifier: GPL-2.0
#include "tcp.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstring>

#include "net/pattern.h"

namespace lug {

namespace {

using namespace std::chrono_literals;

constexpr auto ioStep = 200ms;
constexpr auto connectLimit = 20s;
constexpr auto drainLimit = 60s;
constexpr std::size_t block = 64 * 1024;

}  // namespace

std::pair<Socket, Socket> connectTcp(const Wire& wire, Side from) {
  const Side other = from == Side::dut ? Side::peer : Side::dut;
  const auto& address = other == Side::dut ? wire.dutAddress : wire.peerAddress;
  Socket listener, client;
  {
    InNamespace inside(other);
    listener = Socket(AF_INET, SOCK_STREAM, 0);
    listener.bind(address, 0);
    listener.listen();
  }
  {
    InNamespace inside(from);
    client = Socket(AF_INET, SOCK_STREAM, 0);
  }
  client.timeouts(connectLimit);
  client.connect(address, listener.localPort());
  auto server = listener.accept(connectLimit);
  return {std::move(client), std::move(server)};
}

TcpBulk::TcpBulk(std::string name, const Wire& wire, Side sender, std::uint64_t bytesPerSecond)
    : Workload(std::move(name)),
      wire_(wire),
      sender_(sender),
      bytesPerSecond_(bytesPerSecond),
      seed_(std::hash<std::string>{}(Workload::name())) {}

void TcpBulk::start() {
  std::tie(out_, in_) = connectTcp(wire_, sender_);
  out_.timeouts(ioStep);
  in_.timeouts(ioStep);
  const Side other = sender_ == Side::dut ? Side::peer : Side::dut;
  spawn(sender_, [this] { send(out_); });
  spawn(other, [this] { receive(in_); });
}

void TcpBulk::send(Socket& socket) {
  std::vector<std::byte> data(block);
  std::uint64_t offset = 0;
  Clock::time_point blockBegan;
  std::size_t pending = 0;
  while (!stopping()) {
    if (pending == 0) {
      blockBegan = Clock::now();
      fillPattern(data, offset, seed_);
      pending = data.size();
    }
    const ssize_t n = ::send(socket.fd(), data.data() + (data.size() - pending), pending, MSG_NOSIGNAL);
    if (n < 0) {
      if (isRetry(errno)) continue;
      return problem(fmt::format("send after {} bytes: {}", offset, std::strerror(errno)));
    }
    pending -= static_cast<std::size_t>(n);
    offset += static_cast<std::uint64_t>(n);
    sent_ = offset;
    if (bytesPerSecond_ == 0 || pending != 0) continue;
    // Not only the rate, also the share of the processor is limited: what took long is followed by a
    // pause as long, so that a slow machine gets a lighter load instead of no time for anything else.
    const auto spent = Clock::now() - blockBegan;
    const auto share = std::chrono::duration<double>(static_cast<double>(data.size()) / static_cast<double>(bytesPerSecond_));
    const auto pause = std::max<Clock::duration>(spent, std::chrono::duration_cast<Clock::duration>(share) - spent);
    std::this_thread::sleep_for(std::min<Clock::duration>(pause, ioStep));
  }
  shutdown(socket.fd(), SHUT_WR);
}

void TcpBulk::receive(Socket& socket) {
  std::vector<std::byte> data(block);
  std::uint64_t offset = 0;
  Clock::time_point end{};
  for (;;) {
    const ssize_t n = recv(socket.fd(), data.data(), data.size(), 0);
    if (n == 0) return;  // the sender closed: stop() compares the totals
    if (n > 0) {
      const auto part = std::span(data).first(static_cast<std::size_t>(n));
      if (const auto at = findMismatch(part, offset, seed_))
        return problem(fmt::format("wrong byte at stream position {}", *at));
      offset += part.size();
      received_ = offset;
      advance(part.size());
    } else if (!isRetry(errno)) {
      return problem(fmt::format("receive after {} bytes: {}", offset, std::strerror(errno)));
    }
    if (!stopping()) continue;
    if (end == Clock::time_point{}) end = Clock::now() + drainLimit;
    if (hopeless() || Clock::now() > end) return problem("the end of the stream did not arrive");
  }
}

void TcpBulk::stop() {
  joinAll();
  if (sent_ != received_) problem(fmt::format("{} bytes sent, {} received", sent_.load(), received_.load()));
  if (received_ == 0) problem("nothing was received at all");
}

Json TcpBulk::measured() const {
  auto figures = Workload::measured();
  figures["bytes"] = received_.load();
  return figures;
}

void TcpIdle::start() {
  std::tie(client_, server_) = connectTcp(wire_, Side::peer);
  if (!exchange(connectLimit)) throw Failure("the idle session does not work even before the test");
}

bool TcpIdle::exchange(milliseconds limit) {
  ++round_;
  for (const bool up : {true, false}) {
    Socket& from = up ? client_ : server_;
    Socket& to = up ? server_ : client_;
    const std::uint64_t message = round_ * 2 + (up ? 1 : 0);
    from.timeouts(limit);
    to.timeouts(limit);
    std::uint64_t got = 0;
    if (::send(from.fd(), &message, sizeof message, MSG_NOSIGNAL) != sizeof message ||
        recv(to.fd(), &got, sizeof got, MSG_WAITALL) != sizeof got) {
      problem(fmt::format("round {}: {}", round_, std::strerror(errno)));
      return false;
    }
    if (got != message) {
      problem(fmt::format("round {}: another message than was sent", round_));
      return false;
    }
  }
  return true;
}

}  // namespace lug
