// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Bad input of every kind: the exit code and message as documented, the machine as before.
 */
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

#include "net/session.h"
#include "support/bad_modules.h"
#include "support/register.h"

namespace lug {
namespace {

using namespace std::chrono_literals;

constexpr auto verbLimit = 60s;
constexpr unsigned nobody = 65534;
constexpr const char* root = "/sys/kernel/liveupdate/";
constexpr const char* loadedUnmanaged = "virtio_net";  ///< driver of the other end of the wire

/** What must be the same after every refusal. */
struct Before {
  std::string modules, generation, state, manage;

  explicit Before(const ManagedDriver& driver)
      : modules(mustRead("/proc/modules")),
        generation(driver.attribute("generation")),
        state(driver.attribute("state")),
        manage(mustRead(std::string(root) + "manage")) {}
  void expectSame(const ManagedDriver& driver, const std::string& when) const {
    const Before now(driver);
    EXPECT_EQ(names(now.modules), names(modules)) << when;
    EXPECT_EQ(now.generation, generation) << when;
    EXPECT_EQ(now.state, state) << when;
    EXPECT_EQ(now.manage, manage) << when;
    EXPECT_FALSE(driver.hasAttribute("staged")) << when;
  }

 private:
  static std::string names(const std::string& text) {
    std::string all;
    for (const auto& line : split(text, '\n')) all += line.substr(0, line.find(' ')) + " ";
    return all;
  }
};

/** Run lu-ctl and expect @p code, and words on standard error that hold @p text. */
void expectRefused(const Argv& arguments, Exit code, const std::string& text) {
  Argv argv = {"lu-ctl"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const auto result = run(argv, verbLimit);
  const auto story = fmt::format("lu-ctl {}: exit code {}, stdout '{}', stderr '{}'", fmt::join(arguments, " "),
                                 result.exitCode, result.out, result.err);
  EXPECT_FALSE(result.timedOut) << story;
  EXPECT_EQ(result.exitCode, static_cast<int>(code)) << story;
  EXPECT_FALSE(result.err.empty()) << "no message; " << story;
  EXPECT_NE((result.err + result.out).find(text), std::string::npos) << "'" << text << "' is not said; " << story;
}

LU_SCENARIO(input, bad_commands) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto other = twoRealVersions(context.driver).second.path;
  const auto& name = context.driver;
  const Before before(driver);
  struct Case {
    Argv arguments;
    Exit code;
    std::string text;
  };
  const std::vector<Case> cases = {
      {{}, Exit::usage, "lu-ctl"},
      {{"no-such-verb"}, Exit::usage, "no-such-verb"},
      {{"updat", name}, Exit::usage, "update"},
      {{"update"}, Exit::usage, ""},
      {{"update", ""}, Exit::noDriver, ""},
      {{"update", name, "--no-such-option"}, Exit::usage, "no-such-option"},
      {{"update", name, other, "--method=magic"}, Exit::usage, "magic"},
      {{"update", name, other, "--method=inherit"}, Exit::usage, "inherit"},
      {{"update", name, other, "--policy=hope"}, Exit::usage, "hope"},
      {{"update", name, other, "--timeout=-1"}, Exit::usage, ""},
      {{"update", name, other, "--timeout=soon"}, Exit::usage, "soon"},
      {{"update", name, other, "--timeout=99999999999999999999"}, Exit::usage, ""},
      {{"update", "no_such_driver", other}, Exit::noDriver, "no_such_driver"},
      {{"update", "loop", other}, Exit::noDriver, "loop"},
      {{"update", "../../../etc", other}, Exit::noDriver, ""},
      {{"update", std::string(300, 'n'), other}, Exit::noDriver, ""},
      {{"status", "no_such_driver"}, Exit::noDriver, "no_such_driver"},
      {{"log", "no_such_driver"}, Exit::noDriver, "no_such_driver"},
      {{"objects", "no_such_driver"}, Exit::noDriver, "no_such_driver"},
      {{"imports", "no_such_driver"}, Exit::noDriver, "no_such_driver"},
      {{"commit", "no_such_driver"}, Exit::noDriver, "no_such_driver"},
      {{"update", name}, Exit::usage, "staged"},
      {{"rollback", name}, Exit::usage, "kept"},
      {{"commit", name}, Exit::usage, "kept"},
      {{"discard", name}, Exit::usage, "staged"},
      {{"stage", name}, Exit::usage, ""},
      {{"stage", name, other, "no_such_parameter"}, Exit::usage, ""},
      {{"manage"}, Exit::usage, ""},
      {{"manage", "bad/name"}, Exit::usage, ""},
      {{"manage", std::string(300, 'n')}, Exit::usage, ""},
      {{"manage", loadedUnmanaged}, Exit::busy, loadedUnmanaged},
      {{"unmanage", "never_managed"}, Exit::noDriver, "never_managed"},
      {{"check", name}, Exit::usage, ""},
      {{"watch", "--count=none"}, Exit::usage, ""},
  };
  for (const auto& c : cases) {
    expectRefused(c.arguments, c.code, c.text);
    before.expectSame(driver, fmt::format("after lu-ctl {}", fmt::join(c.arguments, " ")));
  }
  const auto json = run({"lu-ctl", "--json", "update", "no_such_driver", other}, verbLimit);
  const auto error = Json::parse(json.out, nullptr, false);
  ASSERT_FALSE(error.is_discarded()) << "not JSON: " << json.out;
  EXPECT_EQ(error.value("/error/exit"_json_pointer, 0), static_cast<int>(Exit::noDriver)) << json.out;
  const auto user = runAs(nobody, {"lu-ctl", "update", name, other}, verbLimit);
  EXPECT_NE(user.exitCode, 0) << "anybody may update";
  EXPECT_FALSE(user.err.empty());
  before.expectSame(driver, "after an attempt without privilege");
  world.close();
}

LU_SCENARIO(input, bad_files) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  const auto files = makeBadModules("/tmp/bad", other.path);
  const auto foreign = versionNamed(context.driver == "e1000" ? "e1000e" : "e1000", "stock").path;
  Session session(world);
  const Before before(driver);
  for (const auto& file : files) {
    for (const char* verb : {"check", "stage", "update"}) expectRefused({verb, context.driver, file.path}, Exit::usage, "");
    before.expectSame(driver, "after " + file.what);
    if (!file.alsoToInsmod) continue;
    EXPECT_NE(run({"insmod", file.path}, verbLimit).exitCode, 0) << "insmod takes " << file.what;
    before.expectSame(driver, "after insmod of " + file.what);
  }
  for (const char* verb : {"check", "stage", "update"}) expectRefused({verb, context.driver, foreign}, Exit::usage, "");
  before.expectSame(driver, "after a module of another driver");
  const auto ids = versionNamed(context.driver, "other-ids").path;
  expectRefused({"update", context.driver, ids}, Exit::usage, "device");
  before.expectSame(driver, "after a module with other device ids");
  session.checkFully("after all bad files");
  session.finish();
  driver.replaceBy(other);
  world.close();
  std::filesystem::remove_all("/tmp/bad");
}

LU_SCENARIO(input, bad_writes) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto base = fmt::format("{}drivers/{}/", root, context.driver);
  const Before before(driver);
  struct Case {
    std::string file, text;
    int error;
  };
  const std::vector<Case> cases = {
      {base + "update", "2", EINVAL},
      {base + "update", "1 1", EINVAL},
      {base + "update", "yes", EINVAL},
      {base + "update", "1", ENOENT},
      {base + "rollback", "1", ENOENT},
      {base + "commit", "1", ENOENT},
      {base + "discard", "1", ENOENT},
      {base + "commit", "0", EINVAL},
      {base + "policy", "hope", EINVAL},
      {base + "policy", "roll", EINVAL},
      {base + "method", "magic", EINVAL},
      {base + "method", "inherit", EOPNOTSUPP},
      {base + "release", "never", EINVAL},
      {base + "timeout_ms", "soon", EINVAL},
      {base + "timeout_ms", "-1", EINVAL},
      {base + "timeout_ms", "99999999999999999999", ERANGE},
      {base + "timeout_ms", "4294967295", EINVAL},
      {std::string(root) + "manage", " ", EINVAL},
      {std::string(root) + "manage", "bad/name", EINVAL},
      {std::string(root) + "manage", std::string(300, 'n'), EINVAL},
      {std::string(root) + "manage", loadedUnmanaged, EBUSY},
      {std::string(root) + "unmanage", "never_managed", ENOENT},
      {"/sys/kernel/debug/liveupdate/inject", "lunch", EINVAL},
      {"/sys/kernel/debug/liveupdate/inject", "attach:none", EINVAL},
  };
  for (const auto& c : cases) {
    const int error = tryWrite(c.file, c.text);
    EXPECT_EQ(error, c.error) << "'" << c.text << "' to " << c.file << " gives " << std::strerror(error) << ", not "
                              << std::strerror(c.error);
    before.expectSame(driver, fmt::format("after '{}' to {}", c.text, c.file));
  }
  for (const char* readOnly : {"state", "class", "generation", "last/result", "running/version"})
    EXPECT_NE(tryWrite(base + readOnly, "1"), 0) << readOnly << " can be written";
  before.expectSame(driver, "at the end");
  world.close();
}

/** While an update runs: another one, an unload, an end of management. All say busy or wait; none harms. */
LU_SCENARIO(input, busy) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto own = versionNamed(context.driver, "stock");
  const auto slow = versionNamed(context.driver, "slow-probe");
  Session session(world);
  driver.mustCtl("stage", {slow.path});
  expectRefused({"stage", context.driver, slow.path}, Exit::busy, "");
  EXPECT_NE(run({"insmod", slow.path}).exitCode, 0) << "a second generation was staged by insmod";
  EXPECT_EQ(driver.attribute("state"), "staged");
  Output updating;
  std::thread update([&] { updating = driver.ctl("update"); });
  const bool began = waitUntil(30s, [&] { return driver.attribute("state") == "updating"; });
  EXPECT_TRUE(began);
  if (began) {
    for (const char* verb : {"update", "rollback", "commit", "discard"})
      EXPECT_EQ(driver.trigger(verb), EBUSY) << verb << " during an update";
    EXPECT_EQ(driver.write("policy", "force"), EBUSY);
    expectRefused({"update", context.driver}, Exit::busy, "busy");
    EXPECT_EQ(run({"lu-ctl", "status", context.driver}).exitCode, 0);
    EXPECT_NE(run({"rmmod", context.driver}).exitCode, 0) << "unloaded in mid-update";
    EXPECT_NE(run({"rmmod", "shadow_net"}).exitCode, 0);
    EXPECT_NE(run({"rmmod", "liveupdate"}).exitCode, 0);
  }
  update.join();
  EXPECT_EQ(updating.exitCode, 0) << updating.err << driver.story();
  EXPECT_TRUE(driver.runs(slow)) << driver.story();
  driver.mustCtl("commit");
  session.checkFully("after the update that others disturbed");
  driver.replaceBy(own);
  session.finish();
  world.close();
}

/** The machine does not go to sleep under an update, and does afterwards. */
LU_SCENARIO(input, no_sleep_during_update) {
  // Only as far as the freezing of processes: whether a device wakes up again is not the question here.
  mustWrite("/sys/power/pm_test", "freezer");
  mustWrite("/sys/module/suspend/parameters/pm_test_delay", "1");
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto slow = versionNamed(context.driver, "slow-probe");
  Session session(world);
  Output updating;
  std::thread update([&] { updating = driver.ctl("update", {slow.path}); });
  const bool began = waitUntil(30s, [&] { return driver.attribute("state") == "updating"; });
  const int refused = began ? tryWrite("/sys/power/state", "freeze") : 0;
  EXPECT_EQ(refused, EBUSY) << (began ? "" : "the update did not begin");
  update.join();
  EXPECT_EQ(updating.exitCode, 0) << updating.err << driver.story();
  EXPECT_TRUE(driver.runs(slow)) << driver.story();
  session.checkFully("after the update that a sleep was refused for");
  session.finish();
  EXPECT_EQ(tryWrite("/sys/power/state", "freeze"), 0);
  driver.mustCtl("rollback");
  driver.mustCtl("commit");
  world.awaitLink(30s);
  world.close();
}

/** Two at once, again and again: each time one gets through or both do in turn; never a mixture. */
LU_SCENARIO(input, concurrent_updates) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  for (unsigned i = 0; i < std::max(3u, context.count); ++i) {
    Output first, second;
    std::thread one([&] { first = driver.ctl("update", {other.path, "--commit"}); });
    std::thread two([&] { second = driver.ctl("update", {other.path, "--commit"}); });
    one.join();
    two.join();
    for (const auto& result : {first, second})
      EXPECT_TRUE(result.exitCode == 0 || result.exitCode == static_cast<int>(Exit::busy)) << result.exitCode << result.err;
    EXPECT_TRUE(first.exitCode == 0 || second.exitCode == 0) << first.err << second.err;
    EXPECT_TRUE(driver.runs(other)) << driver.story();
    EXPECT_EQ(driver.attribute("state"), "running");
    driver.replaceBy(own);
  }
  world.awaitLink(30s);
  world.close();
}

/** A driver that was loaded before it was managed has no taps: said clearly, and nothing is done. */
LU_SCENARIO(input, loaded_before_managed) {
  World world(context.driver, {.managed = false});
  loadLiveUpdate();
  const auto before = takeQuickSnapshot();
  expectRefused({"manage", context.driver}, Exit::busy, "reload");
  EXPECT_EQ(tryWrite(std::string(root) + "manage", context.driver), EBUSY);
  const auto other = twoRealVersions(context.driver).second;
  expectRefused({"update", context.driver, other.path}, Exit::noDriver, context.driver);
  expectNone("state", differences(before, takeQuickSnapshot()));
  // The way out that is offered.
  must({"lu-ctl", "manage", "--reload", "--yes", context.driver});
  const ManagedDriver driver(context.driver);
  EXPECT_TRUE(waitUntil(30s, [&] { return driver.hasAttribute("state"); }));
  world.configure();
  driver.replaceBy(other);
  world.awaitLink(30s);
  must({"rmmod", context.driver});
  unloadLiveUpdate();
  world.close();
}

}  // namespace
}  // namespace lug
