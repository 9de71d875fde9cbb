// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Child processes, small files and waiting, for code that runs in the guest.
 */
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace lug {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

/** Something the test needs does not work; ends the scenario with this message. */
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/** How a child ended and what it printed. */
struct Output {
  int exitCode = -1;  ///< 128 + signal when it was killed
  bool timedOut = false;
  std::string out;
  std::string err;
};

using Argv = std::vector<std::string>;

/** Run @p argv to its end; after @p limit it is killed and timedOut is set. */
Output run(const Argv& argv, milliseconds limit = seconds(60));

/** As run(), but as user @p user without any privilege. */
Output runAs(unsigned user, const Argv& argv, milliseconds limit = seconds(60));

/** As run(), but throws Failure unless the exit code is 0. Returns standard output. */
std::string must(const Argv& argv, milliseconds limit = seconds(60));

/** must() of a command line split at blanks: for constant commands without quoting. */
std::string mustRun(std::string_view line);

/** Contents of a small file without the final newline; nothing when it cannot be read. */
std::optional<std::string> slurp(const std::string& path);

/** slurp() or throw Failure. */
std::string mustRead(const std::string& path);

/** Write @p text with one write(2). Returns 0 or errno. */
int tryWrite(const std::string& path, std::string_view text);

/** tryWrite() or throw Failure. */
void mustWrite(const std::string& path, std::string_view text);

/** Poll @p condition until it holds or @p limit has passed; tells whether it held. */
bool waitUntil(milliseconds limit, const std::function<bool()>& condition);

/** @p text split at @p separator, empty parts left out. */
std::vector<std::string> split(std::string_view text, char separator);

/** Print a line of progress, with the seconds since start, to the log. */
void note(const std::string& text);

}  // namespace lug
