// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * TCP workloads: a verified bulk stream, and a session that idles until asked.
 */
#pragma once

#include "net/workload.h"

namespace lug {

/** Sends a position-coded stream as fast as allowed; the receiver verifies each byte. */
class TcpBulk : public Workload {
 public:
  /** @param sender which side sends; @param bytesPerSecond 0 for no limit */
  TcpBulk(std::string name, const Wire& wire, Side sender, std::uint64_t bytesPerSecond = 0);
  void start() override;
  void stop() override;
  Json measured() const override;

 private:
  void send(Socket& socket);
  void receive(Socket& socket);

  Wire wire_;
  Side sender_;
  std::uint64_t bytesPerSecond_;
  std::uint64_t seed_;
  Socket out_, in_;
  std::atomic<std::uint64_t> sent_{0}, received_{0};
};

/** A connected session without traffic; exchange() shows that it still works. */
class TcpIdle : public Workload {
 public:
  TcpIdle(std::string name, const Wire& wire) : Workload(std::move(name)), wire_(wire) {}
  void start() override;
  bool progresses() const override { return false; }
  /** One message each way; false, and a problem noted, when that fails within @p limit. */
  bool exchange(milliseconds limit);

 private:
  Wire wire_;
  Socket client_, server_;
  std::uint64_t round_ = 0;
};

/** Connected pair of TCP sockets: first from @p from, second the accepted one of the other side. */
std::pair<Socket, Socket> connectTcp(const Wire& wire, Side from);

}  // namespace lug
