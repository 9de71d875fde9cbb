// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/aio_abi.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "block/disk_world.h"
#include "disks.h"
#include "emit.h"
#include "meter.h"
#include "support/process.h"

namespace lub {

namespace {

using lug::Failure;

constexpr std::size_t requestBytes = 4096;
constexpr off_t span = 64 << 20;                 ///< part of the disk that is used
constexpr unsigned warmUp = 50;
constexpr std::uint64_t settleWindow = 100'000;  ///< instructions; longer than a completed request's work
constexpr unsigned patience = 20'000;            ///< windows until a request counts as lost

/** One request at a time past the page cache, never waiting for it in the kernel: the CPU must not idle. */
class Requests {
 public:
  Requests(const std::string& node, const Meter& meter)
      : meter_(meter), fd_(open(node.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC)),
        data_(static_cast<char*>(std::aligned_alloc(requestBytes, requestBytes))) {
    if (fd_ < 0) throw Failure(fmt::format("open {}: {}", node, std::strerror(errno)));
    if (syscall(SYS_io_setup, 1, &context_) != 0) throw Failure(fmt::format("io_setup: {}", std::strerror(errno)));
    std::memset(data_, 0x5a, requestBytes);
  }
  ~Requests() {
    syscall(SYS_io_destroy, context_);
    std::free(data_);
    close(fd_);
  }
  Requests(const Requests&) = delete;
  Requests& operator=(const Requests&) = delete;

  /** Instructions from the system call to the end of all that completion causes. */
  std::uint64_t count(std::uint16_t operation) {
    iocb request{};
    request.aio_lio_opcode = operation;
    request.aio_fildes = static_cast<std::uint32_t>(fd_);
    request.aio_buf = reinterpret_cast<std::uintptr_t>(data_);
    request.aio_nbytes = requestBytes;
    request.aio_offset = at_;
    at_ = (at_ + requestBytes) % span;
    iocb* list[] = {&request};
    const auto before = Meter::now();
    if (syscall(SYS_io_submit, context_, 1, list) != 1) throw Failure(fmt::format("io_submit: {}", std::strerror(errno)));
    auto spent = Meter::now() - before;
    for (unsigned i = 0; i < patience; ++i) {
      spent += meter_.absorb(settleWindow);
      if (completed()) return spent + meter_.absorb(settleWindow);
    }
    throw Failure("a request does not end");
  }

 private:
  bool completed() const {
    io_event event{};
    timespec now{};
    const auto n = syscall(SYS_io_getevents, context_, 0, 1, &event, &now);
    if (n == 1 && event.res != static_cast<std::int64_t>(requestBytes))
      throw Failure(fmt::format("a request ended with {}", event.res));
    return n == 1;
  }

  const Meter& meter_;
  int fd_;
  aio_context_t context_ = 0;
  char* data_;
  off_t at_ = 0;
};

Json summary(std::vector<std::uint64_t> counts) {
  std::sort(counts.begin(), counts.end());
  return Json{{"median", counts[counts.size() / 2]}, {"min", counts.front()}, {"max", counts.back()}};
}

void measure(const RequestPlan& plan, const lug::DiskWorld& world, const Meter& meter, const char* way, unsigned round) {
  Requests requests(world.disks().front().node, meter);
  std::vector<std::uint64_t> reads, writes;
  for (unsigned i = 0; i < warmUp + plan.requests; ++i) {
    const auto read = requests.count(IOCB_CMD_PREAD), write = requests.count(IOCB_CMD_PWRITE);
    if (i < warmUp) continue;
    reads.push_back(read);
    writes.push_back(write);
  }
  emit({{"kind", "requests"},
        {"driver", plan.driver},
        {"way", way},
        {"round", round},
        {"requests", plan.requests},
        {"read", summary(reads)},
        {"write", summary(writes)}});
}

}  // namespace

void measureRequests(const RequestPlan& plan) {
  const Meter meter;
  for (unsigned round = 0; round < plan.rounds; ++round) {
    {
      lug::DiskWorld world(plan.driver, {.managed = false, .formatted = 0});
      measure(plan, world, meter, "native", round);
      world.close();
    }
    lug::DiskWorld world(plan.driver, {.formatted = 0});
    measure(plan, world, meter, "managed", round);
    // To the same binary, so that any difference is ours and not the driver's.
    world.managed().updateTo(lug::versionNamed(plan.driver, "stock"));
    measure(plan, world, meter, "updated", round);
    world.close();
  }
}

}  // namespace lub
