// SPDX-License-Identifier: GPL-2.0
#include "process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

namespace lug {

namespace {

using namespace std::chrono_literals;

struct Pipe {
  int read = -1, write = -1;
  Pipe() {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0) throw Failure(fmt::format("pipe: {}", std::strerror(errno)));
    read = fds[0];
    write = fds[1];
  }
  ~Pipe() {
    close(read);
    closeWrite();
  }
  void closeWrite() {
    if (write >= 0) close(write);
    write = -1;
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
};

pid_t spawn(const Argv& argv, int out, int err, unsigned user) {
  std::vector<char*> args;
  for (const auto& a : argv) args.push_back(const_cast<char*>(a.c_str()));
  args.push_back(nullptr);
  // vfork: this process has many busy threads and large buffers; the child only execs.
  const pid_t child = vfork();
  if (child < 0) throw Failure(fmt::format("fork: {}", std::strerror(errno)));
  if (child == 0) {
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    // The bare system calls: glibc's would change all threads, which are the parent's after vfork.
    if (user != 0 && (syscall(SYS_setgroups, 0, nullptr) != 0 || syscall(SYS_setgid, user) != 0 ||
                      syscall(SYS_setuid, user) != 0))
      _exit(126);
    execvp(args[0], args.data());
    _exit(127);
  }
  return child;
}

/** Drain both pipes until both are closed or @p end is reached; tells whether they closed. */
bool drain(std::array<int, 2> fds, std::array<std::string*, 2> texts, Clock::time_point end) {
  std::array<pollfd, 2> polls = {pollfd{fds[0], POLLIN, 0}, pollfd{fds[1], POLLIN, 0}};
  while (polls[0].fd >= 0 || polls[1].fd >= 0) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now()).count();
    if (left <= 0) return false;
    if (poll(polls.data(), polls.size(), static_cast<int>(left)) < 0 && errno != EINTR) return false;
    for (std::size_t i = 0; i < polls.size(); ++i) {
      if (polls[i].fd < 0 || polls[i].revents == 0) continue;
      char buffer[8192];
      const ssize_t n = read(polls[i].fd, buffer, sizeof buffer);
      if (n > 0) texts[i]->append(buffer, static_cast<std::size_t>(n));
      else if (n == 0 || errno != EINTR) polls[i].fd = -1;
    }
  }
  return true;
}

}  // namespace

Output run(const Argv& argv, milliseconds limit) { return runAs(0, argv, limit); }

Output runAs(unsigned user, const Argv& argv, milliseconds limit) {
  Pipe out, err;
  const pid_t child = spawn(argv, out.write, err.write, user);
  out.closeWrite();
  err.closeWrite();
  Output result;
  const auto end = Clock::now() + limit;
  drain({out.read, err.read}, {&result.out, &result.err}, end);
  int status = 0;
  for (;;) {
    const pid_t gone = waitpid(child, &status, WNOHANG);
    if (gone == child) break;
    if (!result.timedOut && Clock::now() >= end) {
      result.timedOut = true;
      kill(child, SIGKILL);
    }
    if (Clock::now() >= end + 10s) return result;  // stuck in the kernel: leave it behind
    std::this_thread::sleep_for(1ms);
  }
  result.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

std::string must(const Argv& argv, milliseconds limit) {
  auto result = run(argv, limit);
  if (result.timedOut)
    throw Failure(fmt::format("'{}' did not end within {} ms", fmt::join(argv, " "), limit.count()));
  if (result.exitCode != 0)
    throw Failure(fmt::format("'{}' ended with {}: {}{}", fmt::join(argv, " "), result.exitCode,
                              result.err, result.out));
  return std::move(result.out);
}

std::string mustRun(std::string_view line) { return must(split(line, ' ')); }

std::optional<std::string> slurp(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::string text;
  char buffer[16384];
  ssize_t n;
  while ((n = read(fd, buffer, sizeof buffer)) > 0) text.append(buffer, static_cast<std::size_t>(n));
  close(fd);
  if (n < 0) return std::nullopt;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string mustRead(const std::string& path) {
  auto text = slurp(path);
  if (!text) throw Failure(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  return *std::move(text);
}

int tryWrite(const std::string& path, std::string_view text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  const ssize_t n = write(fd, text.data(), text.size());
  const int error = n < 0 ? errno : 0;
  close(fd);
  return error;
}

void mustWrite(const std::string& path, std::string_view text) {
  if (const int error = tryWrite(path, text); error != 0)
    throw Failure(fmt::format("cannot write '{}' to {}: {}", text, path, std::strerror(error)));
}

bool waitUntil(milliseconds limit, const std::function<bool()>& condition) {
  const auto end = Clock::now() + limit;
  while (!condition()) {
    if (Clock::now() >= end) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
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

void note(const std::string& text) {
  static const auto start = Clock::now();
  const std::chrono::duration<double> since = Clock::now() - start;
  const auto line = fmt::format("[{:8.3f}] {}\n", since.count(), text);
  if (write(STDOUT_FILENO, line.data(), line.size()) < 0) return;  // the log is best effort
}

}  // namespace lug
