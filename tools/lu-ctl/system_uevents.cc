// SPDX-License-Identifier: GPL-2.0-or-later
// SystemKernel: the kernel's events, by netlink.
#include <linux/netlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "descriptor.h"
#include "driver.h"
#include "system_kernel.h"

namespace luctl {
namespace {

constexpr unsigned kKernelGroup = 1;     ///< what the kernel itself sends; udev repeats on 2
constexpr size_t kMaxEvent = 64 << 10;   ///< the kernel's are below 4 KiB
constexpr int kReceiveBuffer = 1 << 20;  ///< room for a burst while we print

/// "change@/devices/..." NUL "KEY=value" NUL ...
Uevent parse_event(std::string_view bytes) {
  Uevent event;
  for (const std::string& field : split(bytes, '\0')) {
    size_t equals = field.find('=');
    if (equals != std::string::npos) event[field.substr(0, equals)] = field.substr(equals + 1);
  }
  return event;
}

class NetlinkEvents : public UeventSource {
 public:
  explicit NetlinkEvents(Descriptor socket) : socket_(std::move(socket)) {}

  Result<std::optional<Uevent>> next() override {
    for (;;) {
      std::string bytes(kMaxEvent, '\0');
      sockaddr_nl from = {};
      socklen_t length = sizeof(from);
      ssize_t got = ::recvfrom(socket_.get(), bytes.data(), bytes.size(), 0,
                               reinterpret_cast<sockaddr*>(&from), &length);
      if (got < 0 && errno == EINTR) return std::optional<Uevent>();
      if (got < 0) return sys_error(errno, "uevents");
      // Anybody may send to us; only the kernel, port 0, is believed.
      if (from.nl_pid != 0) continue;
      return std::optional<Uevent>(parse_event({bytes.data(), static_cast<size_t>(got)}));
    }
  }

 private:
  Descriptor socket_;
};

}  // namespace

Result<std::unique_ptr<UeventSource>> SystemKernel::uevents() {
  Descriptor socket(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT));
  if (!socket) return sys_error(errno, "uevents");
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof(kReceiveBuffer));
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  address.nl_groups = kKernelGroup;
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return sys_error(errno, "uevents");
  return std::unique_ptr<UeventSource>(std::make_unique<NetlinkEvents>(std::move(socket)));
}

}  // namespace luctl
