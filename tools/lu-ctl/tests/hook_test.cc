// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>

#include "tests/helpers.h"
#include "tests/module_image.h"

namespace luctl {
namespace {

constexpr const char* kDir = "/lib/modules/6.1.0-56-amd64";

class HookTest : public ::testing::Test {
 protected:
  HookTest() {
    kernel.files[std::string(kDir) + "/kernel/net/e1000.ko"] = make_module({});
    kernel.files[std::string(kDir) + "/kernel/net/other.ko"] = "not looked at";
    kernel.files[std::string(kDir) + "/modules.dep"] = "";
  }
  Value files(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"hook", "modules", kDir, "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    last = run(kernel, arguments);
    return last.json()["files"];
  }

  FakeKernel kernel;
  FakeDriver driver{kernel, "e1000"};
  Ran last;
};

TEST_F(HookTest, OnlyReportsUnlessAllowed) {
  Value list = files();
  ASSERT_EQ(list.size(), 1u) << list;
  EXPECT_EQ(list[0]["driver"], "e1000");
  EXPECT_EQ(list[0]["action"], "would-update");
  EXPECT_EQ(last.exit, Exit::kDone);
  EXPECT_TRUE(kernel.actions.empty());
}

TEST_F(HookTest, UpdatesWhenAllowed) {
  kernel.files["/etc/liveupdate.conf"] = "# policy\nauto_update = yes\ncommit=yes # at once\n";
  EXPECT_EQ(files({"--dry-run"})[0]["action"], "would-update");
  EXPECT_EQ(files()[0]["action"], "updated");
  EXPECT_EQ(kernel.files[driver.path("running/version")], "2.0\n");
  EXPECT_FALSE(driver.has("kept"));
  // The second time there is nothing left to do.
  EXPECT_EQ(files()[0]["action"], "current");
}

TEST_F(HookTest, ReportsARollBackByItsExitCode) {
  kernel.files["/etc/liveupdate.conf"] = "auto_update=yes\n";
  driver.update_errno = ECANCELED;
  driver.mismatches = {"tx queues 8 -> 1"};
  Value list = files();
  EXPECT_EQ(list[0]["action"], "rolled-back");
  EXPECT_EQ(last.exit, Exit::kRolledBack);
}

TEST_F(HookTest, LeavesModulesForOtherKernelsAlone) {
  ImageSpec next;
  next.vermagic = "6.1.0-57-amd64 SMP preempt mod_unload modversions ";
  kernel.files[std::string(kDir) + "/kernel/net/e1000.ko"] = make_module(next);
  EXPECT_EQ(files()[0]["action"], "skipped");
  EXPECT_EQ(last.exit, Exit::kDone);
}

TEST_F(HookTest, NamesWhatIsWrongInTheConfiguration) {
  kernel.files["/etc/liveupdate.conf"] = "auto_updte=yes\n";
  Ran ran = run(kernel, {"hook", "modules", kDir});
  EXPECT_EQ(ran.exit, Exit::kError);
  EXPECT_TRUE(ran.says("did you mean auto_update?")) << ran.err;
  kernel.files["/etc/liveupdate.conf"] = "auto_update=maybe\n";
  EXPECT_TRUE(run(kernel, {"hook", "modules", kDir}).says("yes or no"));
  EXPECT_EQ(run(kernel, {"hook", "modules", kDir, "--config=/none"}).exit, Exit::kError);
}

TEST_F(HookTest, UnknownHooksAndPaths) {
  EXPECT_EQ(run(kernel, {"hook", "dpkg", kDir}).exit, Exit::kError);
  Ran ran = run(kernel, {"hook", "modules", "/none"});
  EXPECT_EQ(ran.exit, Exit::kDone);
  EXPECT_TRUE(ran.says("does not exist"));
}

TEST(Hook, WithoutLiveupdateThereIsNothingToDo) {
  FakeKernel kernel;
  kernel.files["/m/e1000.ko"] = make_module({});
  EXPECT_EQ(run(kernel, {"hook", "modules", "/m"}).exit, Exit::kDone);
}

}  // namespace
}  // namespace luctl
