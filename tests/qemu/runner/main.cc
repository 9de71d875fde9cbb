// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * lu-qemu: boots kernels under QEMU and runs test scenarios or a plain script in them.
 */
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "commands.h"
#include "util.h"

int main(int argc, char** argv) {
  CLI::App app{"Run live-update tests in a virtual machine", "lu-qemu"};
  app.require_subcommand(1);
  int code = 1;
  luq::addCommands(app, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e);
  } catch (const luq::Error& e) {
    fmt::print(stderr, "lu-qemu: {}\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    fmt::print(stderr, "lu-qemu: unexpected: {}\n", e.what());
    return 2;
  }
  return code;
}
