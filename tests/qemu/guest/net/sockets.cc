// SPDX-License-Identifier: GPL-2.0
#include "sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "support/process.h"

namespace lug {

namespace {

[[noreturn]] void fail(const char* what) { throw Failure(fmt::format("{}: {}", what, std::strerror(errno))); }

}  // namespace

InNamespace::InNamespace(Side side) {
  if (side == Side::dut) return;  // threads start there
  before_ = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  const int wanted = open(fmt::format("/run/netns/{}", peerNamespace).c_str(), O_RDONLY | O_CLOEXEC);
  if (before_ < 0 || wanted < 0) fail("network namespace");
  const int result = setns(wanted, CLONE_NEWNET);
  close(wanted);
  if (result != 0) fail("setns");
}

InNamespace::~InNamespace() {
  if (before_ < 0) return;
  if (setns(before_, CLONE_NEWNET) != 0) std::abort();  // any further step would test the wrong side
  close(before_);
}

Socket::Socket(int domain, int type, int protocol) : fd_(::socket(domain, type | SOCK_CLOEXEC, protocol)) {
  if (fd_ < 0) fail("socket");
}

void Socket::reset() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

void Socket::option(int level, int name, int value) {
  if (setsockopt(fd_, level, name, &value, sizeof value) != 0) fail("setsockopt");
}

void Socket::bindToDevice(const std::string& device) {
  if (setsockopt(fd_, SOL_SOCKET, SO_BINDTODEVICE, device.c_str(),
                 static_cast<socklen_t>(device.size() + 1)) != 0)
    fail("SO_BINDTODEVICE");
}

void Socket::timeouts(std::chrono::milliseconds limit) {
  const timeval tv{limit.count() / 1000, limit.count() % 1000 * 1000};
  for (const int name : {SO_RCVTIMEO, SO_SNDTIMEO})
    if (setsockopt(fd_, SOL_SOCKET, name, &tv, sizeof tv) != 0) fail("socket time limit");
}

void Socket::bind(const std::string& address, std::uint16_t port) {
  option(SOL_SOCKET, SO_REUSEADDR, 1);
  const auto at = ipv4(address, port);
  if (::bind(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) fail("bind");
}

void Socket::connect(const std::string& address, std::uint16_t port) {
  const auto to = ipv4(address, port);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect");
}

void Socket::listen() {
  if (::listen(fd_, 8) != 0) fail("listen");
}

Socket Socket::accept(std::chrono::milliseconds limit) {
  pollfd ready{fd_, POLLIN, 0};
  if (poll(&ready, 1, static_cast<int>(limit.count())) != 1) throw Failure("nobody connected in time");
  Socket next(::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC));
  if (!next) fail("accept");
  return next;
}

std::uint16_t Socket::localPort() const {
  sockaddr_in at{};
  socklen_t length = sizeof at;
  if (getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &length) != 0) fail("getsockname");
  return ntohs(at.sin_port);
}

sockaddr_in ipv4(const std::string& address, std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &at.sin_addr) != 1) throw Failure("not an IPv4 address: " + address);
  return at;
}

bool isRetry(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace lug
