// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The guest's /init: mounts what a test needs, takes one command from the host, runs it under a
 * time limit, reports how it ended, powers off. If it cannot, the guest panics or just stops,
 * and the host's verdict stays CRASHED.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "common/protocol.h"

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;
using luq::port::eventsFd;
using Json = nlohmann::json;

constexpr auto portLimit = 60s;
constexpr auto pollStep = 10ms;

void say(const std::string& text) { std::fprintf(stderr, "lu-init: %s\n", text.c_str()); }

[[noreturn]] void powerOff() {
  sync();
  reboot(RB_POWER_OFF);
  for (;;) pause();
}

[[noreturn]] void giveUp(const std::string& why) {
  say("giving up: " + why);
  powerOff();
}

void mountAll() {
  struct Entry {
    const char *type, *target, *options;
  };
  static const Entry entries[] = {
      {"proc", "/proc", ""},
      {"sysfs", "/sys", ""},
      {"devtmpfs", "/dev", ""},
      {"tmpfs", "/tmp", ""},
      {"tmpfs", "/run", ""},
      {"debugfs", "/sys/kernel/debug", ""},
      {"tracefs", "/sys/kernel/tracing", ""},
      {"bpf", "/sys/fs/bpf", ""},
      {"devpts", "/dev/pts", ""},
  };
  for (const auto& e : entries) {
    mkdir(e.target, 0755);
    if (mount(e.type, e.target, e.type, 0, e.options) != 0)
      say(std::string("mount ") + e.target + ": " + std::strerror(errno));
  }
  mkdir("/run/netns", 0755);
}

void put(const char* path, const char* text) {
  std::ofstream file(path);
  file << text << std::flush;
  if (!file) say(std::string("cannot write ") + path);
}

int runAndWait(std::vector<const char*> argv) {
  const pid_t child = fork();
  if (child == 0) {
    argv.push_back(nullptr);
    execvp(argv[0], const_cast<char**>(argv.data()));
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/** Device node of the virtio port called @p name, or empty when it is not there yet. */
std::string findPort(const char* name) {
  const std::string folder = "/sys/class/virtio-ports";
  DIR* dir = opendir(folder.c_str());
  if (dir == nullptr) return {};
  std::string found;
  while (const dirent* e = readdir(dir)) {
    std::string text;
    std::getline(std::ifstream(folder + "/" + e->d_name + "/name"), text);
    if (text == name) found = std::string("/dev/") + e->d_name;
  }
  closedir(dir);
  return found;
}

int openPort(const char* name, int flags) {
  for (const auto end = Clock::now() + portLimit; Clock::now() < end;) {
    const auto node = findPort(name);
    const int fd = node.empty() ? -1 : open(node.c_str(), flags | O_CLOEXEC);
    if (fd >= 0) return fd;
    std::this_thread::sleep_for(pollStep);
  }
  giveUp(std::string("no virtio port ") + name);
}

std::string readLine(int fd) {
  std::string line;
  for (char c = 0; c != '\n';) {
    const ssize_t n = read(fd, &c, 1);
    if (n == 1) line.push_back(c);
    else if (n == 0) std::this_thread::sleep_for(pollStep);  // the host has not connected yet
    else if (errno != EINTR) giveUp(std::string("command port: ") + std::strerror(errno));
  }
  return line;
}

pid_t start(const Json& command, int events, int log) {
  std::vector<std::string> words = command.at("argv");
  const Json environment = command.value("env", Json::object());
  for (const auto& [key, value] : environment.items())
    setenv(key.c_str(), value.get<std::string>().c_str(), 1);
  const pid_t child = fork();
  if (child != 0) return child;
  setsid();
  const int none = open("/dev/null", O_RDONLY);
  dup2(none, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  if (events == eventsFd) fcntl(events, F_SETFD, 0);
  else dup2(events, eventsFd);
  std::vector<char*> argv;
  for (auto& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  std::fprintf(stderr, "lu-init: %s: %s\n", argv[0], std::strerror(errno));
  _exit(127);
}

/** What hangs, and where: on the console, for whoever reads the failure. */
void showStuckTasks() {
  put("/proc/sys/kernel/printk", "8 4 1 7\n");
  for (const char* key : {"w", "l", "d"}) put("/proc/sysrq-trigger", key);
  std::this_thread::sleep_for(500ms);  // the serial line needs a moment to drain
}

/** Wait for @p child, reaping orphans too. Returns the report for the host. */
Json await(pid_t child, std::chrono::seconds limit) {
  const auto end = Clock::now() + limit;
  bool timedOut = false;
  for (;;) {
    int status = 0;
    const pid_t gone = waitpid(-1, &status, WNOHANG);
    if (gone == child)
      return Json{{"exit", WIFEXITED(status) ? WEXITSTATUS(status) : -1},
                  {"signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0},
                  {"timed_out", timedOut}};
    if (gone > 0) continue;
    if (!timedOut && Clock::now() >= end) {
      say("time limit of " + std::to_string(limit.count()) + " s reached, ending the command");
      showStuckTasks();
      timedOut = true;
      kill(-child, SIGKILL);
      kill(child, SIGKILL);
    }
    if (timedOut && Clock::now() >= end + 10s)  // it cannot even die: stuck in the kernel
      return Json{{"exit", -1}, {"signal", 0}, {"timed_out", true}, {"stuck", true}};
    std::this_thread::sleep_for(pollStep);
  }
}

void prepare() {
  setenv("PATH", "/usr/bin:/bin", 1);
  setenv("HOME", "/root", 1);
  runAndWait({"/usr/bin/busybox", "--install", "-s", "/bin"});
  mountAll();
  umask(022);
  for (const char* module : {"virtio_pci", "virtio_console"})
    if (runAndWait({"modprobe", module}) != 0) say(std::string("modprobe failed: ") + module);
  runAndWait({"ip", "link", "set", "lo", "up"});
  if (access("/proc/sys/kernel/hung_task_timeout_secs", W_OK) == 0)
    put("/proc/sys/kernel/hung_task_timeout_secs", "60\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (getpid() != 1) return 2;
  for (int i = 1; i < argc; ++i) {  // the host only asks whether a guest boots at all
    const std::string word = argv[i];
    if (word.starts_with("--probe=")) {
      std::fprintf(stderr, "probe: %s\n", word.c_str() + std::strlen("--probe="));
      powerOff();
    }
  }
  prepare();
  const int command = openPort(luq::port::command, O_RDONLY);
  const int events = openPort(luq::port::events, O_WRONLY);
  const int log = openPort(luq::port::log, O_WRONLY);
  const int status = openPort(luq::port::status, O_WRONLY);
  const Json order = Json::parse(readLine(command), nullptr, false);
  if (order.is_discarded() || !order.contains("argv")) giveUp("the command is not JSON");
  const pid_t child = start(order, events, log);
  const auto report = await(child, std::chrono::seconds(order.value("limit_s", 300)));
  const std::string line = report.dump() + "\n";
  if (write(status, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    say("cannot report the exit status");
  // What hangs for good would hang the orderly way down as well.
  if (order.value("reset", false)) put("/proc/sysrq-trigger", "b");
  powerOff();
}
