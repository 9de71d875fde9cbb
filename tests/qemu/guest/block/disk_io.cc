// SPDX-License-Identifier: GPL-2.0
#include "disk_io.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <random>

#include "block/blocks.h"

namespace lug {

namespace {

constexpr std::size_t fileBytes = 192 * 1024;
constexpr std::uint64_t filesKept = 40;
constexpr std::uint64_t blocks = 2048;
constexpr int watchStepMs = 20;

/** A descriptor; every call that fails ends the workload with a problem that names it. */
class File {
 public:
  File(const std::string& path, int flags) : path_(path), fd_(open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    check(fd_, "open");
  }
  ~File() { close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

  void write(const void* data, std::size_t size, off_t at) {
    const ssize_t n = pwrite(fd_, data, size, at);
    check(n, "write");
    if (n != static_cast<ssize_t>(size)) throw Failure(fmt::format("{}: short write at {}", path_, at));
  }
  void read(void* data, std::size_t size, off_t at) {
    const ssize_t n = pread(fd_, data, size, at);
    check(n, "read");
    if (n != static_cast<ssize_t>(size)) throw Failure(fmt::format("{}: short read at {}", path_, at));
  }
  void sync() { check(fsync(fd_), "fsync"); }
  /** What is read next comes from the disk. */
  void forget() { check(-posix_fadvise(fd_, 0, 0, POSIX_FADV_DONTNEED), "fadvise"); }

 private:
  void check(ssize_t result, const char* what) {
    if (result < 0) throw Failure(fmt::format("{} {}: {}", what, path_, std::strerror(errno)));
  }
  std::string path_;
  int fd_;
};

}  // namespace

void FileWork::start() {
  spawn(Side::dut, [this] { loop(); });
}

void FileWork::loop() {
  while (!stopping()) {
    writeFile(next_++);
    if (next_ - oldest_ > filesKept) {
      verifyFile(oldest_);
      unlink(path(oldest_++).c_str());
    } else {
      verifyFile(oldest_ + next_ * 7 % (next_ - oldest_));
    }
    advance();
  }
}

std::string FileWork::path(std::uint64_t number) const { return fmt::format("{}/file{}", folder_, number); }

void FileWork::writeFile(std::uint64_t number) {
  const auto data = makeBlock(fileBytes);
  fill(data.get(), fileBytes, number, 0);
  File file(path(number), O_CREAT | O_TRUNC | O_WRONLY);
  file.write(data.get(), fileBytes, 0);
  file.sync();
}

void FileWork::verifyFile(std::uint64_t number) {
  const auto data = makeBlock(fileBytes);
  File file(path(number), O_RDONLY);
  file.forget();
  file.read(data.get(), fileBytes, 0);
  if (!holds(data.get(), fileBytes, number, 0)) problem(fmt::format("{}: what was written is not there", path(number)));
  ++verified_;
}

void FileWork::stop() {
  joinAll();
  try {
    for (auto number = oldest_; number < next_; ++number) verifyFile(number);
  } catch (const std::exception& e) {
    problem(e.what());
  }
}

Json FileWork::measured() const {
  auto json = Workload::measured();
  json["verified"] = verified_.load();
  return json;
}

void BlockWork::start() {
  spawn(Side::dut, [this] { loop(); });
}

void BlockWork::loop() {
  const auto block = makeBlock(blockBytes);
  std::vector<std::uint64_t> turns(blocks, 0);
  {
    File file(file_, O_CREAT | O_RDWR);
    for (std::uint64_t i = 0; i < blocks; ++i) {
      fill(block.get(), blockBytes, i, 0);
      file.write(block.get(), blockBytes, static_cast<off_t>(i * blockBytes));
    }
    file.sync();
  }
  File file(file_, O_RDWR | O_DIRECT);
  std::mt19937_64 random(42);
  while (!stopping()) {
    const auto index = random() % blocks;
    const auto at = static_cast<off_t>(index * blockBytes);
    if (random() % 2 == 0) {
      fill(block.get(), blockBytes, index, ++turns[index]);
      file.write(block.get(), blockBytes, at);
    } else {
      file.read(block.get(), blockBytes, at);
      if (!holds(block.get(), blockBytes, index, turns[index]))
        problem(fmt::format("{}: block {} is not as written", file_, index));
    }
    advance();
  }
  for (std::uint64_t index = 0; index < blocks; ++index) {
    file.read(block.get(), blockBytes, static_cast<off_t>(index * blockBytes));
    if (!holds(block.get(), blockBytes, index, turns[index]))
      problem(fmt::format("{}: in the end block {} is not as written", file_, index));
  }
}

void DiskReader::start() {
  spawn(Side::dut, [this] { loop(); });
}

void DiskReader::loop() {
  const auto block = makeBlock(blockBytes);
  File disk(node_, O_RDONLY | O_DIRECT);
  std::uint64_t bytes = 0;
  if (ioctl(disk.fd(), BLKGETSIZE64, &bytes) != 0) throw Failure(node_ + ": size unknown");
  std::mt19937_64 random(7);
  while (!stopping()) {
    disk.read(block.get(), blockBytes, static_cast<off_t>(random() % (bytes / blockBytes) * blockBytes));
    hd_geometry geometry{};
    if (ioctl(disk.fd(), HDIO_GETGEO, &geometry) != 0)
      problem(fmt::format("{}: geometry: {}", node_, std::strerror(errno)));
    std::uint64_t now = 0;
    if (ioctl(disk.fd(), BLKGETSIZE64, &now) != 0 || now != bytes)
      problem(fmt::format("{}: size {} instead of {}", node_, now, bytes));
    advance();
  }
}

void DiskWatch::start() {
  fd_ = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = 1;
  if (fd_ < 0 || bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw Failure(fmt::format("uevent socket: {}", std::strerror(errno)));
  spawn(Side::dut, [this] { loop(); });
}

void DiskWatch::loop() {
  char buffer[8192];
  for (bool last = false; !last;) {
    last = stopping();  // what is queued by then is still looked at
    pollfd wait{fd_, POLLIN, 0};
    poll(&wait, 1, watchStepMs);
    for (ssize_t n; (n = recv(fd_, buffer, sizeof buffer, 0)) > 0;)
      judge(std::string(buffer, static_cast<std::size_t>(n)));
    if (errno == ENOBUFS) problem("uevents were lost");
  }
  close(fd_);
}

void DiskWatch::judge(const std::string& event) {
  const auto fields = split(event, '\0');
  std::string action, device;
  bool block = false;
  for (const auto& field : fields) {
    if (field.starts_with("ACTION=")) action = field.substr(7);
    if (field.starts_with("DEVNAME=")) device = field.substr(8);
    if (field == "SUBSYSTEM=block") block = true;
  }
  if (!block) return;
  for (const auto& disk : disks_)
    if (device.starts_with(disk)) problem(fmt::format("uevent {} {}", action, device));
}

}  // namespace lug
