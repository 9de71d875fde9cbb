// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Sockets with names instead of sockaddr arithmetic, and network namespaces for threads.
 */
#pragma once

#include <netinet/in.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace lug {

/** Which side of the wire: the machine under test, or its partner's namespace. */
enum class Side { dut, peer };

/** Name of the partner's namespace as `ip netns` knows it. */
inline constexpr const char* peerNamespace = "peer";

/** Puts the calling thread into the namespace of a side; the old one comes back at the end. */
class InNamespace {
 public:
  explicit InNamespace(Side side);
  ~InNamespace();
  InNamespace(const InNamespace&) = delete;
  InNamespace& operator=(const InNamespace&) = delete;

 private:
  int before_ = -1;
};

/** Move-only owner of a socket. */
class Socket {
 public:
  Socket() = default;
  /** Open a socket; throws Failure. */
  Socket(int domain, int type, int protocol);
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() { reset(); }
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    reset();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset();

  /** setsockopt of an int; throws Failure. */
  void option(int level, int name, int value);
  void bindToDevice(const std::string& device);
  void timeouts(std::chrono::milliseconds limit);
  void bind(const std::string& address, std::uint16_t port);
  void connect(const std::string& address, std::uint16_t port);
  void listen();
  /** Next connection; throws Failure after @p limit. */
  Socket accept(std::chrono::milliseconds limit);
  std::uint16_t localPort() const;

 private:
  int fd_ = -1;
};

/** An IPv4 socket address; throws Failure for text that is none. */
sockaddr_in ipv4(const std::string& address, std::uint16_t port);

/** True for the errno of an I/O call that only says "nothing yet". */
bool isRetry(int error);

}  // namespace lug
