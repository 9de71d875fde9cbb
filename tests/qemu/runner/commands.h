// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The commands of lu-qemu.
 */
#pragma once

#include <CLI/CLI.hpp>

namespace luq {

/** Register run, check and list with @p app; @p code receives the exit status. */
void addCommands(CLI::App& app, int& code);

}  // namespace luq
