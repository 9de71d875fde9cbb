// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Hardware that goes in mid-update. A disk is pulled. And the power fails: the host kills the machine, and
 * boots it again with the same disks: what was acknowledged has to be there.
 */
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include "block/blocks.h"
#include "block/database.h"
#include "scenarios/block_common.h"
#include "support/host_port.h"
#include "support/register.h"

namespace lug {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t recordsPerFile = 16;

std::string ledgerIn(const std::string& folder) { return folder + "/ledger"; }

std::string fileOf(const std::string& folder, std::uint64_t number) { return fmt::format("{}/batch{}", folder, number); }

/** Appends records to a file, commits each to a database too, and makes both durable before the host hears of it.
 *  Every now and then the file gets its final name, and a new one is begun. */
class CommitWork : public Workload {
 public:
  CommitWork(std::string name, std::string folder) : Workload(std::move(name)), folder_(std::move(folder)) {}
  void start() override {
    spawn(Side::dut, [this] { loop(); });
  }

 private:
  void loop() {
    const auto record = makeBlock();
    const auto fresh = folder_ + "/fresh";
    Database database(ledgerIn(folder_));
    int fd = -1;
    for (std::uint64_t n = 0; !stopping(); ++n) {
      if (n % recordsPerFile == 0) fd = must_(open(fresh.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644), "open");
      fill(record.get(), blockBytes, n, 1);
      if (write(fd, record.get(), blockBytes) != static_cast<ssize_t>(blockBytes)) throw Failure("write of a record");
      must_(fsync(fd), "fsync");
      if ((n + 1) % recordsPerFile == 0) {
        close(fd);
        finish(fresh, n / recordsPerFile);
      }
      database.add(n);
      tellHost({{"event", "commit"}, {"n", n + 1}});
      advance();
    }
    close(fd);
  }

  void finish(const std::string& fresh, std::uint64_t number) {
    must_(rename(fresh.c_str(), fileOf(folder_, number).c_str()), "rename");
    const int folder = must_(open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open");
    must_(fsync(folder), "fsync of the folder");
    close(folder);
  }

  static int must_(int result, const char* what) {
    if (result < 0) throw Failure(fmt::format("{}: {}", what, std::strerror(errno)));
    return result;
  }

  std::string folder_;
};

/** Updates to and fro until the machine is no more. */
[[noreturn]] void workUntilTheEnd(const Context& context) {
  DiskWorld world(context.driver, {.disks = disksOf(context)});
  auto& driver = world.managed();
  const auto [own, other] = acceptedVersions(driver);
  WorkloadSet work;
  work.add<FileWork>("files", world.disks().at(0).folder);
  work.add<CommitWork>("commits", world.disks().at(0).folder);
  work.start();
  const auto stuck = work.awaitProgress(60s);
  if (!stuck.empty()) throw Failure(stuck.front() + " does not begin");
  for (unsigned i = 0;; ++i) {
    driver.mustCtl("stage", (i % 2 == 0 ? other : own).files);
    tellHost({{"event", "update"}, {"under_way", true}});
    const int error = driver.trigger("update");
    tellHost({{"event", "update"}, {"under_way", false}});
    if (error != 0) throw Failure(fmt::format("update: {}; {}", std::strerror(error), driver.story()));
    driver.mustCtl("commit");
    const auto problems = work.problems();
    if (!problems.empty()) throw Failure(problems.front());
  }
}

/** How many of @p committed records are not there as they were written. */
std::uint64_t missingRecords(const std::string& folder, std::uint64_t committed) {
  const auto record = makeBlock();
  std::uint64_t missing = 0;
  for (std::uint64_t n = 0; n < committed; ++n) {
    int fd = open(fileOf(folder, n / recordsPerFile).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) fd = open((folder + "/fresh").c_str(), O_RDONLY | O_CLOEXEC);
    const auto at = static_cast<off_t>(n % recordsPerFile * blockBytes);
    if (fd < 0 || pread(fd, record.get(), blockBytes, at) != static_cast<ssize_t>(blockBytes) ||
        !holds(record.get(), blockBytes, n, 1))
      ++missing;
    if (fd >= 0) close(fd);
  }
  return missing;
}

void expectInDatabase(const std::string& folder, std::uint64_t committed) {
  const Database database(ledgerIn(folder));
  EXPECT_EQ(database.complaint(), "");
  EXPECT_GE(database.entries(), committed) << "transactions of the database";
}

/** Mounts all disks of the earlier boot and tells where the records are: the drivers of a set may have found their
 *  disks in another order this time. */
std::string folderOfTheCommits(const std::vector<DiskUnderTest>& disks) {
  std::string found;
  for (const auto& disk : disks) {
    const std::string folder = "/mnt/" + disk.name;
    mountDisk(disk.node, folder);
    if (access(ledgerIn(folder).c_str(), F_OK) == 0) found = folder;
  }
  if (found.empty()) throw Failure("no disk has the records");
  return found;
}

void lookAfterwards(const Context& context, std::uint64_t committed) {
  DiskWorld world(context.driver, {.disks = disksOf(context), .formatted = 0});
  const auto folder = folderOfTheCommits(world.disks());
  EXPECT_GT(committed, 0u);
  EXPECT_EQ(missingRecords(folder, committed), 0u) << "of " << committed << " that were acknowledged";
  expectInDatabase(folder, committed);
  testing::Test::RecordProperty("commits_before_the_cut", std::to_string(committed));
  for (const auto& disk : world.disks()) {
    if (umount(("/mnt/" + disk.name).c_str()) != 0) throw Failure(fmt::format("umount: {}", std::strerror(errno)));
    must({"e2fsck", "-f", "-n", disk.node}, 120s);
  }
  expectNone("in the log", diskErrorsInLog());
  const auto log = must({"dmesg"});
  EXPECT_NE(log.find("recovery complete"), log.npos) << "the journal had nothing to replay: the cut came too late";
  world.close();
}

LU_SCENARIO(block, power_cut) {
  const char* committed = std::getenv("LU_COMMITTED");
  if (committed == nullptr) workUntilTheEnd(context);
  lookAfterwards(context, std::stoull(committed));
}

/** Pull what a disk is, or hangs on, and wait until the kernel has noticed. */
void pull(const std::string& device, const DiskUnderTest& disk) {
  tellHost({{"event", "unplug"}, {"device", device}});
  if (!waitUntil(120s, [&] { return access(("/sys/block/" + disk.name).c_str(), F_OK) != 0; }))
    throw Failure(disk.name + " was pulled and is still there");
}

/** Who used a pulled disk has errors, and no hang. */
void expectFailed(WorkloadSet& victim, const DiskUnderTest& disk) {
  EXPECT_TRUE(waitUntil(60s, [&] { return !victim.problems().empty(); })) << disk.name << ": its user still waits";
  victim.stop();
  umount2(disk.folder.c_str(), MNT_DETACH);
}

/** Of three disks one is pulled while no driver runs, one just as an update begins. They fail; what is left goes on. */
LU_SCENARIO(block, pulled_in_mid_update) {
  DiskWorld world(context.driver, {.disks = disksOf(context)});
  auto& driver = world.managed();
  const auto [own, other] = acceptedVersions(driver);
  const auto disks = world.disks();
  DiskSession session({disks.at(2)});
  for (unsigned i = 0; i < 2; ++i) session.allowErrorsOf(disks[i].name);
  WorkloadSet first, second;
  first.add<FileWork>("first", disks[0].folder);
  second.add<FileWork>("second", disks[1].folder);
  first.start();
  second.start();
  expectNone("before the test", first.awaitProgress(60s));

  mustWrite("/sys/kernel/debug/liveupdate/inject", "rollback-attach");
  EXPECT_EQ(driver.ctl("update", {versionNamed(context.driver, "probe-fails").path, "--no-check"}).exitCode,
            static_cast<int>(Exit::failed)) << driver.story();
  pull("dut0", disks[0]);
  expectFailed(first, disks[0]);
  world.lost(disks[0].name);
  driver.mustCtl("rollback");
  EXPECT_TRUE(driver.runs(own)) << driver.story();
  if (driver.hasAttribute("staged")) driver.mustCtl("discard");
  session.settle();
  session.check("after the first disk was pulled");
  expectNone("the second disk", second.problems());

  driver.mustCtl("stage", other.files);
  tellHost({{"event", "unplug"}, {"device", "dut1"}});
  const auto result = driver.ctl("update");
  note(fmt::format("update while a disk is pulled: {} {}; {}", result.exitCode, result.err, driver.story()));
  EXPECT_NE(result.exitCode, static_cast<int>(Exit::failed)) << result.err << driver.story();
  pull("dut1", disks[1]);
  expectFailed(second, disks[1]);
  world.lost(disks[1].name);
  session.settle();
  session.check("after the second disk was pulled");
  driver.replaceBy(driver.runs(own) ? other : own);
  EXPECT_EQ(driver.attribute("last/devices"), "1");
  session.check("after an update of what is left");
  endSession(session);
  world.close();
}

/** Somebody who never closes it, with a reference on the modules of the disk. */
class Holder {
 public:
  explicit Holder(const std::string& node) : fd_(open(node.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) throw Failure(fmt::format("{}: {}", node, strerror(errno)));
  }
  ~Holder() { close(fd_); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

 private:
  int fd_;
};

/** The controller of a mounted disk that is in use is pulled by @p pulling. The disk's user fails; what is left
 *  of the driver, which has no device any more, can be updated while somebody still has the disk open, and
 *  unloaded then. */
void pullController(const Context& context, const std::function<void(ManagedDriver&, const DiskUnderTest&)>& pulling) {
  DiskWorld world(context.driver, {.disks = disksOf(context)});
  auto& driver = world.managed();
  const auto [own, other] = acceptedVersions(driver);
  const auto disk = world.disks().at(0);
  DiskSession session(std::vector<DiskUnderTest>{});
  session.allowErrorsOf(disk.name);
  WorkloadSet victim;
  victim.add<FileWork>("victim", disk.folder);
  victim.start();
  expectNone("before the test", victim.awaitProgress(60s));
  auto holder = std::make_unique<Holder>(disk.node);

  pulling(driver, disk);
  expectFailed(victim, disk);
  world.lost(disk.name);
  if (driver.attribute("state") == "failed") driver.mustCtl("rollback");
  if (driver.hasAttribute("staged")) driver.mustCtl("discard");
  driver.replaceBy(driver.runs(own) ? other : own);
  EXPECT_EQ(driver.attribute("last/devices"), "0");
  holder.reset();
  session.settle();
  session.check("after the controller was pulled");
  endSession(session);
  world.close();
}

LU_SCENARIO(block, controller_pulled_without_driver) {
  pullController(context, [](ManagedDriver& driver, const DiskUnderTest& disk) {
    mustWrite("/sys/kernel/debug/liveupdate/inject", "rollback-attach");
    EXPECT_EQ(driver.ctl("update", {versionNamed(driver.name(), "probe-fails").path, "--no-check"}).exitCode,
              static_cast<int>(Exit::failed)) << driver.story();
    pull("hba", disk);
  });
}

LU_SCENARIO(block, controller_pulled_earlier) {
  pullController(context, [](ManagedDriver&, const DiskUnderTest& disk) { pull("hba", disk); });
}

LU_SCENARIO(block, controller_pulled_in_mid_update) {
  pullController(context, [](ManagedDriver& driver, const DiskUnderTest& disk) {
    driver.mustCtl("stage", acceptedVersions(driver).second.files);
    tellHost({{"event", "unplug"}, {"device", "hba"}});
    const auto result = driver.ctl("update");
    note(fmt::format("update while the controller is pulled: {} {}; {}", result.exitCode, result.err, driver.story()));
    EXPECT_NE(result.exitCode, static_cast<int>(Exit::failed)) << result.err << driver.story();
    pull("hba", disk);
  });
}

}  // namespace
}  // namespace lug
