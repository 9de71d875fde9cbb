// SPDX-License-Identifier: GPL-2.0-or-later
// SystemKernel: a trigger's write, seen through to its end.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "descriptor.h"
#include "system_kernel.h"

namespace luctl {
namespace {

/// After this long without an answer the user is told that we still wait.
constexpr std::chrono::seconds kSilence{30};

/// Holds SIGINT, SIGTERM and SIGHUP back as long as it lives. Those that take() has seen are used
/// up.
class HeldSignals {
 public:
  HeldSignals() {
    sigemptyset(&set_);
    for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
    pending_ = Descriptor(::signalfd(-1, &set_, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  ~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  int fd() const { return pending_.get(); }
  /// Takes the signals that have come in; true when there were any.
  bool take() {
    bool any = false;
    signalfd_siginfo info;
    while (::read(pending_.get(), &info, sizeof(info)) == sizeof(info)) any = true;
    return any;
  }

 private:
  sigset_t set_, before_;
  Descriptor pending_;
};

/// Waits for @p done; meanwhile answers Ctrl-C with words instead of with dying.
void wait_for_answer(const Descriptor& done, HeldSignals& signals, const Note& note) {
  pollfd events[2] = {{done.get(), POLLIN, 0}, {signals.fd(), POLLIN, 0}};
  int limit = std::chrono::milliseconds(kSilence).count();
  for (;;) {
    int ready = ::poll(events, 2, limit);
    if (ready < 0 && errno != EINTR) return;  // the thread's join waits just as well
    if (ready == 0) note("still waiting for the kernel (see dmesg)");
    if (ready > 0 && events[1].revents && signals.take())
      note("update in progress, will finish; the exit status tells how it went");
    if (ready > 0 && events[0].revents) return;
  }
}

}  // namespace

Result<void> SystemKernel::trigger(const std::string& path, const Note& note) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return sys_error(errno, path);
  Descriptor done(::eventfd(0, EFD_CLOEXEC));
  if (!done) return sys_error(errno, "eventfd");
  // The driver in question may be that of the disk we run from: no page of ours may have to come
  // from there. Where the limit on locked memory forbids it, the update is no worse off than that
  // of any other process.
  (void)::mlockall(MCL_CURRENT);

  HeldSignals signals;
  int status = 0;
  // The thread inherits the mask, so its write cannot be interrupted by what we hold back.
  std::thread writer([&] {
    if (::write(file.get(), "1", 1) < 0) status = errno;
    uint64_t one = 1;
    (void)!::write(done.get(), &one, sizeof(one));
  });
  wait_for_answer(done, signals, note);
  writer.join();
  (void)::munlockall();
  if (status != 0) return sys_error(status, path);
  return {};
}

}  // namespace luctl
