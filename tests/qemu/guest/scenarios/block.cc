// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Drivers of disks, replaced below mounted file systems that are being written to.
 */
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "scenarios/block_common.h"
#include "scenarios/rolled_back.h"
#include "scenarios/steps.h"
#include "support/register.h"
#include "support/resources.h"

namespace lug {
namespace {

using namespace std::chrono_literals;

/** The number of bus devices: disks of one controller move together. */
unsigned devicesOf(const std::string& driver, unsigned disks) {
  const auto* info = luq::findDriver(driver);
  return (info->controller.empty() && driver != "ata_piix") || !info->host.empty() ? disks : 1;
}

/** The files of a version and an option, for `lu-ctl update`. */
Argv with(const Version& version, const std::string& option) {
  Argv words = version.files;
  words.push_back(option);
  return words;
}

/** Takes the entries of ATA ports, links and devices out of @p stock: they are made anew with new numbers. */
long takeOutNumbered(Resources& stock) {
  const auto numbered = [](const std::string& path) { return path.find("ata") != path.npos; };
  return static_cast<long>(std::erase_if(stock.sysfs, numbered));
}

/** growth() without the file system's own caches: the test's files are more than there were before. */
std::vector<std::string> growthOfDrivers(Resources before, Resources after, long updates) {
  const long had = takeOutNumbered(before), has = takeOutNumbered(after);
  auto lines = growth(before, after, updates);
  std::erase_if(lines, [](const std::string& line) {
    for (const char* cache : {"buffer_head", "ext4_", "jbd2_"})
      if (line.find(std::string("slab cache ") + cache) != line.npos) return true;
    return false;
  });
  if (has > had) lines.push_back(fmt::format("sysfs: {} entries of ATA ports more", has - had));
  return lines;
}

LU_SCENARIO(block, updates_under_io) {
  DiskWorld world(context.driver, {.disks = disksOf(context)});
  auto& driver = world.managed();
  const auto [own, other] = acceptedVersions(driver);
  // Two rounds first: what is allocated once and kept is not growth.
  for (int i = 0; i < 2; ++i) {
    driver.replaceBy(other);
    driver.replaceBy(own);
  }
  const auto before = takeStock();
  DiskSession session(world);
  Pauses pauses;
  for (unsigned i = 0; i < context.count; ++i) {
    const auto& version = i % 2 == 0 ? other : own;
    driver.updateTo(version);
    pauses.add(driver);
    expectUpdated(driver, static_cast<unsigned>(world.disks().size()));
    driver.mustCtl("commit");
    EXPECT_FALSE(driver.hasAttribute("kept")) << "the old version is still there after the commit";
    session.check(fmt::format("after update {} of {}, to {}", i + 1, context.count, version.label));
    if (testing::Test::HasFailure()) break;
  }
  pauses.record();
  endSession(session);
  // After an odd number of updates, which a failure may cause, another version runs.
  if (!testing::Test::HasFailure()) expectNone("growth", settledGrowth(before, context.count, growthOfDrivers));
  expectNone("kmemleak", findLeaks());
  world.close();
}

LU_SCENARIO(block, several_disks) {
  DiskWorld world(context.driver, {.disks = disksOf(context)});
  auto& driver = world.managed();
  const auto [own, other] = acceptedVersions(driver);
  DiskSession session(world);
  Pauses pauses;
  for (unsigned i = 0; i < context.count; ++i) {
    driver.replaceBy(i % 2 == 0 ? other : own);
    pauses.add(driver);
    expectUpdated(driver, devicesOf(context.driver, context.wires));
    session.check(fmt::format("after update {}", i + 1));
    if (testing::Test::HasFailure()) break;
  }
  pauses.record();
  endSession(session);
  world.close();
}

LU_SCENARIO(block, rollback_after_success) {
  DiskWorld world(context.driver, {.disks = disksOf(context)});
  auto& driver = world.managed();
  const auto [own, other] = acceptedVersions(driver);
  DiskSession session(world);
  for (unsigned i = 0; i < std::max(1u, context.count); ++i) {
    driver.updateTo(other);
    session.check("after the update");
    driver.mustCtl("rollback");
    EXPECT_TRUE(driver.runs(own)) << driver.story();
    session.check("after the rollback");
  }
  endSession(session);
  world.close();
}

/** Queues by which the disk's requests reach its driver. */
std::size_t queuesOf(const DiskUnderTest& disk) {
  const std::filesystem::directory_iterator queues("/sys/block/" + disk.name + "/mq");
  return static_cast<std::size_t>(std::distance(begin(queues), end(queues)));
}

/** From one queue to a version with two: the second one is idle, and the way back is open. */
LU_SCENARIO(block, more_queues_stay_idle) {
  DiskWorld world(context.driver, {.disks = disksOf(context), .version = "one-queue"});
  auto& driver = world.managed();
  const auto one = versionNamed(context.driver, "one-queue"), two = versionNamed(context.driver, "stock");
  const auto& disk = world.disks().at(0);
  DiskSession session(world);
  EXPECT_EQ(queuesOf(disk), 1u);
  driver.updateTo(two);
  expectUpdated(driver, 1);
  session.check("after the update");
  EXPECT_EQ(queuesOf(disk), 1u);
  driver.mustCtl("rollback");
  EXPECT_TRUE(driver.runs(one)) << driver.story();
  session.check("after the rollback");
  endSession(session);
  world.close();
}

/** Settings of the queue, each different from what the driver or the kernel would choose. */
void changeSettings(const DiskUnderTest& disk) {
  const auto queue = "/sys/block/" + disk.name + "/queue/";
  const auto scheduler = mustRead(queue + "scheduler");
  mustWrite(queue + "scheduler", scheduler.find("[none]") != scheduler.npos ? "mq-deadline" : "none");
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"nr_requests", "48"}, {"read_ahead_kb", "64"}, {"max_sectors_kb", "96"}, {"nomerges", "1"},
           {"rq_affinity", "2"}, {"iostats", "0"}, {"add_random", "1"}, {"io_timeout", "45000"},
           {"write_cache", "write through"}})
    if (access((queue + name).c_str(), W_OK) == 0) mustWrite(queue + name, value);
  // The driver's own attribute, kept by the device.
  const auto cacheType = "/sys/block/" + disk.name + "/cache_type";
  if (access(cacheType.c_str(), W_OK) == 0) mustWrite(cacheType, "write through");
  const auto rotational = mustRead(queue + "rotational");
  mustWrite(queue + "rotational", rotational == "0" ? "1" : "0");
  if (mustRead(queue + "discard_max_bytes") != "0") mustWrite(queue + "discard_max_bytes", "1048576");
}

/** What users chose, what stands on the disk, and who has it open: all as before. */
/** A control group whose members may read a disk ten times a second. */
class ReadLimit {
 public:
  explicit ReadLimit(const DiskUnderTest& disk) : node_(disk.node) {
    std::filesystem::create_directories(root_);
    must({"mount", "-t", "cgroup2", "none", root_});
    mustWrite(root_ + "/cgroup.subtree_control", "+io");
    std::filesystem::create_directory(group_);
    struct stat at {};
    if (stat(node_.c_str(), &at) != 0) throw Failure(node_ + ": " + std::strerror(errno));
    mustWrite(group_ + "/io.max", fmt::format("{}:{} riops=10", major(at.st_rdev), minor(at.st_rdev)));
  }
  ~ReadLimit() {
    rmdir(group_.c_str());
    umount2(root_.c_str(), 0);
  }
  ReadLimit(const ReadLimit&) = delete;
  ReadLimit& operator=(const ReadLimit&) = delete;

  std::string text() const { return mustRead(group_ + "/io.max"); }
  /** How long a member takes for @p reads. */
  std::chrono::duration<double> read(unsigned reads) const {
    const auto begin = std::chrono::steady_clock::now();
    must({"sh", "-c", fmt::format("echo 0 >{}/cgroup.procs && exec dd if={} of=/dev/null bs=4k count={} iflag=direct",
                                  group_, node_, reads)});
    return std::chrono::steady_clock::now() - begin;
  }

 private:
  std::string node_, root_ = "/tmp/cgroup2", group_ = root_ + "/slow";
};

LU_SCENARIO(block, settings_and_users_stay) {
  DiskWorld world(context.driver, {.disks = disksOf(context)});
  auto& driver = world.managed();
  const auto [own, other] = acceptedVersions(driver);
  const auto& second = world.disks().at(1);
  changeSettings(world.disks().at(0));
  // The second disk: claimed for itself alone.
  must({"umount", second.folder});
  const int claimed = open(second.node.c_str(), O_RDWR | O_EXCL | O_CLOEXEC);
  ASSERT_GE(claimed, 0);
  const ReadLimit limit(world.disks().at(0));
  const auto limitBefore = limit.text();
  const auto before = takeDiskState(world.disks());
  for (const auto& version : {other, own, other}) {
    driver.replaceBy(version);
    EXPECT_EQ(limit.text(), limitBefore);
    EXPECT_GT(limit.read(25).count(), 1.0) << "the limit is not in force";
    EXPECT_EQ(open(second.node.c_str(), O_RDWR | O_EXCL | O_CLOEXEC), -1) << "the claim is lost";
    EXPECT_EQ(errno, EBUSY);
    EXPECT_EQ(before, takeDiskState(world.disks())) << Json::diff(before, takeDiskState(world.disks())).dump(1);
    if (testing::Test::HasFailure()) break;
  }
  // Whoever closes a disk does so with the driver that is there now.
  close(claimed);
  driver.replaceBy(own);
  must({"mount", "-t", "ext4", second.node, second.folder});
  expectNone("in the log", diskErrorsInLog());
  world.close();
}

std::vector<Unfit> unfitFor(const std::string& driver) {
  if (driver == "virtio_blk")
    return {{"probe-fails", {"probe failed (-5)"}},
            {"probe-fails-early", {"probe failed (-5)"}},
            {"half-capacity", {"vda: capacity 524288 -> 262144 sectors"}},
            {"big-blocks", {"vda: logical block size 512 -> 4096"}},
            {"one-queue", {"hardware queues 2 -> 1"}},
            {"shallow", {"queue depth 256 -> 16"}},
            {"no-flush", {"vda: flush lost"}},
            {"no-getgeo", {"vda: getgeo missing"}},
            {"read-only", {"vda: read-only"}},
            {"no-discard", {"vda: max_hw_discard_sectors"}},
            {"no-write-zeroes", {"vda: max_write_zeroes_sectors"}},
            {"few-segments", {"vda: max_segments 254 -> 4"}}};
  if (driver == "virtio_scsi")
    return {{"probe-fails", {"probe failed (-5)"}},
            {"one-queue", {"host0: hardware queues 2 -> 1"}},
            {"few-segments", {"host0: sg_tablesize 254 -> 4"}}};
  if (driver == "libata")
    return {{"driver-init-fails", {"init of ata_piix failed (-5)"}}, {"probe-fails", {"probe failed (-5)"}}};
  if (driver == "sd_mod")
    return {{"probe-fails", {"probe failed (-5)"}},
            {"half-capacity", {"sda: capacity 524288 -> 262144 sectors"}},
            {"no-flush", {"sda: flush lost"}},
            {"no-getgeo", {"sda: getgeo missing"}}};
  if (driver == "nvme_core")
    return {{"probe-fails", {"probe failed (-5)"}}, {"init-fails", {"init of nvme failed (-5)"}}};
  if (driver == "nvme")
    return {{"probe-fails", {"probe failed (-5)"}},
            {"setup-fails", {}},  // where probe does not wait for the setup the device is just not taken over
            {"one-queue", {"hardware queues 2 -> 1"}},
            {"shallow", {"queue depth 1023 -> 63"}},
            {"few-segments", {"nvme0n1: max_segments"}}};
  return {{"probe-fails", {"probe failed (-5)"}}};
}

LU_SCENARIO(block, each_kind_rolls_back) {
  DiskWorld world(context.driver, {.disks = disksOf(context)});
  auto& driver = world.managed();
  const auto own = versionNamed(context.driver, "stock");
  DiskSession session(world);
  for (const auto& unfit : unfitFor(context.driver)) {
    expectRolledBack(driver, own, unfit);
    session.check("after the roll-back of " + unfit.label);
    if (testing::Test::HasFailure()) break;
  }
  endSession(session);
  world.close();
}

/** A version that takes one disk for another would write the one's blocks to the other: no policy lets it. */
LU_SCENARIO(block, another_disk_rolls_back) {
  DiskWorld world(context.driver, {.disks = 2});
  auto& driver = world.managed();
  const auto own = versionNamed(context.driver, "stock");
  const auto swapped = versionNamed(context.driver, "swapped-targets");
  DiskSession session(world);
  for (const std::string policy : {"rollback", "force"}) {
    std::vector<std::string> texts;
    for (unsigned i = 0; i < 2; ++i)
      texts.push_back(fmt::format("0:0:{}:0: another disk, serial '{}' -> '{}'", i, luq::diskSerial(i), luq::diskSerial(1 - i)));
    expectRolledBack(driver, own, swapped, texts, {"--policy=" + policy});
    session.check("after another disk was noticed under policy " + policy);
    if (testing::Test::HasFailure()) break;
  }
  endSession(session);
  world.close();
}

/** Which of several namespaces is which, nobody tells: refused before anything happens. */
LU_SCENARIO(block, several_namespaces_are_refused) {
  DiskWorld world(context.driver, {.disks = 2});
  const auto [own, other] = acceptedVersions(world.managed());
  DiskSession session(world);
  for (const std::string policy : {"rollback", "force"}) {
    expectRolledBack(world.managed(), own, other, {"nvme0n1: cannot be carried over: another disk on its tag set|"
                      "nvme0n2: cannot be carried over: another disk on its tag set"},
                     {"--policy=" + policy});
    session.check("after the refusal under policy " + policy);
    if (testing::Test::HasFailure()) break;
  }
  endSession(session);
  world.close();
}

LU_SCENARIO(block, every_step_rolls_back) {
  DiskWorld world(context.driver, {.disks = disksOf(context)});
  auto& driver = world.managed();
  const auto [own, other] = acceptedVersions(driver);
  DiskSession session(world);
  expectEveryStepRollsBack(driver, own, other, [&](const std::string& when) { session.check(when); });
  endSession(session);
  world.close();
}

/** When neither driver comes back requests wait, without an error, until one does. */
LU_SCENARIO(block, requests_wait_for_a_driver) {
  DiskWorld world(context.driver, {.disks = disksOf(context)});
  auto& driver = world.managed();
  const auto [own, other] = acceptedVersions(driver);
  const auto bad = versionNamed(context.driver, "probe-fails");
  DiskSession session(world);
  mustWrite(injectFile, "rollback-attach");
  const auto result = driver.ctl("update", with(bad, "--no-check"));
  const auto story = fmt::format("{}{}; {}", result.err, result.out, driver.story());
  EXPECT_EQ(result.exitCode, static_cast<int>(Exit::failed)) << story;
  EXPECT_EQ(driver.attribute("state"), "failed") << story;
  EXPECT_FALSE(session.work().awaitProgress(2s).empty()) << "who can have written, without a driver?";
  expectNone("while neither driver runs", session.work().problems());
  driver.mustCtl("rollback");
  EXPECT_TRUE(driver.runs(own)) << driver.story();
  session.check("after the way back");
  if (driver.hasAttribute("staged")) driver.mustCtl("discard");
  driver.replaceBy(other);
  session.check("after an update");
  endSession(session);
  world.close();
}

/** The checks of this suite see what they have to see: a driver that is taken off its disk. */
LU_SCENARIO(block, loss_is_detected) {
  DiskWorld world(context.driver, {.disks = disksOf(context)});
  DiskSession session(world);
  const auto device = mustRead("/sys/class/block/" + world.disks()[0].name + "/dev");
  const auto link = std::filesystem::canonical("/sys/dev/block/" + device).string();
  auto place = std::filesystem::path(link);
  std::error_code none;
  while (std::filesystem::read_symlink(place / "driver", none).filename() != context.driver) place = place.parent_path();
  mustWrite((place / "driver" / "unbind").string(), place.filename().string());
  EXPECT_TRUE(waitUntil(30s, [&] { return session.work().problems().size() >= 2; })) << "nobody noticed";
  const auto problems = session.work().problems();
  EXPECT_TRUE(std::any_of(problems.begin(), problems.end(),
                          [](const auto& p) { return p.find("uevent remove") != p.npos; }));
  EXPECT_TRUE(waitUntil(60s, [] { return !diskErrorsInLog().empty(); })) << "the file system noticed nothing";
  session.work().stop();
  world.abandon();
}

}  // namespace
}  // namespace lug
