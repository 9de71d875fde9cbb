// SPDX-License-Identifier: GPL-2.0
#include "link_watch.h"

#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

extern "C" unsigned int if_nametoindex(const char* name);  // <net/if.h> clashes with <linux/if.h>

namespace lug {

namespace {

using namespace std::chrono_literals;

constexpr auto ioStep = 100ms;
constexpr int bufferBytes = 16 << 20;

/** The families of events that exist; one group each. */
constexpr std::array groups = {
    RTNLGRP_LINK,        RTNLGRP_NOTIFY,     RTNLGRP_NEIGH,       RTNLGRP_TC,         RTNLGRP_IPV4_IFADDR,
    RTNLGRP_IPV4_MROUTE, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV4_RULE,   RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_MROUTE,
    RTNLGRP_IPV6_ROUTE,  RTNLGRP_IPV6_IFINFO, RTNLGRP_IPV6_PREFIX, RTNLGRP_IPV6_RULE,  RTNLGRP_IPV4_NETCONF,
    RTNLGRP_IPV6_NETCONF, RTNLGRP_MDB};

/** View of one attribute list. */
template <typename Visit>
void eachAttribute(const rtattr* at, int length, Visit visit) {
  for (; RTA_OK(at, length); at = RTA_NEXT(at, length)) visit(*at);
}

template <typename T>
T valueOf(const rtattr& attribute) {
  T value{};
  std::memcpy(&value, RTA_DATA(&attribute), std::min(sizeof value, static_cast<std::size_t>(RTA_PAYLOAD(&attribute))));
  return value;
}

/** Interface that a route leaves by, 0 if it names none. */
int routeDevice(const nlmsghdr& message) {
  const auto* route = static_cast<const rtmsg*>(NLMSG_DATA(&message));
  int device = 0;
  eachAttribute(RTM_RTA(route), static_cast<int>(RTM_PAYLOAD(&message)), [&](const rtattr& a) {
    if (a.rta_type == RTA_OIF) device = valueOf<int>(a);
  });
  return device;
}

/** A name that no interface has: asking for it makes the kernel answer in order with the events. */
constexpr std::uint32_t markBase = 0x6c750000;

}  // namespace

void LinkWatch::start() {
  for (const auto& device : devices_) {
    const int index = static_cast<int>(if_nametoindex(device.c_str()));
    if (index == 0) throw Failure("no interface " + device);
    const bool unknown = slurp("/sys/class/net/" + device + "/operstate") == "unknown";
    watched_[index] = {device, static_cast<std::uint8_t>(unknown ? IF_OPER_UNKNOWN : IF_OPER_UP)};
  }
  socket_ = Socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  socket_.option(SOL_SOCKET, SO_RCVBUFFORCE, bufferBytes);
  sockaddr_nl self{};
  self.nl_family = AF_NETLINK;
  if (::bind(socket_.fd(), reinterpret_cast<const sockaddr*>(&self), sizeof self) != 0)
    throw Failure(fmt::format("netlink: {}", std::strerror(errno)));
  for (const int group : groups) socket_.option(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
  socket_.timeouts(ioStep);
  spawn(Side::dut, [this] { loop(); });
}

void LinkWatch::loop() {
  alignas(nlmsghdr) std::array<char, 65536> data;
  while (!stopping()) {
    const ssize_t n = recv(socket_.fd(), data.data(), data.size(), 0);
    if (n < 0 && isRetry(errno)) continue;
    if (n < 0) {  // ENOBUFS: events were lost, so the watch proves nothing
      problem(fmt::format("the watch itself failed: {}", std::strerror(errno)));
      continue;
    }
    auto left = static_cast<unsigned>(n);
    for (const nlmsghdr* m = reinterpret_cast<nlmsghdr*>(data.data()); NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
      if (m->nlmsg_type == NLMSG_ERROR && m->nlmsg_seq >= markBase) marksSeen_ = m->nlmsg_seq - markBase;
      else judge(*m);
    }
  }
}

std::string LinkWatch::label(int ifindex) const {
  const auto at = watched_.find(ifindex);
  return at == watched_.end() ? std::to_string(ifindex) : at->second.name;
}

void LinkWatch::judge(const nlmsghdr& message) {
  ++events_;
  const void* body = NLMSG_DATA(&message);
  switch (message.nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK: return judgeLink(message);
    case RTM_DELADDR: {
      const int index = static_cast<int>(static_cast<const ifaddrmsg*>(body)->ifa_index);
      if (watched(index)) problem("address removed from " + label(index));
      return;
    }
    case RTM_DELROUTE: {
      const int index = routeDevice(message);
      if (watched(index)) problem("route by " + label(index) + " removed");
      return;
    }
    case RTM_DELNEIGH: {
      const auto* neighbour = static_cast<const ndmsg*>(body);
      if (watched(neighbour->ndm_ifindex) && (neighbour->ndm_state & NUD_PERMANENT) != 0)
        problem("permanent neighbour on " + label(neighbour->ndm_ifindex) + " removed");
      return;
    }
    case RTM_DELQDISC:
    case RTM_DELTCLASS:
    case RTM_DELTFILTER: {
      const int index = static_cast<const tcmsg*>(body)->tcm_ifindex;
      if (watched(index)) problem(fmt::format("qdisc, class or filter on {} removed", label(index)));
      return;
    }
    case RTM_DELRULE: return problem("routing rule removed");
    default: return;
  }
}

void LinkWatch::judgeLink(const nlmsghdr& message) {
  const auto* link = static_cast<const ifinfomsg*>(NLMSG_DATA(&message));
  if (!watched(link->ifi_index)) return;
  const auto& [name, operstate] = watched_.at(link->ifi_index);
  if (message.nlmsg_type == RTM_DELLINK) return problem(name + " removed");
  if (link->ifi_family != AF_UNSPEC) return;  // bridge and IPv6 messages carry other attributes
  struct {
    unsigned bit;
    const char* word;
  } static const flags[] = {{IFF_UP, "UP"}, {IFF_RUNNING, "RUNNING"}, {IFF_LOWER_UP, "LOWER_UP"}};
  for (const auto& flag : flags)
    if ((link->ifi_flags & flag.bit) == 0) problem(fmt::format("{} without {}", name, flag.word));
  eachAttribute(IFLA_RTA(link), static_cast<int>(IFLA_PAYLOAD(&message)), [&](const rtattr& a) {
    if (a.rta_type == IFLA_OPERSTATE && valueOf<std::uint8_t>(a) != operstate)
      problem(fmt::format("{} with operstate {}", name, valueOf<std::uint8_t>(a)));
    if (a.rta_type == IFLA_CARRIER && valueOf<std::uint8_t>(a) != 1) problem(name + " without carrier");
    if (a.rta_type == IFLA_IFNAME && name != static_cast<const char*>(RTA_DATA(&a)))
      problem(fmt::format("{} renamed to {}", name, static_cast<const char*>(RTA_DATA(&a))));
  });
}

void LinkWatch::settle() {
  struct {
    nlmsghdr header;
    ifinfomsg link;
  } request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = RTM_GETLINK;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  request.header.nlmsg_seq = markBase + static_cast<std::uint32_t>(++marksSent_);
  request.link.ifi_index = INT32_MAX;  // nobody has it: one error message comes back, nothing else
  if (send(socket_.fd(), &request, sizeof request, 0) < 0) throw Failure("netlink request failed");
  if (!waitUntil(10s, [this] { return marksSeen_ == marksSent_; })) throw Failure("netlink does not answer");
}

Json LinkWatch::measured() const { return Json{{"events", events_.load()}}; }

}  // namespace lug
