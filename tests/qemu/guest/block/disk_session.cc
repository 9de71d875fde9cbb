// SPDX-License-Identifier: GPL-2.0
#include "disk_session.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "block/database.h"
#include "support/differences.h"
#include "support/register.h"

namespace lug {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/** Everything takes longer on a debug kernel, the first blocks most of all. */
seconds progressLimit() {
  const char* factor = std::getenv("LU_SLOWNESS");
  return 30s * (factor != nullptr ? std::stol(factor) : 1);
}

constexpr int syslogReadAll = 3;

/** Files of @p folder as name -> contents; what cannot be read has no value. */
void addFiles(Json& to, const fs::path& folder, const std::string& prefix) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const auto name = entry.path().filename().string();
    if (entry.is_symlink() || !entry.is_regular_file()) continue;
    if (name == "stat" || name == "inflight" || name == "uevent" || name == "io_poll_delay") continue;
    to[prefix + name] = slurp(entry.path()).value_or("(no value)");
  }
}

void addNames(Json& to, const fs::path& folder, const std::string& key) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  to[key] = fmt::format("{}", fmt::join(names, " "));
}

Json stateOf(const DiskUnderTest& disk) {
  Json state;
  const fs::path folder = "/sys/block/" + disk.name;
  std::error_code failed;
  state["place"] = fs::canonical(folder, failed).string();
  addFiles(state, folder, "");
  addFiles(state, folder / "queue", "queue/");
  for (const char* name : {"holders", "slaves", "mq"}) addNames(state, folder / name, name);
  struct stat node {};
  stat(disk.node.c_str(), &node);
  state["node"] = fmt::format("{}:{} {:o}", major(node.st_rdev), minor(node.st_rdev), node.st_mode);
  const int fd = open(disk.node.c_str(), O_RDONLY | O_CLOEXEC);
  int blockSize = 0, readOnly = 0;
  unsigned physical = 0;
  if (fd >= 0 && ioctl(fd, BLKSSZGET, &blockSize) == 0 && ioctl(fd, BLKROGET, &readOnly) == 0 &&
      ioctl(fd, BLKPBSZGET, &physical) == 0)
    state["blocks"] = fmt::format("{} {} {}", blockSize, physical, readOnly);
  if (fd >= 0) close(fd);
  return state;
}

/** Requests read and written so far, as /proc/diskstats tells. */
Json takeCounters(const std::vector<DiskUnderTest>& disks) {
  Json counters;
  for (const auto& disk : disks) {
    const auto words = split(mustRead("/sys/block/" + disk.name + "/stat"), ' ');
    counters[disk.name + " reads"] = std::stoull(words.at(0));
    counters[disk.name + " writes"] = std::stoull(words.at(4));
  }
  return counters;
}

}  // namespace

Json takeDiskState(const std::vector<DiskUnderTest>& disks) {
  Json all;
  for (const auto& disk : disks) all[disk.name] = stateOf(disk);
  std::vector<std::string> lines;
  for (const auto& line : split(mustRead("/proc/partitions"), '\n')) lines.push_back(line);
  all["partitions"] = lines;
  all["mounts"] = split(mustRead("/proc/mounts"), '\n');
  all["majors"] = split(mustRead("/proc/devices"), '\n');
  return all;
}

std::vector<std::string> diskErrorsInLog() {
  std::string text(1 << 20, '\0');
  const int n = klogctl(syslogReadAll, text.data(), static_cast<int>(text.size()));
  if (n < 0) throw Failure("cannot read the kernel's log");
  text.resize(static_cast<std::size_t>(n));
  std::vector<std::string> found;
  for (const auto& line : split(text, '\n'))
    for (const char* word : {"I/O error", "EXT4-fs error", "EXT4-fs warning", "Aborting journal", "JBD2: Error",
                             "critical medium", "lost async page write", "lost sync page write"})
      if (line.find(word) != line.npos) {
        found.push_back(line);
        break;
      }
  return found;
}

DiskSession::DiskSession(std::vector<DiskUnderTest> disks, const std::function<void(WorkloadSet&)>& more)
    : disks_(std::move(disks)) {
  std::vector<std::string> names;
  for (const auto& disk : disks_) {
    names.push_back(disk.name);
    if (!disk.folder.empty()) {
      work_.add<FileWork>("files on " + disk.name, disk.folder);
      work_.add<BlockWork>("blocks on " + disk.name, disk.folder + "/blocks");
      work_.add<DatabaseWork>("database on " + disk.name, disk.folder + "/ledger");
    }
    work_.add<DiskReader>("reader of " + disk.name, disk.node);
  }
  if (more) more(work_);
  work_.add<DiskWatch>("uevents", names);
  work_.start();
  expectNone("before the test", work_.awaitProgress(progressLimit()));
  state_ = takeDiskState(disks_);
  counters_ = takeCounters(disks_);
}

std::vector<std::string> DiskSession::unwantedErrors() const {
  auto lines = diskErrorsInLog();
  for (const auto& name : failing_)
    std::erase_if(lines, [&](const auto& line) { return line.find(name) != line.npos; });
  return lines;
}

void DiskSession::check(const std::string& when) {
  expectNone(when, work_.awaitProgress(progressLimit()));
  expectNone(when, differencesOf(state_, takeDiskState(disks_)));
  const auto counters = takeCounters(disks_);
  for (const auto& [name, value] : counters.items())
    EXPECT_GE(value.get<std::uint64_t>(), counters_.at(name).get<std::uint64_t>()) << name << " step back " << when;
  counters_ = counters;
  expectNone(when, work_.problems());
  expectNone(when, unwantedErrors());
}

Json DiskSession::finish() {
  work_.stop();
  expectNone("work on the disks", work_.problems());
  expectNone("at the end", unwantedErrors());
  return work_.measured();
}

}  // namespace lug
