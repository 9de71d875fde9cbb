// SPDX-License-Identifier: GPL-2.0
#include "block/heavy_io.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <random>
#include <vector>

#include "block/blocks.h"

namespace lug {

namespace {

[[noreturn]] void fail(const std::string& what) { throw Failure(fmt::format("{}: {}", what, std::strerror(errno))); }

/** A descriptor that closes itself. */
class Fd {
 public:
  Fd(int fd, const std::string& what) : fd_(fd) {
    if (fd_ < 0) fail(what);
  }
  ~Fd() { close(fd_); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

/** Mapped memory that unmaps itself. */
class Mapping {
 public:
  Mapping(std::size_t bytes, int fd, off_t at, int flags) : bytes_(bytes) {
    base_ = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, fd, at);
    if (base_ == MAP_FAILED) fail("mmap");
  }
  ~Mapping() { munmap(base_, bytes_); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  template <typename T>
  T* at(std::size_t offset) const {
    return reinterpret_cast<T*>(static_cast<char*>(base_) + offset);
  }

 private:
  std::size_t bytes_;
  void* base_;
};

std::size_t ringBytes(const io_uring_params& p) {
  return std::max<std::size_t>(p.sq_off.array + p.sq_entries * sizeof(unsigned),
                               p.cq_off.cqes + p.cq_entries * sizeof(io_uring_cqe));
}

/** The least of io_uring that reads and writes; the system calls are used as they are. */
class Ring {
 public:
  explicit Ring(unsigned entries)
      : fd_(static_cast<int>(syscall(__NR_io_uring_setup, entries, &params_)), "io_uring_setup"),
        rings_(ringBytes(params_), fd_.get(), IORING_OFF_SQ_RING, MAP_SHARED | MAP_POPULATE),
        sqes_(params_.sq_entries * sizeof(io_uring_sqe), fd_.get(), IORING_OFF_SQES, MAP_SHARED | MAP_POPULATE) {
    if ((params_.features & IORING_FEAT_SINGLE_MMAP) == 0) throw Failure("io_uring: two mappings");
  }

  void queue(bool write, int file, void* data, unsigned bytes, std::uint64_t offset, std::uint64_t tag) {
    auto* tail = rings_.at<unsigned>(params_.sq_off.tail);
    const unsigned slot = *tail & (params_.sq_entries - 1);
    auto* sqe = sqes_.at<io_uring_sqe>(slot * sizeof(io_uring_sqe));
    *sqe = {};
    sqe->opcode = write ? IORING_OP_WRITE : IORING_OP_READ;
    sqe->fd = file;
    sqe->addr = reinterpret_cast<std::uint64_t>(data);
    sqe->len = bytes;
    sqe->off = offset;
    sqe->user_data = tag;
    rings_.at<unsigned>(params_.sq_off.array)[slot] = slot;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
    ++queued_;
  }

  /** Hand over what was queued and wait for at least one completion. */
  void enter() {
    const long n = syscall(__NR_io_uring_enter, fd_.get(), queued_, 1, IORING_ENTER_GETEVENTS, nullptr, 0);
    if (n < 0 && errno != EINTR) fail("io_uring_enter");
    if (n > 0) queued_ -= static_cast<unsigned>(n);
  }

  /** The next completion, if there is one. */
  bool next(io_uring_cqe& out) {
    auto* head = rings_.at<unsigned>(params_.cq_off.head);
    if (*head == __atomic_load_n(rings_.at<unsigned>(params_.cq_off.tail), __ATOMIC_ACQUIRE)) return false;
    out = rings_.at<io_uring_cqe>(params_.cq_off.cqes)[*head & (params_.cq_entries - 1)];
    __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
    return true;
  }

 private:
  io_uring_params params_{};
  Fd fd_;
  Mapping rings_, sqes_;
  unsigned queued_ = 0;
};

/** One request under way. */
struct Slot {
  Block data = makeBlock();
  std::uint64_t index = 0;
  bool write = false;
};

/** Which blocks hold what, and which are being worked on. */
struct Board {
  explicit Board(std::uint64_t blocks) : turns(blocks, 0), busy(blocks, false) {}
  std::vector<std::uint64_t> turns;  ///< 0: not written yet
  std::vector<bool> busy;
};

}  // namespace

void UringWork::start() {
  spawn(Side::dut, [this] { loop(); });
}

void UringWork::loop() {
  const Fd file(open(node_.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC), node_);
  Ring ring(2 * depth);
  Board board(bytes_ / blockBytes);
  std::array<Slot, depth> slots;
  std::mt19937_64 random(17);
  unsigned underWay = 0;

  const auto begin = [&](std::size_t number) {
    auto& slot = slots[number];
    do slot.index = random() % board.turns.size();
    while (board.busy[slot.index]);
    board.busy[slot.index] = true;
    slot.write = board.turns[slot.index] == 0 || random() % 2 == 0;
    if (slot.write) fill(slot.data.get(), blockBytes, slot.index, board.turns[slot.index] + 1);
    ring.queue(slot.write, file.get(), slot.data.get(), blockBytes, slot.index * blockBytes, number);
    ++underWay;
  };
  const auto end = [&](const io_uring_cqe& done) {
    auto& slot = slots[done.user_data];
    --underWay;
    board.busy[slot.index] = false;
    if (done.res != static_cast<int>(blockBytes))
      problem(fmt::format("{}: {} of block {}: {}", node_, slot.write ? "write" : "read", slot.index, done.res));
    else if (slot.write)
      ++board.turns[slot.index];
    else if (!holds(slot.data.get(), blockBytes, slot.index, board.turns[slot.index]))
      problem(fmt::format("{}: block {} is not as written", node_, slot.index));
    advance();
  };

  for (std::size_t i = 0; i < depth; ++i) begin(i);
  while (underWay != 0) {
    ring.enter();
    for (io_uring_cqe done; ring.next(done);) {
      end(done);
      if (!stopping()) begin(done.user_data);
    }
  }
  const auto block = makeBlock();
  for (std::uint64_t i = 0; i < board.turns.size(); ++i) {
    if (board.turns[i] == 0) continue;
    if (pread(file.get(), block.get(), blockBytes, static_cast<off_t>(i * blockBytes)) != static_cast<ssize_t>(blockBytes))
      fail(node_);
    if (!holds(block.get(), blockBytes, i, board.turns[i]))
      problem(fmt::format("{}: in the end block {} is not as written", node_, i));
  }
}

namespace {

/** A line "NAME:  123 kB" or "NAME 123" of a file in /proc. */
std::uint64_t figure(const std::string& file, const std::string& name) {
  for (const auto& line : split(mustRead(file), '\n')) {
    const auto words = split(line, ' ');
    if (words.size() >= 2 && words[0] == name) return std::stoull(words[1]);
  }
  throw Failure(fmt::format("{} has no {}", file, name));
}

std::uint64_t kilobytesOf(const std::string& name) { return figure("/proc/meminfo", name); }

}  // namespace

std::uint64_t pagesSwappedOut() { return figure("/proc/vmstat", "pswpout"); }

void MemoryWork::start() {
  spawn(Side::dut, [this] { loop(); });
}

void MemoryWork::loop() {
  constexpr std::uint64_t step = (48 << 20) / blockBytes;
  constexpr std::uint64_t wantedEachTurn = 1000;
  const std::uint64_t available = kilobytesOf("MemAvailable:") * 1024 / blockBytes;
  const std::uint64_t most = available + kilobytesOf("SwapFree:") * 1024 / blockBytes * 3 / 4;
  std::uint64_t pages = std::min(available + step, most);
  const Mapping memory(most * blockBytes, -1, 0, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
  std::vector<std::uint64_t> turns(most, 0);
  while (!stopping()) {
    const auto before = pagesSwappedOut();
    for (std::uint64_t page = 0; page < pages && !stopping(); ++page) {
      auto* words = memory.at<std::uint64_t>(page * blockBytes);
      auto& turn = turns[page];
      if (turn != 0 && (words[0] != page || words[511] != turn))
        problem(fmt::format("page {} holds {} {} instead of {} {}", page, words[0], words[511], page, turn));
      words[0] = page;
      words[511] = ++turn;
      if (page % 16 == 0) advance();
    }
    if (pagesSwappedOut() - before < wantedEachTurn) pages = std::min(pages + step, most);
  }
}

}  // namespace lug
