// SPDX-License-Identifier: GPL-2.0
#include "emit.h"

#include <unistd.h>

#include "common/protocol.h"
#include "support/process.h"

namespace lub {

void emit(const Json& measurement) {
  const auto line = measurement.dump() + "\n";
  for (std::size_t at = 0; at < line.size();) {
    const ssize_t n = write(luq::port::eventsFd, line.data() + at, line.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw lug::Failure("cannot report a measurement to the host");
    at += static_cast<std::size_t>(n);
  }
}

}  // namespace lub
