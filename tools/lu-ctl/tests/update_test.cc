// SPDX-License-Identifier: GPL-2.0-or-later
// stage, update, rollback, commit, discard over a fake kernel.
#include <cerrno>

#include "tests/helpers.h"
#include "tests/module_image.h"

namespace luctl {
namespace {

class UpdateTest : public ::testing::Test {
 protected:
  UpdateTest() { kernel.files["/m/new.ko"] = make_module({}); }

  FakeKernel kernel;
  FakeDriver driver{kernel, "e1000"};
};

TEST_F(UpdateTest, Succeeds) {
  kernel.files["/sys/kernel/debug/liveupdate/e1000/timeline"] =
      "# t_us\tevent\n100\tstaged e1000__2\n";
  kernel.on_write[driver.path("update")] =
      [&, update = kernel.on_write[driver.path("update")]](const std::string& text) {
        kernel.files["/sys/kernel/debug/liveupdate/e1000/timeline"] +=
            "200\tquiesce\n300\treleased on behalf: irq 11\n900\tresume\n";
        return update(text);
      };
  Ran ran = run(kernel, {"update", "e1000", "/m/new.ko", "--json", "--verbose"});
  ASSERT_EQ(ran.exit, Exit::kDone) << ran.err;
  Value record = ran.json();
  EXPECT_EQ(record["driver"], "e1000");
  EXPECT_EQ(record["result"], "updated");
  EXPECT_EQ(record["from"]["version"], "1.0");
  EXPECT_EQ(record["to"]["version"], "2.0");
  EXPECT_EQ(record["to"]["build_id"], "bb");
  EXPECT_EQ(record["blackout_us"], 41250);
  EXPECT_EQ(record["generation"], 2);
  EXPECT_EQ(record["kept"], true);
  EXPECT_EQ(record["phases"]["attach"], 40000);
  EXPECT_EQ(record["devices"], 2);
  // The timeline is that of this transaction, not of what happened before.
  ASSERT_EQ(record["timeline"].size(), 3u);
  EXPECT_EQ(record["released_objects"], Value{"irq 11"});
  EXPECT_EQ(record["timeline"][0]["event"], "quiesce");
  EXPECT_TRUE(ran.says("lu-ctl commit e1000"));
  EXPECT_TRUE(driver.has("kept"));
  EXPECT_FALSE(driver.has("staged"));
}

TEST_F(UpdateTest, SaysItInOneLine) {
  Ran ran = run(kernel, {"update", "e1000", "/m/new.ko"});
  ASSERT_EQ(ran.exit, Exit::kDone) << ran.err;
  EXPECT_TRUE(ran.out.starts_with("e1000: updated from 1.0 to 2.0, away 41.2 ms\n")) << ran.out;
}

TEST_F(UpdateTest, CommitsAtOnceWhenAsked) {
  Ran ran = run(kernel, {"update", "e1000", "/m/new.ko", "--commit", "--json"});
  ASSERT_EQ(ran.exit, Exit::kDone) << ran.err;
  EXPECT_EQ(ran.json()["kept"], false);
  EXPECT_FALSE(driver.has("kept"));
}

TEST_F(UpdateTest, RolledBackNamesTheMismatchesAndDiscards) {
  driver.update_errno = ECANCELED;
  driver.mismatches = {"NETIF_F_HW_CSUM lost", "tx queues 8 -> 1"};
  Ran ran = run(kernel, {"--json", "update", "e1000", "/m/new.ko"});
  EXPECT_EQ(ran.exit, Exit::kRolledBack);
  EXPECT_TRUE(ran.says("NETIF_F_HW_CSUM lost; tx queues 8 -> 1")) << ran.err;
  Value record = ran.json();
  EXPECT_EQ(record["result"], "rolled-back");
  EXPECT_EQ(record["mismatches"].size(), 2u);
  EXPECT_EQ(record["discarded"], true);
  EXPECT_EQ(record["state"], "running");
  EXPECT_EQ(record["error"]["exit"], 3);
  EXPECT_FALSE(driver.has("staged"));
}

TEST_F(UpdateTest, NamesTheStepWhereThereIsNoMismatch) {
  driver.update_errno = ECANCELED;
  Ran ran = run(kernel, {"update", "e1000", "/m/new.ko"});
  EXPECT_TRUE(ran.says("the old driver runs: verify failed (-95)")) << ran.err;
}

TEST_F(UpdateTest, KeepsTheStagedDriverWhenAsked) {
  driver.update_errno = ECANCELED;
  Ran ran = run(kernel, {"update", "e1000", "/m/new.ko", "--keep-staged"});
  EXPECT_EQ(ran.exit, Exit::kRolledBack);
  EXPECT_TRUE(driver.has("staged"));
  EXPECT_TRUE(ran.says("--keep-staged"));
}

TEST_F(UpdateTest, FailedLeavesEverythingForTheOperator) {
  driver.update_errno = EIO;
  Ran ran = run(kernel, {"update", "e1000", "/m/new.ko"});
  EXPECT_EQ(ran.exit, Exit::kFailed);
  EXPECT_TRUE(ran.says("neither the new nor the old driver runs"));
  EXPECT_TRUE(driver.has("staged"));
  EXPECT_TRUE(ran.shows("failed"));
}

TEST_F(UpdateTest, ATimeLimitIsARollBackOrAFailureByTheState) {
  driver.update_errno = ETIME;
  EXPECT_EQ(run(kernel, {"update", "e1000", "/m/new.ko"}).exit, Exit::kRolledBack);
  driver.state_after_failure = "failed";
  EXPECT_EQ(run(kernel, {"update", "e1000", "/m/new.ko"}).exit, Exit::kFailed);
}

TEST_F(UpdateTest, BusyWhenAnUpdateIsInFlight) {
  driver.update_errno = EBUSY;
  Ran ran = run(kernel, {"update", "e1000", "/m/new.ko"});
  EXPECT_EQ(ran.exit, Exit::kBusy);
  EXPECT_TRUE(ran.says("in flight"));
  // What this command staged it takes back; what was staged before stays.
  EXPECT_FALSE(driver.has("staged"));
  driver.put_generation("staged", "2.0", "bb");
  EXPECT_EQ(run(kernel, {"update", "e1000"}).exit, Exit::kBusy);
  EXPECT_TRUE(driver.has("staged"));
}

TEST_F(UpdateTest, BusyWhenAnotherLuCtlWorks) {
  kernel.locked.insert(driver.path("").substr(0, driver.path("").size() - 1));
  for (const char* verb : {"update", "stage", "rollback", "commit", "discard"}) {
    std::vector<std::string> arguments = {verb, "e1000"};
    if (arguments[0] == "stage") arguments.push_back("/m/new.ko");
    Ran ran = run(kernel, arguments);
    EXPECT_EQ(ran.exit, Exit::kBusy) << verb;
    EXPECT_TRUE(ran.says("another lu-ctl")) << ran.err;
  }
  EXPECT_TRUE(kernel.actions.empty());
}

TEST_F(UpdateTest, BusyWhenSomethingIsStagedAlready) {
  driver.put_generation("staged", "1.5", "cc");
  Ran ran = run(kernel, {"update", "e1000", "/m/new.ko"});
  EXPECT_EQ(ran.exit, Exit::kBusy);
  EXPECT_TRUE(ran.says("staged driver already (1.5)")) << ran.err;
  EXPECT_FALSE(did(kernel, "load "));
}

TEST_F(UpdateTest, NothingStagedNothingKept) {
  Ran ran = run(kernel, {"update", "e1000"});
  EXPECT_EQ(ran.exit, Exit::kError);
  EXPECT_TRUE(ran.says("nothing is staged"));
  EXPECT_TRUE(run(kernel, {"rollback", "e1000"}).says("no previous generation is kept"));
  EXPECT_TRUE(run(kernel, {"commit", "e1000"}).says("no previous generation is kept"));
  EXPECT_EQ(run(kernel, {"discard", "e1000"}).exit, Exit::kError);
}

TEST_F(UpdateTest, StageUpdateRollbackCommit) {
  Ran staged = run(kernel, {"stage", "e1000", "/m/new.ko", "debug=16", "copybreak=0", "--json"});
  ASSERT_EQ(staged.exit, Exit::kDone) << staged.err;
  EXPECT_EQ(staged.json()["state"], "staged");
  EXPECT_TRUE(did(kernel, "load debug=16 copybreak=0"));
  EXPECT_EQ(run(kernel, {"update", "e1000"}).exit, Exit::kDone);
  EXPECT_EQ(kernel.files[driver.path("running/version")], "2.0\n");
  Ran back = run(kernel, {"rollback", "e1000"});
  EXPECT_EQ(back.exit, Exit::kDone);
  EXPECT_TRUE(back.out.starts_with("e1000: went back from 2.0 to 1.0")) << back.out;
  EXPECT_EQ(kernel.files[driver.path("running/version")], "1.0\n");
  EXPECT_EQ(run(kernel, {"commit", "e1000"}).exit, Exit::kDone);
  EXPECT_FALSE(driver.has("kept"));
}

TEST_F(UpdateTest, SettingsHoldForOneUpdateOnly) {
  std::string policy, timeout;
  kernel.on_write[driver.path("update")] = [&](const std::string&) {
    policy = kernel.files[driver.path("policy")];
    timeout = kernel.files[driver.path("timeout_ms")];
    return ECANCELED;
  };
  run(kernel, {"update", "e1000", "/m/new.ko", "--policy=force", "--timeout=2500"});
  EXPECT_EQ(policy, "force\n");
  EXPECT_EQ(timeout, "2500\n");
  EXPECT_EQ(kernel.files[driver.path("policy")], "rollback\n");
  EXPECT_EQ(kernel.files[driver.path("timeout_ms")], "10000\n");
}

TEST_F(UpdateTest, RefusesWrongSettingsBeforeTouchingAnything) {
  for (const char* option : {"--policy=frce", "--method=magic", "--timeout=soon", "--timeout=-1",
                             "--timeout=99999999999", "--timeout="}) {
    Ran ran = run(kernel, {"update", "e1000", "/m/new.ko", option});
    EXPECT_EQ(ran.exit, Exit::kError) << option;
  }
  Ran ran = run(kernel, {"update", "e1000", "/m/new.ko", "--method=inherit"});
  EXPECT_EQ(ran.exit, Exit::kError);
  EXPECT_TRUE(ran.says("inherit is not available yet"));
  EXPECT_TRUE(kernel.actions.empty());
}

TEST_F(UpdateTest, RefusesAFileThatDoesNotFit) {
  ImageSpec other;
  other.name = "e1000e";
  kernel.files["/m/other.ko"] = make_module(other);
  Ran ran = run(kernel, {"update", "e1000", "/m/other.ko", "--json"});
  EXPECT_EQ(ran.exit, Exit::kError);
  EXPECT_TRUE(ran.says("is the driver e1000e, not e1000")) << ran.err;
  EXPECT_EQ(ran.json()["problems"][0]["kind"], "other-driver");
  EXPECT_TRUE(kernel.actions.empty());
}

TEST_F(UpdateTest, NoCheckLeavesTheDeviceIdsToTheKernel) {
  ImageSpec spec;
  spec.aliases.clear();
  kernel.files["/m/other-ids.ko"] = make_module(spec);
  kernel.files["/m/installed.ko"] = make_module({});
  kernel.module_files["e1000"] = "/m/installed.ko";
  EXPECT_EQ(run(kernel, {"update", "e1000", "/m/other-ids.ko"}).exit, Exit::kError);
  EXPECT_EQ(run(kernel, {"update", "e1000", "/m/other-ids.ko", "--no-check"}).exit, Exit::kDone);
}

TEST_F(UpdateTest, ExplainsWhyTheKernelDoesNotLoadIt) {
  const std::pair<int, const char*> reasons[] = {
      {ENOEXEC, "does not take it"}, {EKEYREJECTED, "signature"}, {EPERM, "lockdown"},
      {ENOENT, "needs a symbol"},    {ENOMEM, "out of memory"},   {EEXIST, "did not stage"},
  };
  for (const auto& [err, text] : reasons) {
    kernel.on_load = [err = err](std::string_view, const std::string&) { return err; };
    Ran ran = run(kernel, {"update", "e1000", "/m/new.ko"});
    EXPECT_EQ(ran.exit, Exit::kError);
    EXPECT_TRUE(ran.says(text)) << ran.err;
  }
  kernel.on_load = [](std::string_view, const std::string&) { return EBUSY; };
  EXPECT_EQ(run(kernel, {"update", "e1000", "/m/new.ko"}).exit, Exit::kBusy);
}

TEST_F(UpdateTest, TriesAgainWhenTheKernelAsksForIt) {
  int tries = 0;
  kernel.on_load = [&](std::string_view, const std::string&) {
    if (++tries < 3) return EAGAIN;
    driver.put_generation("staged", "2.0", "bb");
    return 0;
  };
  EXPECT_EQ(run(kernel, {"update", "e1000", "/m/new.ko"}).exit, Exit::kDone);
  EXPECT_EQ(tries, 3);
}

TEST_F(UpdateTest, NoticesThatALoadDidNotStage) {
  kernel.on_load = [](std::string_view, const std::string&) { return 0; };
  Ran ran = run(kernel, {"update", "e1000", "/m/new.ko"});
  EXPECT_EQ(ran.exit, Exit::kError);
  EXPECT_TRUE(ran.says("not staged"));
}

TEST_F(UpdateTest, UnknownDriver) {
  Ran ran = run(kernel, {"update", "e100", "/m/new.ko"});
  EXPECT_EQ(ran.exit, Exit::kNoDriver);
  EXPECT_TRUE(ran.says("did you mean e1000?")) << ran.err;
}

TEST_F(UpdateTest, LoadedButNotManaged) {
  kernel.files["/sys/module/pcnet32/initstate"] = "live\n";
  Ran ran = run(kernel, {"update", "pcnet32", "/m/new.ko"});
  EXPECT_EQ(ran.exit, Exit::kNoDriver);
  EXPECT_TRUE(ran.says("lu-ctl manage --reload pcnet32"));
}

}  // namespace
}  // namespace luctl
