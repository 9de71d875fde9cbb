// SPDX-License-Identifier: GPL-2.0-or-later
// lu-ctl: live update of device drivers, from the command line.
#include <csignal>
#include <exception>
#include <string>
#include <vector>

#include "cli.h"
#include "system_kernel.h"

int main(int argc, char** argv) {
  // A reader that went away shows as a write error, like a full disk, and is reported as one.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    luctl::SystemKernel kernel;
    std::vector<std::string> arguments(argv + 1, argv + argc);
    return static_cast<int>(luctl::run_cli(arguments, kernel, {}));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lu-ctl: %s\n", error.what());
    return static_cast<int>(luctl::Exit::kError);
  }
}
