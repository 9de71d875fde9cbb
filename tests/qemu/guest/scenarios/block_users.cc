// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Those who need the disk most: the root file system with lu-ctl on it, the swap area, what is stacked on a disk.
 */
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <regex>

#include "block/disk_root.h"
#include "block/heavy_io.h"
#include "block/tools.h"
#include "scenarios/block_common.h"
#include "support/register.h"

namespace lug {
namespace {

using namespace std::chrono_literals;

constexpr auto verbLimit = 120s;
constexpr auto swapLimit = 240s;
constexpr auto copyLimit = 120s;
constexpr std::uint64_t MiB = 1 << 20;

/** A swap area on a whole disk. */
class SwapArea {
 public:
  explicit SwapArea(std::string node) : node_(std::move(node)) {
    must({"mkswap", node_});
    must({"swapon", node_});
  }
  ~SwapArea() { run({"swapoff", node_}, copyLimit); }
  SwapArea(const SwapArea&) = delete;
  SwapArea& operator=(const SwapArea&) = delete;

 private:
  std::string node_;
};

/** Writes of those who made memory free that live update kept while there was no driver, in the updates that the driver's
 *  timeline goes back to. */
unsigned biosKept(const std::string& driver) {
  static const std::regex line(R"((\d+) bios of who made memory free go on)");
  const auto timeline = mustRead("/sys/kernel/debug/liveupdate/" + driver + "/timeline");
  unsigned sum = 0;
  for (std::sregex_iterator i(timeline.begin(), timeline.end(), line), end; i != end; ++i) sum += std::stoul((*i)[1]);
  return sum;
}

/** lu-ctl, and the driver it is to load, are on the disk whose driver goes; and memory is so short that
 *  pages have to go to another disk of the same driver for anything to be had. */
LU_SCENARIO(block, root_and_swap) {
  DiskWorld world(context.driver, {.disks = disksOf(context), .formatted = 1});
  auto& driver = world.managed();
  const auto [own, other] = acceptedVersions(driver);
  {
    const DiskRoot root(world.disks().at(0).folder, context.driver);
    const SwapArea swap(world.disks().at(1).node);
    const auto swappedBefore = pagesSwappedOut();
    DiskSession session({world.disks().at(0)}, [](WorkloadSet& work) { work.add<MemoryWork>("memory"); });
    EXPECT_TRUE(waitUntil(swapLimit, [&] { return pagesSwappedOut() > swappedBefore + 2000; }))
        << pagesSwappedOut() - swappedBefore << " pages were swapped out\n" << mustRead("/proc/meminfo");
    Pauses pauses;
    for (unsigned i = 0; i < context.count; ++i) {
      const auto& version = i % 2 == 0 ? other : own;
      Argv update = {"update", context.driver};
      update.insert(update.end(), version.files.begin(), version.files.end());
      must(root.luCtl(update), verbLimit);
      EXPECT_TRUE(driver.runs(version)) << driver.story();
      EXPECT_EQ(driver.attribute("last/result"), "updated") << driver.story();
      pauses.add(driver);
      must(root.luCtl({"commit", context.driver}), verbLimit);
      session.check(fmt::format("after update {} from the disk itself", i + 1));
      if (testing::Test::HasFailure()) break;
    }
    pauses.record();
    note(fmt::format("{} bios of those who made memory free were kept", biosKept(context.driver)));
    testing::Test::RecordProperty("pages_swapped_out", std::to_string(pagesSwappedOut() - swappedBefore));
    endSession(session);
  }
  world.close();
}

/** What others think of the disk: fio with its own verification, by io_uring with 32 requests under way, and a
 *  compiler, whose output is the same each time. */
LU_SCENARIO(block, fio_and_compiler) {
  DiskWorld world(context.driver, {.disks = disksOf(context)});
  auto& driver = world.managed();
  const auto [own, other] = acceptedVersions(driver);
  const auto& folder = world.disks().at(0).folder;
  DiskSession session(world.disks(), [&](WorkloadSet& work) {
    work.add<FioWork>("fio", folder);
    work.add<CompilerWork>("compiler", folder);
  });
  Pauses pauses;
  for (unsigned i = 0; i < context.count; ++i) {
    driver.replaceBy(i % 2 == 0 ? other : own);
    pauses.add(driver);
    session.check(fmt::format("after update {}", i + 1));
    if (testing::Test::HasFailure()) break;
  }
  pauses.record();
  endSession(session);
  world.close();
}

/** A mapping of the device mapper. */
class Mapped {
 public:
  Mapped(std::string name, const std::string& table) : name_(std::move(name)) {
    must({"dmsetup", "--noudevsync", "create", name_, "--table", table});
    // The kernel's own name: nobody runs who would make the one in /dev/mapper.
    const auto minor = must({"dmsetup", "info", "-c", "--noheadings", "-o", "minor", name_});
    node_ = "/dev/dm-" + minor.substr(0, minor.find('\n'));
  }
  ~Mapped() { run({"dmsetup", "--noudevsync", "remove", "--retry", name_}); }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  const std::string& node() const { return node_; }

 private:
  std::string name_, node_;
};

class Mounted {
 public:
  Mounted(std::string node, std::string folder) : node_(std::move(node)), folder_(std::move(folder)) {
    formatAndMount(node_, folder_);
  }
  ~Mounted() { umount2(folder_.c_str(), 0); }
  /** Unmount and check; throws Failure. */
  void check() {
    if (umount2(folder_.c_str(), 0) != 0) throw Failure(fmt::format("umount {}: {}", folder_, std::strerror(errno)));
    must({"e2fsck", "-f", "-n", node_}, copyLimit);
  }
  Mounted(const Mounted&) = delete;
  Mounted& operator=(const Mounted&) = delete;
  const std::string& folder() const { return folder_; }

 private:
  std::string node_, folder_;
};

/** One disk cut in two by the device mapper: on one part an encrypted file system (where the kernel has
 *  encryption), on the other io_uring with many requests under way. */
LU_SCENARIO(block, stacked_devices) {
  DiskWorld world(context.driver, {.disks = disksOf(context), .formatted = 0});
  auto& driver = world.managed();
  const auto [own, other] = acceptedVersions(driver);
  const auto& disk = world.disks().at(0);
  must({"modprobe", "dm_mod"});
  const bool encrypts = run({"modprobe", "dm_crypt"}).exitCode == 0;
  const std::uint64_t sectors = std::stoull(mustRead("/sys/block/" + disk.name + "/size"));
  const std::uint64_t half = sectors / 2 / 2048 * 2048;
  {
    const Mapped lower("lu-lower", fmt::format("0 {} linear {} 0", half, disk.node));
    const Mapped upper("lu-upper", fmt::format("0 {} linear {} {}", half, disk.node, half));
    const std::string key(64, '7');
    const Mapped top("lu-top", encrypts ? fmt::format("0 {} crypt aes-xts-plain64 {} 0 {} 0", half, key, lower.node())
                                        : fmt::format("0 {} linear {} 0", half, lower.node()));
    Mounted mounted(top.node(), "/mnt/stacked");
    testing::Test::RecordProperty("encrypted", encrypts ? "yes" : "no");
    EXPECT_EQ(open(disk.node.c_str(), O_RDWR | O_EXCL | O_CLOEXEC), -1) << "the mappings hold no claim";
    DiskSession session({disk}, [&](WorkloadSet& work) {
      work.add<FileWork>("encrypted files", mounted.folder());
      work.add<BlockWork>("encrypted blocks", mounted.folder() + "/blocks");
      work.add<UringWork>("io_uring", upper.node(), 16 * MiB);
    });
    Pauses pauses;
    for (unsigned i = 0; i < context.count; ++i) {
      driver.replaceBy(i % 2 == 0 ? other : own);
      pauses.add(driver);
      expectUpdated(driver, static_cast<unsigned>(world.disks().size()));
      EXPECT_EQ(open(disk.node.c_str(), O_RDWR | O_EXCL | O_CLOEXEC), -1) << "the claim is lost";
      EXPECT_EQ(errno, EBUSY);
      session.check(fmt::format("after update {}", i + 1));
      if (testing::Test::HasFailure()) break;
    }
    pauses.record();
    endSession(session);
    mounted.check();
  }
  for (const char* module : {"dm_crypt", "dm_mod"}) run({"rmmod", module});
  world.close();
}

}  // namespace
}  // namespace lug
