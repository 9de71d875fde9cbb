// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Small file, process and temporary-directory helpers of the host runner.
 */
#pragma once

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace luq {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::seconds;

/** Something about the environment or the arguments is wrong; the message is for the user. */
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/** Whole contents of @p path; throws Error when it cannot be read. */
std::string readFile(const fs::path& path);

/** Replace @p path by @p data; throws Error. */
void writeFile(const fs::path& path, std::string_view data);

/** @p text without white space at either end. */
std::string trim(std::string_view text);

/** @p text split at each @p separator, empty parts left out. */
std::vector<std::string> split(std::string_view text, char separator);

/** Last @p count lines of @p text. */
std::string lastLines(std::string_view text, std::size_t count);

/** Outcome of a finished child process. */
struct Finished {
  int exitCode = -1;  ///< exit code, or 128 + signal number
  std::string out;    ///< what it wrote to standard output
};

/** Run @p argv to its end, standard output captured, standard error passed on. */
Finished run(const std::vector<std::string>& argv);

/** As run(), but throws Error unless the exit code is 0. */
std::string runOrThrow(const std::vector<std::string>& argv);

/** Absolute path of a program in PATH (with the sbin folders added), or empty. */
fs::path findProgram(std::string_view name);

/** The folder this program was started from: its guest binaries lie there too. */
fs::path ownFolder();

/** Cache folder outside the source tree; created when missing. */
fs::path cacheFolder();

/** A fresh folder that goes away with the object unless keep() was called. */
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const fs::path& path() const { return path_; }
  void keep() { keep_ = true; }

 private:
  fs::path path_;
  bool keep_ = false;
};

}  // namespace luq
