// SPDX-License-Identifier: GPL-2.0
#include "tap.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace luq {

namespace {

constexpr std::size_t maxQueues = 8;

/** One message with descriptors, or with an error number and none. */
struct Message {
  int error = 0;
  std::vector<int> fds;
};

void sendMessage(int socket, const Message& message) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * maxQueues)> control{};
  int error = message.error;
  iovec data{&error, sizeof error};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  if (!message.fds.empty()) {
    const std::size_t bytes = message.fds.size() * sizeof(int);
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(bytes);
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(bytes);
    std::memcpy(CMSG_DATA(rights), message.fds.data(), bytes);
  }
  if (sendmsg(socket, &header, 0) < 0) _exit(1);
}

Message receiveMessage(int socket) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * maxQueues)> control{};
  Message message;
  iovec data{&message.error, sizeof message.error};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  if (recvmsg(socket, &header, MSG_CMSG_CLOEXEC) != sizeof message.error) return {EPIPE, {}};
  if (const cmsghdr* rights = CMSG_FIRSTHDR(&header); rights != nullptr && rights->cmsg_type == SCM_RIGHTS) {
    message.fds.resize((rights->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(message.fds.data(), CMSG_DATA(rights), message.fds.size() * sizeof(int));
  }
  return message;
}

/** In the helper process: make the tap in a new namespace. */
Message makeTap(unsigned queues) {
  if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return {errno, {}};
  Message made;
  ifreq request{};
  std::strcpy(request.ifr_name, "wide0");
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE;
  for (unsigned i = 0; i < queues; ++i) {
    const int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &request) != 0) return {errno, {}};
    made.fds.push_back(fd);
  }
  return made;
}

}  // namespace

Descriptors::~Descriptors() {
  for (const int fd : fds_) close(fd);
}

Descriptors openPrivateTap(unsigned queues) {
  if (queues > maxQueues) throw Error("too many queues");
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) throw Error("socketpair failed");
  const pid_t helper = fork();
  if (helper == 0) {
    sendMessage(pair[1], makeTap(queues));
    _exit(0);
  }
  close(pair[1]);
  auto message = receiveMessage(pair[0]);
  close(pair[0]);
  int status = 0;
  while (waitpid(helper, &status, 0) < 0 && errno == EINTR) {}
  if (message.error != 0 || message.fds.size() != queues)
    throw Unsupported(fmt::format("no tap interface with several queues here: {}", std::strerror(message.error)));
  return Descriptors(std::move(message.fds));
}

}  // namespace luq
