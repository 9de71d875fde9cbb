// SPDX-License-Identifier: GPL-2.0
#include "support/host_port.h"

#include <unistd.h>

#include "common/protocol.h"
#include "support/process.h"

namespace lug {

void tellHost(const nlohmann::json& message) {
  const auto line = message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (write(luq::port::eventsFd, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    note("cannot send an event to the host");
}

}  // namespace lug
