// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Versions that fail below the root file system, and versions that can do less and are taken nevertheless.
 */
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include "block/disk_root.h"
#include "scenarios/block_common.h"
#include "scenarios/steps.h"
#include "support/register.h"

namespace lug {
namespace {

using namespace std::chrono_literals;

constexpr auto verbLimit = 120s;
constexpr unsigned hangLimitMs = 5000;
constexpr std::array phases = {"prepare", "quiesce", "detach", "attach", "verify", "replay", "resume"};

/** The words of `lu-ctl update` for one version, whatever lu-ctl itself thinks of the file. */
Argv unchecked(const ManagedDriver& driver, const Version& version) {
  return {"update", driver.name(), version.path, "--no-check"};
}

/** lu-ctl and its library are on the disk whose next driver fails, in each way and at each step. */
LU_SCENARIO(block, root_outlives_failures) {
  DiskWorld world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = acceptedVersions(driver);
  {
    const DiskRoot root(world.disks().at(0).folder, context.driver);
    DiskSession session(world);
    const auto expectRolledBack = [&](const Argv& words, const std::string& what) {
      const auto result = run(root.luCtl(words), verbLimit);
      const auto story = fmt::format("{}: {}{}; {}", what, result.err, result.out, driver.story());
      EXPECT_EQ(result.exitCode, static_cast<int>(Exit::rolledBack)) << story;
      EXPECT_TRUE(driver.runs(own)) << story;
      session.check("after " + what);
      if (driver.hasAttribute("staged")) must(root.luCtl({"discard", context.driver}), verbLimit);
    };
    for (const std::string label : {"probe-fails-early", "probe-fails"})
      expectRolledBack(unchecked(driver, versionNamed(context.driver, label)), label);
    for (const std::string phase : phases) {
      mustWrite(injectFile, fmt::format("{}:{}", phase, EIO));
      expectRolledBack({"update", context.driver, other.path}, "a failure in " + phase);
      if (testing::Test::HasFailure()) break;
    }
    must(root.luCtl({"update", context.driver, other.path}), verbLimit);
    EXPECT_TRUE(driver.runs(other)) << driver.story();
    must(root.luCtl({"commit", context.driver}), verbLimit);
    session.check("after an update without a failure");
    endSession(session);
  }
  world.close();
}

/** The probe dies of a null pointer with the disk in its hands: the old version gets it back. */
LU_SCENARIO(block, root_outlives_oops) {
  DiskWorld world(context.driver, {});
  auto& driver = world.managed();
  const auto own = versionNamed(context.driver, "stock");
  const DiskRoot root(world.disks().at(0).folder, context.driver);
  DiskSession session(world);
  const auto result = run(root.luCtl(unchecked(driver, versionNamed(context.driver, "probe-oopses"))), verbLimit);
  const auto story = fmt::format("{}{}; {}", result.err, result.out, driver.story());
  EXPECT_EQ(result.exitCode, static_cast<int>(Exit::rolledBack)) << story;
  EXPECT_TRUE(driver.runs(own)) << story;
  session.check("after the roll-back of a version that died in its probe");
  endSession(session);
  world.abandon();
}

/** The parameter that lets a version with a hung probe go on; the module has a name of its own. */
std::string parameterGo() {
  for (const auto& entry : std::filesystem::directory_iterator("/sys/module"))
    if (const auto file = entry.path() / "parameters/go"; std::filesystem::exists(file)) return file;
  throw Failure("no module has a parameter 'go'");
}

/**
 * The probe hangs, and keeps the device locked, so nobody can drive the disk. What is on it waits, without an
 * error; the command that is on it too ends in time and names what hangs. When the probe comes back after
 * all, the old version gets the disk, and everybody goes on.
 */
LU_SCENARIO(block, root_waits_for_a_hung_probe) {
  DiskWorld world(context.driver, {});
  auto& driver = world.managed();
  const auto own = versionNamed(context.driver, "stock");
  {
    const DiskRoot root(world.disks().at(0).folder, context.driver);
    DiskSession session(world);
    auto words = unchecked(driver, versionNamed(context.driver, "probe-hangs"));
    words.push_back(fmt::format("--timeout={}", hangLimitMs));
    const auto result = run(root.luCtl(words), verbLimit);
    const auto story = fmt::format("exit code {}: {}{}; {}", result.exitCode, result.err, result.out, driver.story());
    EXPECT_FALSE(result.timedOut) << story;
    EXPECT_EQ(result.exitCode, static_cast<int>(Exit::failed)) << story;
    EXPECT_EQ(driver.attribute("state"), "failed") << story;
    EXPECT_NE((result.err + result.out).find("probe"), std::string::npos) << "what hangs is not said: " << story;
    EXPECT_FALSE(session.work().awaitProgress(2s).empty()) << "who can have written, without a driver?";
    EXPECT_EQ(driver.trigger("rollback"), EIO) << "the device is locked";
    expectNone("while the disk has no driver", session.work().problems());
    mustWrite(parameterGo(), "1");
    EXPECT_TRUE(waitUntil(verbLimit, [&] { return driver.trigger("rollback") == 0; })) << driver.story();
    EXPECT_TRUE(driver.runs(own)) << driver.story();
    session.check("after the hung probe came back");
    if (driver.hasAttribute("staged")) must(root.luCtl({"discard", context.driver}), verbLimit);
    endSession(session);
  }
  world.close();
}

/** A buffer as requests past the page cache need it. */
class Pages {
 public:
  explicit Pages(std::size_t bytes) : bytes_(bytes), data_(std::aligned_alloc(4096, bytes), &std::free) {
    std::memset(data_.get(), 0x5a, bytes);
  }
  void* data() const { return data_.get(); }
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_;
  std::unique_ptr<void, decltype(&std::free)> data_;
};

/** 0, or the error of a request that a disk with the loss cannot do. */
using Request = int (*)(int fd, std::uint64_t bytes);

int errorOf(long result) { return result >= 0 ? 0 : errno; }

int writeAt(int fd, std::uint64_t at) {
  const Pages pages(64 << 10);
  return errorOf(pwrite(fd, pages.data(), pages.bytes(), static_cast<off_t>(at)));
}

int writeInFirstQuarter(int fd, std::uint64_t bytes) { return writeAt(fd, bytes / 8); }
int writeInLastQuarter(int fd, std::uint64_t bytes) { return writeAt(fd, bytes / 8 * 7); }

int discard(int fd, std::uint64_t) {
  std::uint64_t range[2] = {1 << 20, 1 << 20};
  return errorOf(ioctl(fd, BLKDISCARD, range));
}

/** By the device, not by writing zeroes to it. */
int punchHole(int fd, std::uint64_t) {
  return errorOf(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 2 << 20, 1 << 20));
}

int askGeometry(int fd, std::uint64_t) {
  hd_geometry geometry{};
  return errorOf(ioctl(fd, HDIO_GETGEO, &geometry));
}

struct NamedRequest {
  const char* name;
  Request request;
};

constexpr std::array<NamedRequest, 5> requests = {{{"a write", writeInFirstQuarter},
                                                   {"a write at the end", writeInLastQuarter},
                                                   {"a discard", discard},
                                                   {"a hole", punchHole},
                                                   {"the geometry", askGeometry}}};

/** A version, and which of the requests above fail when it is taken nevertheless, and how. */
struct Loss {
  const char* label;
  std::array<int, requests.size()> errors;
};

constexpr std::array<Loss, 5> losses = {{{"half-capacity", {0, ENOSPC, 0, 0, 0}},
                                         {"read-only", {EPERM, EPERM, EPERM, EPERM, 0}},
                                         {"no-discard", {0, 0, EOPNOTSUPP, 0, 0}},
                                         {"no-write-zeroes", {0, 0, 0, EOPNOTSUPP, 0}},
                                         {"no-getgeo", {0, 0, 0, 0, ENOTTY}}}};

std::array<int, requests.size()> errorsNow(int fd, std::uint64_t bytes) {
  std::array<int, requests.size()> errors{};
  for (std::size_t i = 0; i < requests.size(); ++i) errors[i] = requests[i].request(fd, bytes);
  return errors;
}

void expectErrors(const std::array<int, requests.size()>& now, const std::array<int, requests.size()>& wanted, const std::string& when) {
  for (std::size_t i = 0; i < requests.size(); ++i)
    EXPECT_EQ(now[i], wanted[i]) << requests[i].name << " " << when << ": " << std::strerror(now[i]) << ", not "
                                 << std::strerror(wanted[i]);
}

/** With policy force a version is taken that can do less. Exactly the requests that need what is lost fail,
 *  on a descriptor that was open all the time, and work again once a version is there that can do it. */
LU_SCENARIO(block, force_fails_what_reveals_the_loss) {
  DiskWorld world(context.driver, {.formatted = 0});
  auto& driver = world.managed();
  const auto own = versionNamed(context.driver, "stock");
  const auto& disk = world.disks().at(0);
  const std::uint64_t bytes = std::stoull(mustRead("/sys/block/" + disk.name + "/size")) * 512;
  const int fd = open(disk.node.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC);
  ASSERT_GE(fd, 0) << std::strerror(errno);
  expectErrors(errorsNow(fd, bytes), {}, "before the first update");
  for (const auto& loss : losses) {
    auto words = unchecked(driver, versionNamed(context.driver, loss.label));
    words.emplace_back("--policy=force");
    words.insert(words.begin(), "lu-ctl");
    must(words, verbLimit);
    EXPECT_FALSE(driver.mismatches().empty()) << loss.label << ": what is lost is not said";
    driver.mustCtl("commit");
    expectErrors(errorsNow(fd, bytes), loss.errors, fmt::format("with {}", loss.label));
    driver.replaceBy(own);
    expectErrors(errorsNow(fd, bytes), {}, fmt::format("after {}", loss.label));
    if (testing::Test::HasFailure()) break;
  }
  close(fd);
  world.close();
}

}  // namespace
}  // namespace lug
