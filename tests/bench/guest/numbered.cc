// SPDX-License-Identifier: GPL-2.0
#include "numbered.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_set>

namespace lub {

namespace {

using namespace std::chrono_literals;
using lug::Clock;
using lug::Failure;
using lug::Side;

constexpr auto ioStep = 100ms;
constexpr int bufferBytes = 8 << 20;
constexpr unsigned catchUpIntervals = 50;  ///< a sender that is later than this does not catch up

struct Datagram {
  std::uint64_t magic = 0x6c752d62656e6368ULL;
  std::uint64_t number = 0;
  std::uint64_t filler[6] = {};
};

Side otherSide(Side side) { return side == Side::dut ? Side::peer : Side::dut; }

lug::Socket openOn(Side side) {
  lug::InNamespace inside(side);
  return lug::Socket(AF_INET, SOCK_DGRAM, 0);
}

}  // namespace

NumberedStream::NumberedStream(const lug::Wire& wire, Side sender, std::chrono::microseconds interval)
    : interval_(interval), sender_(sender), out_(openOn(sender)), in_(openOn(otherSide(sender))) {
  // Bound to no address and not connected: a reload takes both away for a while.
  in_.option(SOL_SOCKET, SO_RCVBUFFORCE, bufferBytes);
  in_.bind("0.0.0.0", 0);
  in_.timeouts(ioStep);
  out_.option(SOL_SOCKET, SO_SNDBUFFORCE, bufferBytes);
  target_ = lug::ipv4(sender == Side::dut ? wire.peerAddress : wire.dutAddress, in_.localPort());
  receiving_ = std::thread([this] { guarded(otherSide(sender_), &NumberedStream::receive); });
  sending_ = std::thread([this] { guarded(sender_, &NumberedStream::send); });
}

NumberedStream::~NumberedStream() {
  stopping_ = true;
  sending_.join();
  receiving_.join();
}

void NumberedStream::guarded(Side side, void (NumberedStream::*body)()) {
  try {
    lug::InNamespace inside(side);
    prctl(PR_SET_TIMERSLACK, 1UL);
    (this->*body)();
  } catch (const std::exception& e) {
    std::lock_guard guard(lock_);
    failure_ = e.what();
  }
}

void NumberedStream::check() const {
  std::lock_guard guard(lock_);
  if (!failure_.empty()) throw Failure("the numbered stream: " + failure_);
}

void NumberedStream::send() {
  Datagram message;
  for (auto due = Clock::now(); !stopping_; due += interval_) {
    std::this_thread::sleep_until(due);
    if (const auto now = Clock::now(); now - due > catchUpIntervals * interval_) due = now;
    message.number = next_;
    const auto n = sendto(out_.fd(), &message, sizeof message, MSG_DONTWAIT,
                          reinterpret_cast<const sockaddr*>(&target_), sizeof target_);
    if (n != sizeof message) {
      std::lock_guard guard(lock_);
      refused_.push_back(message.number);
    }
    ++next_;
  }
}

void NumberedStream::receive() {
  while (!stopping_) {
    Datagram message;
    const ssize_t n = recv(in_.fd(), &message, sizeof message, 0);
    if (n < 0 && lug::isRetry(errno)) continue;
    if (n < 0) throw Failure(fmt::format("receive: {}", std::strerror(errno)));
    if (n != sizeof message || message.magic != Datagram{}.magic) throw Failure("a damaged datagram");
    std::lock_guard guard(lock_);
    arrivals_.push_back({message.number, Clock::now()});
    highest_ = std::max(highest_.load(), message.number + 1);
  }
}

Stretch NumberedStream::take(std::uint64_t first, std::uint64_t end) {
  std::lock_guard guard(lock_);
  Stretch stretch{.sent = end - first};
  std::unordered_set<std::uint64_t> arrived;
  const Arrival* before = nullptr;
  for (const auto& arrival : arrivals_) {
    if (arrival.number < first || arrival.number >= end) continue;
    arrived.insert(arrival.number);
    if (before != nullptr)
      stretch.longestGapMs = std::max(stretch.longestGapMs, std::chrono::duration<double, std::milli>(arrival.when - before->when).count());
    before = &arrival;
  }
  stretch.lost = stretch.sent - arrived.size();
  stretch.refused = static_cast<std::uint64_t>(
      std::count_if(refused_.begin(), refused_.end(), [&](auto number) { return number >= first && number < end; }));
  std::erase_if(arrivals_, [&](const auto& arrival) { return arrival.number < end; });
  std::erase_if(refused_, [&](auto number) { return number < end; });
  return stretch;
}

}  // namespace lub
