// SPDX-License-Identifier: GPL-2.0
#include "link_config.h"

#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>

#include "support/process.h"

namespace lug {

namespace {

void copyName(std::span<char> to, const std::string& name) {
  if (name.size() >= to.size()) throw Failure("interface name too long: " + name);
  std::memcpy(to.data(), name.c_str(), name.size() + 1);
}

ifreq requestFor(const std::string& device) {
  ifreq request{};
  copyName(request.ifr_name, device);
  return request;
}

/** Load "return XDP_PASS". */
int loadPassProgram() {
  bpf_insn program[2] = {};
  program[0].code = BPF_ALU64 | BPF_MOV | BPF_K;
  program[0].imm = XDP_PASS;
  program[1].code = BPF_JMP | BPF_EXIT;
  static const char license[] = "GPL";
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_XDP;
  attributes.insns = reinterpret_cast<std::uintptr_t>(program);
  attributes.insn_cnt = 2;
  attributes.license = reinterpret_cast<std::uintptr_t>(license);
  const int fd = static_cast<int>(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes));
  if (fd < 0) throw Failure(fmt::format("cannot load an XDP program: {}", std::strerror(errno)));
  return fd;
}

unsigned programId(int fd) {
  bpf_prog_info info{};
  bpf_attr attributes{};
  attributes.info.bpf_fd = static_cast<std::uint32_t>(fd);
  attributes.info.info_len = sizeof info;
  attributes.info.info = reinterpret_cast<std::uintptr_t>(&info);
  if (syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attributes, sizeof attributes) != 0)
    throw Failure("cannot ask for the XDP program's id");
  return info.id;
}

/** RTM_SETLINK with the program @p fd; -1 takes it off. Returns 0 or the errno. */
int setXdp(int ifindex, int fd, bool generic) {
  struct {
    nlmsghdr header;
    ifinfomsg link;
    rtattr nest;
    rtattr fdHead;
    std::int32_t fd;
    rtattr flagsHead;
    std::uint32_t flags;
  } message{};
  message.header.nlmsg_len = sizeof message;
  message.header.nlmsg_type = RTM_SETLINK;
  message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  message.link.ifi_index = ifindex;
  message.nest = {static_cast<unsigned short>(sizeof message - offsetof(decltype(message), nest)), IFLA_XDP | NLA_F_NESTED};
  message.fdHead = {sizeof(rtattr) + sizeof message.fd, IFLA_XDP_FD};
  message.fd = fd;
  message.flagsHead = {sizeof(rtattr) + sizeof message.flags, IFLA_XDP_FLAGS};
  message.flags = generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
  Socket socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  socket.timeouts(seconds(30));
  if (send(socket.fd(), &message, sizeof message, 0) < 0) return errno;
  struct {
    nlmsghdr header;
    nlmsgerr error;
    char more[512];
  } answer{};
  if (recv(socket.fd(), &answer, sizeof answer, 0) < 0) return errno;
  return answer.header.nlmsg_type == NLMSG_ERROR ? -answer.error.error : EPROTO;
}

}  // namespace

LinkConfig::LinkConfig(std::string device) : device_(std::move(device)), socket_(AF_INET, SOCK_DGRAM, 0) {}

int LinkConfig::request(unsigned long code, void* argument) {
  return ioctl(socket_.fd(), code, argument) < 0 ? errno : 0;
}

int LinkConfig::setUp(bool up) {
  auto r = requestFor(device_);
  if (const int error = request(SIOCGIFFLAGS, &r); error != 0) return error;
  r.ifr_flags = static_cast<short>(up ? r.ifr_flags | IFF_UP : r.ifr_flags & ~IFF_UP);
  return request(SIOCSIFFLAGS, &r);
}

int LinkConfig::setMtu(int mtu) {
  auto r = requestFor(device_);
  r.ifr_mtu = mtu;
  return request(SIOCSIFMTU, &r);
}

int LinkConfig::setMac(const std::array<std::uint8_t, 6>& mac) {
  auto r = requestFor(device_);
  r.ifr_hwaddr.sa_family = 1;  // ARPHRD_ETHER
  std::memcpy(r.ifr_hwaddr.sa_data, mac.data(), mac.size());
  return request(SIOCSIFHWADDR, &r);
}

int LinkConfig::addVlan(int id) {
  vlan_ioctl_args args{};
  args.cmd = ADD_VLAN_CMD;
  copyName(args.device1, device_);
  args.u.VID = id;
  return request(SIOCSIFVLAN, &args);
}

int LinkConfig::removeVlan(int id) {
  vlan_ioctl_args args{};
  args.cmd = DEL_VLAN_CMD;
  copyName(args.device1, fmt::format("{}.{}", device_, id));
  return request(SIOCSIFVLAN, &args);
}

int LinkConfig::setFeature(std::uint32_t command, bool on) {
  ethtool_value value{command, on ? 1u : 0u};
  auto r = requestFor(device_);
  r.ifr_data = reinterpret_cast<char*>(&value);
  return request(SIOCETHTOOL, &r);
}

int LinkConfig::feature(std::uint32_t command) {
  ethtool_value value{command, 0};
  auto r = requestFor(device_);
  r.ifr_data = reinterpret_cast<char*>(&value);
  const int error = request(SIOCETHTOOL, &r);
  return error != 0 ? -error : static_cast<int>(value.data);
}

unsigned attachXdpPass(int ifindex, bool generic) {
  const int fd = loadPassProgram();
  const unsigned id = programId(fd);
  const int error = setXdp(ifindex, fd, generic);
  close(fd);
  if (error != 0) throw Failure(fmt::format("cannot attach an XDP program: {}", std::strerror(error)));
  return id;
}

void detachXdp(int ifindex, bool generic) {
  if (const int error = setXdp(ifindex, -1, generic); error != 0)
    throw Failure(fmt::format("cannot detach the XDP program: {}", std::strerror(error)));
}

}  // namespace lug
