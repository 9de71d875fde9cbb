// SPDX-License-Identifier: GPL-2.0
#include "util.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace luq {

std::string readFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

void writeFile(const fs::path& path, std::string_view data) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(data.data(), static_cast<std::streamsize>(data.size()));
  out.flush();
  if (!out) throw Error(fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
}

std::string trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const auto first = text.find_first_not_of(space);
  if (first == text.npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(space) - first + 1));
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = text.find(separator);
    if (end != 0) parts.emplace_back(text.substr(0, end));
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

std::string lastLines(std::string_view text, std::size_t count) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  std::size_t at = text.size();
  while (count-- > 0 && at != text.npos && at > 0) at = text.rfind('\n', at - 1);
  return std::string(at == text.npos || at == 0 ? text : text.substr(at + 1));
}

Finished run(const std::vector<std::string>& argv) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) throw Error(fmt::format("pipe: {}", std::strerror(errno)));
  const pid_t child = fork();
  if (child < 0) throw Error(fmt::format("fork: {}", std::strerror(errno)));
  if (child == 0) {
    dup2(fds[1], STDOUT_FILENO);
    std::vector<char*> args;
    for (const auto& a : argv) args.push_back(const_cast<char*>(a.c_str()));
    args.push_back(nullptr);
    execvp(args[0], args.data());
    _exit(127);
  }
  close(fds[1]);
  Finished done;
  char buffer[65536];
  for (ssize_t n; (n = read(fds[0], buffer, sizeof buffer)) != 0;) {
    if (n > 0) done.out.append(buffer, static_cast<std::size_t>(n));
    else if (errno != EINTR) break;
  }
  close(fds[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  done.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return done;
}

std::string runOrThrow(const std::vector<std::string>& argv) {
  auto done = run(argv);
  if (done.exitCode != 0)
    throw Error(fmt::format("'{}' ended with exit code {}", fmt::join(argv, " "), done.exitCode));
  return std::move(done.out);
}

fs::path findProgram(std::string_view name) {
  const char* path = std::getenv("PATH");
  auto folders = split(path != nullptr ? path : "", ':');
  for (const char* more : {"/usr/sbin", "/usr/bin", "/sbin", "/bin"}) folders.emplace_back(more);
  for (const auto& folder : folders) {
    fs::path candidate = fs::path(folder) / name;
    if (access(candidate.c_str(), X_OK) == 0 && fs::is_regular_file(candidate)) return candidate;
  }
  return {};
}

fs::path ownFolder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

fs::path cacheFolder() {
  fs::path folder;
  if (const char* own = std::getenv("LU_CACHE"); own != nullptr && *own != '\0') {
    folder = own;
  } else {
    const char* xdg = std::getenv("XDG_CACHE_HOME");
    const char* home = std::getenv("HOME");
    fs::path base = xdg != nullptr && *xdg != '\0' ? fs::path(xdg)
                                                   : fs::path(home != nullptr ? home : "/tmp") / ".cache";
    folder = base / "driver-liveupdate";
  }
  fs::create_directories(folder);
  return folder;
}

TempDir::TempDir() {
  // mkdtemp() replaces the last six characters, which have to be this one.
  std::string pattern = (fs::temp_directory_path() / "lu-qemu.").string() + std::string(6, 'X');
  if (mkdtemp(pattern.data()) == nullptr)
    throw Error(fmt::format("cannot create a temporary folder: {}", std::strerror(errno)));
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  if (!keep_) fs::remove_all(path_, ignored);
}

}  // namespace luq
