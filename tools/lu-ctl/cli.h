// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// From the command line to a Command with its Args, and from its result to streams and exit code.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "command.h"

namespace luctl {

/// Where output goes; the tests use files of their own.
struct Streams {
  std::FILE* out = stdout;
  std::FILE* err = stderr;
};

/// Parses, runs, renders. The arguments are those after the program's name.
Exit run_cli(const std::vector<std::string>& arguments, Kernel& kernel, Streams streams);

}  // namespace luctl
