// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * A library and the drivers that link against it, replaced together.
 */
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>

#include "block/disk_session.h"
#include "support/register.h"

namespace lug {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* events = "/sys/kernel/tracing/events";

std::string fileOf(const Version& version, const std::string& module) {
  return (fs::path(version.path).parent_path() / (module + ".ko")).string();
}

std::set<std::string> holdersOf(const std::string& module) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator("/sys/module/" + module + "/holders"))
    names.insert(entry.path().filename());
  return names;
}

/** The modules that link against the library. */
std::vector<std::string> dependantsIn(const DiskWorld& world) {
  return {world.modules().begin() + 1, world.modules().end()};
}

bool logSays(const std::string& text) { return must({"dmesg"}).find(text) != std::string::npos; }

void expectNothingStaged(const DiskWorld& world) {
  for (const auto& module : world.modules())
    EXPECT_FALSE(ManagedDriver(module).hasAttribute("staged")) << module << " is staged";
}

/** A library given without those that link against it is refused, by their names. */
void expectIncompleteRefused(DiskWorld& world, const Version& other) {
  const auto alone = world.managed().ctl("update", {other.path});
  EXPECT_EQ(alone.exitCode, static_cast<int>(Exit::usage)) << alone.err;
  for (const auto& module : dependantsIn(world))
    EXPECT_NE(alone.err.find(module), std::string::npos) << module << " is not named: " << alone.err;
  expectNothingStaged(world);
  // The same by hand, where it is the kernel that has to refuse.
  must({"insmod", other.path});
  EXPECT_EQ(world.managed().trigger("update"), ENOENT);
  EXPECT_EQ(world.managed().attribute("state"), "staged");
  const auto named = world.managed().ctl("update");
  EXPECT_EQ(named.exitCode, static_cast<int>(Exit::usage)) << named.err;
  EXPECT_NE(named.err.find("ata_piix"), std::string::npos) << named.err;
  world.managed().mustCtl("discard");
  expectNothingStaged(world);
}

/** A driver staged before the library is bound to the running one: they cannot go together. */
void expectWrongOrderRefused(DiskWorld& world, const Version& other) {
  const auto late = world.modules().back();
  must({"insmod", fileOf(other, late)});
  for (const auto& module : world.modules())
    if (module != late) must({"insmod", fileOf(other, module)});
  EXPECT_EQ(world.managed().trigger("update"), EBUSY);
  EXPECT_TRUE(logSays("is bound to the running libata")) << must({"dmesg"});
  ManagedDriver(late).mustCtl("discard");
  world.managed().mustCtl("discard");
  expectNothingStaged(world);
}

/** Whoever is loaded while a library is staged gets the running one, and then is in the way. */
void expectOutsiderInTheWay(DiskWorld& world) {
  if (run({"modprobe", "-n", "ata_generic"}).exitCode != 0) return;  // this kernel has none
  must({"modprobe", "ata_generic"});
  EXPECT_TRUE(holdersOf(world.driver()).contains("ata_generic"));
  EXPECT_EQ(world.managed().trigger("update"), EBUSY);
  EXPECT_TRUE(logSays("ata_generic links against libata")) << must({"dmesg"});
  must({"rmmod", "ata_generic"});
}

void expectRuns(const DiskWorld& world, const Version& version, bool kept) {
  for (const auto& module : world.modules()) {
    const ManagedDriver driver(module);
    EXPECT_EQ(driver.attribute("state"), "running") << module;
    EXPECT_EQ(driver.attribute("running/module"), module);
    EXPECT_EQ(driver.hasAttribute("kept"), kept) << module;
    if (version.label != "stock") {
      EXPECT_EQ(mustRead("/sys/module/" + module + "/version"), version.label) << module;
    }
  }
  std::set<std::string> expected;
  for (const auto& module : dependantsIn(world)) expected.insert(module);
  EXPECT_EQ(holdersOf(world.driver()), expected) << "what links against the library";
}

/** The library's trace events are those of the version that runs. To switch them on changes its code, which QEMU's
 *  emulator may run in two versions at once: so nothing else is at work on the disks meanwhile. */
void expectTraceEvents(const DiskWorld& world) {
  const std::string folder = fmt::format("{}/{}", events, world.driver());
  ASSERT_TRUE(fs::exists(folder)) << "no trace events";
  mustWrite("/sys/kernel/tracing/trace", "");
  mustWrite(folder + "/enable", "1");
  for (const auto& disk : world.disks()) std::ofstream(disk.folder + "/traced") << "something to write";
  sync();
  const auto trace = slurp("/sys/kernel/tracing/trace").value_or("");
  mustWrite(folder + "/enable", "0");
  EXPECT_NE(trace.find("ata_qc_complete"), std::string::npos) << "no event, though the disks were written to";
}

/** To @p version, staged and switched to by two commands, from the library's directory alone. */
void stageAndUpdate(DiskWorld& world, const Version& version) {
  world.managed().mustCtl("stage", version.files);
  for (const auto& module : dependantsIn(world)) {
    const ManagedDriver driver(module);
    EXPECT_EQ(driver.attribute("lead"), world.driver()) << module;
    EXPECT_EQ(driver.trigger("update"), EBUSY) << module;
    const auto result = driver.ctl("update");
    EXPECT_EQ(result.exitCode, static_cast<int>(Exit::usage)) << result.err;
    EXPECT_NE(result.err.find("lu-ctl update " + world.driver()), std::string::npos) << result.err;
  }
  expectOutsiderInTheWay(world);
  world.managed().mustCtl("update");
}

LU_SCENARIO(block, set_goes_together) {
  DiskWorld world(context.driver, {.disks = 2});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  DiskSession session(world);
  expectIncompleteRefused(world, other);
  expectWrongOrderRefused(world, other);
  session.check("after refusals");

  stageAndUpdate(world, other);
  expectRuns(world, other, true);
  session.check("after the update");
  driver.mustCtl("rollback");
  expectRuns(world, own, true);
  session.check("after the way back");
  driver.mustCtl("commit");
  expectRuns(world, own, false);

  // Its drivers need what only this library has.
  const auto newer = versionNamed(context.driver, "new-export");
  driver.replaceBy(newer);
  expectRuns(world, newer, false);
  driver.replaceBy(own);
  session.check("after an update to a library with one more function");

  // One of them alone, as ever.
  const ManagedDriver one("ata_piix");
  one.replaceBy(versionNamed("ata_piix", "rebuilt"));
  session.check("after an update of one driver alone");
  const auto figures = session.finish();
  testing::Test::RecordProperty("work", figures.dump());

  expectTraceEvents(world);
  for (const auto& version : {newer, own}) {
    driver.replaceBy(version);
    expectTraceEvents(world);
  }
  world.close();
}

}  // namespace
}  // namespace lug
