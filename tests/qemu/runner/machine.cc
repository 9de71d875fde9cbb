// SPDX-License-Identifier: GPL-2.0
#include "machine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "common/numbered_sound.h"
#include "common/protocol.h"
#include "cpio.h"
#include "tap.h"

namespace luq {

namespace {

using namespace std::chrono_literals;

constexpr auto pollStep = 20ms;
constexpr auto probeLimit = 20s;
constexpr auto answerLimit = 60s;
constexpr std::string_view probeMark = "luq-probe-booted";

/** A child QEMU that never outlives us. */
class QemuProcess {
 public:
  QemuProcess(const std::vector<std::string>& argv, const fs::path& errorFile, const std::vector<int>& inherited) {
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ < 0) throw Error(fmt::format("fork: {}", std::strerror(errno)));
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    const int none = open("/dev/null", O_RDONLY);
    const int errors = open(errorFile.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(none, STDIN_FILENO);
    dup2(errors, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    for (const int fd : inherited) fcntl(fd, F_SETFD, 0);
    std::vector<char*> args;
    for (const auto& a : argv) args.push_back(const_cast<char*>(a.c_str()));
    args.push_back(nullptr);
    execvp(args[0], args.data());
    _exit(127);
  }
  ~QemuProcess() { end(); }
  QemuProcess(const QemuProcess&) = delete;
  QemuProcess& operator=(const QemuProcess&) = delete;

  /** Exit code once it has ended. */
  std::optional<int> poll() {
    if (pid_ <= 0) return exit_;
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = -1;
    exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return exit_;
  }

  /** Hold it, or let it go on. */
  void hold(bool stop) {
    if (pid_ > 0) kill(pid_, stop ? SIGSTOP : SIGCONT);
  }

  void end() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
    pid_ = -1;
    exit_ = 128 + SIGKILL;
  }

 private:
  pid_t pid_ = -1;
  int exit_ = -1;
};

/** The host's end of a socket on which QEMU listens. */
class OutPort {
 public:
  explicit OutPort(fs::path path) : path_(std::move(path)) {}
  ~OutPort() {
    if (fd_ >= 0) close(fd_);
  }
  OutPort(const OutPort&) = delete;
  OutPort& operator=(const OutPort&) = delete;

  /** Send @p text as soon as QEMU listens; true when it is on its way. */
  bool trySend(const std::string& text) {
    if (fd_ < 0 && !connectNow()) return false;
    const bool good = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
    sent_ = sent_ || good;
    return good;
  }
  /** Has anything been sent? */
  bool sent() const { return sent_; }

 private:
  bool connectNow() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path_.string().size() >= sizeof address.sun_path)
      throw Error("path too long for a socket: " + path_.string());
    std::strcpy(address.sun_path, path_.c_str());
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      close(fd);
      return false;
    }
    fd_ = fd;
    return true;
  }

  fs::path path_;
  int fd_ = -1;
  bool sent_ = false;
};

/** Follows a growing file. */
class Follower {
 public:
  explicit Follower(fs::path path) : path_(std::move(path)) {}
  std::string more() {
    const int fd = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return {};
    std::string text;
    char buffer[16384];
    for (ssize_t n; (n = pread(fd, buffer, sizeof buffer, offset_)) > 0; offset_ += n)
      text.append(buffer, static_cast<std::size_t>(n));
    close(fd);
    return text;
  }

 private:
  fs::path path_;
  off_t offset_ = 0;
};

/** QEMU's own control port: what the guest asks to be done to its hardware. */
class Hardware {
 public:
  explicit Hardware(const fs::path& folder) : events_(folder / "events"), port_(folder / "qmp") {}

  /** Do what was asked for since the last time. */
  void serve() {
    pending_ += events_.more();
    for (auto end = pending_.find('\n'); end != pending_.npos; end = pending_.find('\n')) {
      const auto event = nlohmann::json::parse(pending_.substr(0, end), nullptr, false);
      pending_.erase(0, end + 1);
      if (event.is_object() && event.value("event", "") == "unplug") unplug(event.value("device", ""));
    }
    if (!orders_.empty() && port_.trySend(orders_)) orders_.clear();
  }
  /** An interrupt that the guest cannot mask: its kernel says on the console what each CPU and each task does, and ends. */
  void interrupt() { demand({{"execute", "inject-nmi"}}); }

 private:
  void unplug(const std::string& device) { demand({{"execute", "device_del"}, {"arguments", {{"id", device}}}}); }

  void demand(const nlohmann::json& order) {
    const nlohmann::json greeting = {{"execute", "qmp_capabilities"}};
    orders_ += (port_.sent() ? "" : greeting.dump() + "\n") + order.dump() + "\n";
  }

  Follower events_;
  OutPort port_;
  std::string pending_, orders_;
};

std::string readIfThere(const fs::path& path) {
  return fs::exists(path) ? readFile(path) : std::string();
}

bool hasContents(const fs::path& path) {
  std::error_code missing;
  const auto size = fs::file_size(path, missing);
  return !missing && size > 0;
}

void addPort(std::vector<std::string>& argv, const char* name, const std::string& backend) {
  argv.insert(argv.end(), {"-chardev", fmt::format("{},id={}", backend, name), "-device",
                           fmt::format("virtserialport,chardev={0},name={0}", name)});
}

/** The wide cards' descriptors, in the order of the cards. */
std::vector<Descriptors> openTaps(const std::vector<Nic>& nics) {
  std::vector<Descriptors> taps;
  for (const auto& nic : nics)
    if (nic.queues > 1) taps.push_back(openPrivateTap(nic.queues));
  return taps;
}

void addNics(std::vector<std::string>& argv, const std::vector<Nic>& nics, const std::vector<Descriptors>& taps) {
  unsigned index = 0;
  std::size_t tap = 0;
  for (const auto& nic : nics) {
    const auto id = fmt::format("net{}", index++);
    auto backend = fmt::format("hubport,id={},hubid={}", id, nic.hub);
    auto device = fmt::format("{},netdev={},mac={}", nic.model, id, nic.mac);
    if (nic.queues > 1) {
      backend = fmt::format("tap,id={},fds={}", id, fmt::join(taps.at(tap++).fds(), ":"));
      device += fmt::format(",mq=on,vectors={}", 2 * nic.queues + 2);
    }
    if (!nic.options.empty()) device += "," + nic.options;
    argv.insert(argv.end(), {"-netdev", backend, "-device", device});
  }
}

fs::path diskImage(const BootPlan& plan, std::size_t index) { return plan.folder / fmt::format("disk{}", index); }

/** Empty images, as files with a hole: they take what the guest writes. */
void makeDisks(const BootPlan& plan) {
  if (plan.disksOfEarlierBoot) return;
  for (std::size_t i = 0; i < plan.disks.size(); ++i) {
    if (!plan.disks[i].backing.empty()) continue;
    const auto image = diskImage(plan, i);
    writeFile(image, "");
    fs::resize_file(image, std::uintmax_t{plan.disks[i].sizeMiB} << 20);
  }
}

void removeDisks(const BootPlan& plan) {
  if (plan.keepDisks) return;
  for (std::size_t i = 0; i < plan.disks.size(); ++i) fs::remove(diskImage(plan, i));
}

void addDisks(std::vector<std::string>& argv, const BootPlan& plan) {
  std::set<std::string> controllers;
  for (std::size_t i = 0; i < plan.disks.size(); ++i) {
    const auto& disk = plan.disks[i];
    if (!disk.controller.empty() && controllers.insert(disk.controller).second)
      argv.insert(argv.end(), {"-device", disk.controller});
    const auto backing = disk.backing.empty() ? "format=raw,discard=unmap,file=" + diskImage(plan, i).string() : disk.backing;
    argv.insert(argv.end(), {"-drive", fmt::format("if=none,id=disk{},{}", i, backing),
                             "-device", fmt::format("{},id=dut{},drive=disk{}{}", disk.model, i, i,
                                                    disk.serial.empty() ? "" : ",serial=" + disk.serial)});
  }
}

/** Its rate is that of the streams that are played: QEMU converts nothing, and a frame stays as it is. */
void addSound(std::vector<std::string>& argv, const BootPlan& plan) {
  if (!plan.sound) return;
  const auto backend = plan.sound->hears ? fmt::format("wav,id=sound,path={},out.frequency={},out.channels=2,out.format=s16",
                                                       soundFile(plan.folder).string(), sound::rate)
                                         : std::string("none,id=sound");
  argv.insert(argv.end(), {"-audiodev", backend});
  if (!plan.sound->controller.empty()) argv.insert(argv.end(), {"-device", plan.sound->controller});
  argv.insert(argv.end(), {"-device", plan.sound->model + ",audiodev=sound"});
}

/**
 * A third port on each hub that takes every packet and forgets it. Without it the hub holds a sender
 * back while the only receiver cannot receive, and some card models never tell the hub when they can
 * again: the e1000's link comes up a second after its receiver, and its partner waits for ever. With
 * it a packet that cannot be received waits on the receiver's side and the sender goes on.
 */
void addSinks(std::vector<std::string>& argv, const BootPlan& plan) {
  std::set<unsigned> hubs;
  for (const auto& nic : plan.nics)
    if (nic.queues == 1) hubs.insert(nic.hub);
  for (const unsigned hub : hubs) {
    const auto path = [&](const char* end) { return (plan.folder / fmt::format("{}{}", end, hub)).string(); };
    fs::remove(path("sink"));
    argv.insert(argv.end(),
                {"-netdev", fmt::format("dgram,id=sink{},local.type=unix,local.path={},remote.type=unix,remote.path={}",
                                        hub, path("sink"), path("nowhere")),
                 "-netdev", fmt::format("hubport,id=sinkport{0},hubid={0},netdev=sink{0}", hub)});
  }
}

/** Kernel arguments that every guest gets. An NMI makes a guest show all its CPUs and tasks and end, see interrogate().
 *  Under emulation on a busy machine a virtual CPU may get no time for many seconds: the lockup detectors have to wait
 *  longer, a real lockup lasts. */
std::string kernelArguments(const BootPlan& plan) {
  std::string text = "console=ttyS0,115200 panic=-1 ignore_loglevel printk.devkmsg=on net.ifnames=0 no_timer_check"
                     " unknown_nmi_panic panic_print=0x41";
  if (plan.accelerator == "tcg") text += " watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=150";
  if (!plan.kernelArguments.empty()) text += " " + plan.kernelArguments;
  return text;
}

/**
 * The emulated CPU has no CMPXCHG16B. QEMU 7.2's helper for it takes the flags from a state that the
 * instructions just before it have already left (no gen_update_cc_op() ahead of the call), and an
 * interrupt right after it pushes a pointer for flags: now and then a guest's kernel dies of a double fault.
 * Its allocator uses the instruction for each object.
 */
std::string cpuModel(const BootPlan& plan) {
  return plan.accelerator == "kvm" ? "host" : fmt::format("max,-cx16{}", plan.cpuProperties);
}

std::vector<std::string> qemuCommandLine(const BootPlan& plan, const std::vector<Descriptors>& taps) {
  const auto file = [&](const char* name) { return (plan.folder / name).string(); };
  std::vector<std::string> argv = {
      "qemu-system-x86_64", "-M", plan.machine + ",accel=" + plan.accelerator,
      "-cpu", cpuModel(plan),
      "-smp", std::to_string(plan.cpus), "-m", std::to_string(plan.memoryMiB),
      "-nodefaults", "-display", "none", "-no-reboot",
      "-kernel", plan.kernel.string(), "-initrd", plan.initramfs.string(),
      "-append", kernelArguments(plan),
      "-chardev", "file,id=console,path=" + file("console"), "-serial", "chardev:console",
      "-qmp", "unix:" + file("qmp") + ",server=on,wait=off",
      "-device", "virtio-serial-pci,id=ports"};
  addPort(argv, port::command, "socket,path=" + file("cmd") + ",server=on,wait=off");
  addPort(argv, port::events, "file,path=" + file("events"));
  addPort(argv, port::log, "file,path=" + file("log"));
  addPort(argv, port::status, "file,path=" + file("status"));
  addNics(argv, plan.nics, taps);
  addSinks(argv, plan);
  addDisks(argv, plan);
  addSound(argv, plan);
  argv.insert(argv.end(), plan.qemuArguments.begin(), plan.qemuArguments.end());
  return argv;
}

/** Is this the moment to cut the power? If so QEMU is held. */
bool isMomentToCut(const BootPlan& plan, QemuProcess& qemu) {
  const auto events = plan.folder / "events";
  if (!plan.cutWhen || !plan.cutWhen(readIfThere(events))) return false;
  qemu.hold(true);
  if (plan.cutWhen(readIfThere(events))) return true;
  qemu.hold(false);
  return false;
}

/** The guest is silent: have its kernel say why, if it can. */
void interrogate(QemuProcess& qemu, Hardware& hardware) {
  hardware.interrupt();
  for (const auto end = Clock::now() + answerLimit; !qemu.poll() && Clock::now() < end; std::this_thread::sleep_for(pollStep))
    hardware.serve();
}

}  // namespace

fs::path soundFile(const fs::path& folder) { return folder / "sound.wav"; }

BootResult boot(const BootPlan& plan, const LogSink& sink) {
  const auto taps = openTaps(plan.nics);
  std::vector<int> inherited;
  for (const auto& tap : taps) inherited.insert(inherited.end(), tap.fds().begin(), tap.fds().end());
  const auto argv = qemuCommandLine(plan, taps);
  BootResult result;
  result.qemuCommand = fmt::format("{}", fmt::join(argv, " "));
  for (const char* name : {"console", "cmd", "events", "log", "status", "qmp"}) fs::remove(plan.folder / name);
  const std::string order = nlohmann::json{{"argv", plan.command},
                                           {"env", plan.environment},
                                           {"limit_s", plan.commandLimit.count()},
                                           {"reset", plan.resetAtEnd}}
                                .dump() + "\n";
  makeDisks(plan);
  const auto start = Clock::now();
  auto end = start + plan.commandLimit + plan.bootLimit;
  bool reported = false;
  QemuProcess qemu(argv, plan.folder / "qemu.err", inherited);
  OutPort command(plan.folder / "cmd");
  Hardware hardware(plan.folder);
  Follower log(plan.folder / "log");
  std::optional<int> exit;
  while (!exit && Clock::now() < end) {
    if (!command.sent()) command.trySend(order);
    hardware.serve();
    if (const auto text = log.more(); sink && !text.empty()) sink(text);
    std::this_thread::sleep_for(pollStep);
    exit = qemu.poll();
    if (!exit && (result.cut = isMomentToCut(plan, qemu))) break;
    if (!reported && hasContents(plan.folder / "status")) {
      reported = true;
      end = Clock::now() + plan.powerOffLimit;
    }
  }
  result.hostKilled = !exit && !result.cut;
  if (result.hostKilled && plan.interrogate) interrogate(qemu, hardware);
  qemu.end();
  removeDisks(plan);
  if (const auto text = log.more(); sink && !text.empty()) sink(text);
  result.qemuExit = exit.value_or(-1);
  result.console = readIfThere(plan.folder / "console");
  result.events = readIfThere(plan.folder / "events");
  result.log = readIfThere(plan.folder / "log");
  result.status = readIfThere(plan.folder / "status");
  result.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
  if (result.qemuExit == 127) throw Error("qemu-system-x86_64 could not be started");
  if (result.qemuExit == 1 && result.console.empty())
    throw Error("QEMU refused: " + readIfThere(plan.folder / "qemu.err") + "\n" + result.qemuCommand);
  return result;
}

namespace {

bool kvmBoots(const fs::path& kernel, const fs::path& init) {
  if (access("/dev/kvm", R_OK | W_OK) != 0) return false;
  TempDir folder;
  Cpio archive;
  for (const char* name : {"dev", "proc", "sys"}) archive.addFolder(name);
  archive.addCharDevice("dev/console", 5, 1);
  archive.addFile("init", readFile(init), 0755);
  writeFile(folder.path() / "initramfs", archive.finish());
  BootPlan plan;
  plan.kernel = kernel;
  plan.initramfs = folder.path() / "initramfs";
  plan.accelerator = "kvm";
  plan.interrogate = false;
  plan.memoryMiB = 256;
  plan.kernelArguments = fmt::format("-- --probe={}", probeMark);
  plan.folder = folder.path();
  plan.commandLimit = probeLimit;
  plan.bootLimit = Seconds(0);
  try {
    const auto result = boot(plan);
    return !result.hostKilled && result.console.find(fmt::format("probe: {}", probeMark)) != std::string::npos;
  } catch (const Error&) {
    return false;  // no KVM for this user, or a QEMU without it
  }
}

}  // namespace

std::string chooseAccelerator(const fs::path& kernel, const fs::path& init) {
  if (const char* wanted = std::getenv("LU_ACCEL"); wanted != nullptr && *wanted != '\0') return wanted;
  const auto note = cacheFolder() / "qemu-accelerator";
  const auto thisBoot = trim(readFile("/proc/sys/kernel/random/boot_id"));
  if (fs::exists(note)) {
    const auto words = split(trim(readFile(note)), ' ');
    if (words.size() == 2 && words[0] == thisBoot) return words[1];
  }
  const std::string accelerator = kvmBoots(kernel, init) ? "kvm" : "tcg";
  writeFile(note, fmt::format("{} {}\n", thisBoot, accelerator));
  return accelerator;
}

}  // namespace luq
