// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Datagram workloads: numbered UDP, ping, a socket bound to the device, multicast, AF_PACKET.
 */
#pragma once

#include "net/workload.h"

namespace lug {

/** Numbered datagrams at a steady rate; the receiver knows loss, duplicates and the longest gap. */
class UdpStream : public Workload {
 public:
  UdpStream(std::string name, const Wire& wire, Side sender, std::chrono::microseconds interval);
  void start() override;
  void stop() override;
  Json measured() const override;

 private:
  void send();
  void receive();

  Wire wire_;
  Side sender_;
  std::chrono::microseconds interval_;
  Socket out_, in_;
  std::atomic<std::uint64_t> sent_{0}, received_{0}, duplicates_{0}, reordered_{0}, refused_{0};
};

/** ICMP echo from the side under test. */
class Ping : public Workload {
 public:
  Ping(std::string name, const Wire& wire, milliseconds interval)
      : Workload(std::move(name)), wire_(wire), interval_(interval) {}
  void start() override;
  Json measured() const override;

 private:
  void loop();

  Wire wire_;
  milliseconds interval_;
  Socket socket_;
  std::uint16_t id_ = 0;
  std::atomic<std::uint64_t> sent_{0};
};

/** Request and answer over a UDP socket with SO_BINDTODEVICE. */
class BoundEcho : public Workload {
 public:
  BoundEcho(std::string name, const Wire& wire, milliseconds interval)
      : Workload(std::move(name)), wire_(wire), interval_(interval) {}
  void start() override;

 private:
  void ask();
  void answer();

  Wire wire_;
  milliseconds interval_;
  Socket client_, server_;
};

/** The peer sends to a group that a socket on the device under test has joined. */
class Multicast : public Workload {
 public:
  Multicast(std::string name, const Wire& wire, milliseconds interval)
      : Workload(std::move(name)), wire_(wire), interval_(interval) {}
  void start() override;

 private:
  void send();
  void receive();

  Wire wire_;
  milliseconds interval_;
  Socket out_, in_;
};

/** An AF_PACKET socket bound to the device: must go on receiving and never see ENETDOWN. */
class PacketTap : public Workload {
 public:
  PacketTap(std::string name, const Wire& wire) : Workload(std::move(name)), wire_(wire) {}
  void start() override;

 private:
  void receive();

  Wire wire_;
  Socket socket_;
};

}  // namespace lug
