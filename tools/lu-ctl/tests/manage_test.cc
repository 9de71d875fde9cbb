// SPDX-License-Identifier: GPL-2.0-or-later
// manage, unmanage, and the verbs that only look.
#include <cerrno>

#include "driver.h"
#include "tests/helpers.h"

namespace luctl {
namespace {

constexpr const char* kManage = "/sys/kernel/liveupdate/manage";

class ManageTest : public ::testing::Test {
 protected:
  ManageTest() {
    kernel.files[kManage] = "";
    kernel.files["/sys/kernel/liveupdate/unmanage"] = "";
    kernel.on_write[kManage] = [this](const std::string& text) {
      if (manage_errno) return manage_errno;
      kernel.files[kManage] += text + "\n";
      return 0;
    };
  }
  /// A loaded driver without taps, with one interface.
  void load_unmanaged() {
    kernel.files["/sys/module/e1000/initstate"] = "live\n";
    kernel.files["/sys/class/net/eth0/mtu"] = "1500\n";
    kernel.files["/sys/class/net/lo/mtu"] = "65536\n";
    kernel.links["/sys/class/net/eth0/device/driver/module"] = "e1000";
    kernel.interface_addresses["eth0"] = {"192.0.2.1/24"};
    kernel.on_probe = [this](const std::string& name) {
      if (kernel.files[kManage].find(name) != std::string::npos) driver.emplace(kernel, name);
      return 0;
    };
  }

  FakeKernel kernel;
  std::optional<FakeDriver> driver;
  int manage_errno = 0;
};

TEST_F(ManageTest, WritesNamesAsTheKernelHasThem) {
  Ran ran = run(kernel, {"manage", "virtio-net", "snd-*", "e100[0-9]", "--json"});
  ASSERT_EQ(ran.exit, Exit::kDone) << ran.err;
  EXPECT_EQ(ran.json()["patterns"], (Value{"virtio_net", "snd_*", "e100[0-9]"}));
}

TEST_F(ManageTest, ExplainsRefusals) {
  manage_errno = EBUSY;
  Ran busy = run(kernel, {"manage", "e1000"});
  EXPECT_EQ(busy.exit, Exit::kBusy);
  EXPECT_TRUE(busy.says("already loaded, so it has no taps")) << busy.err;
  EXPECT_TRUE(busy.says("lu-ctl manage --reload e1000"));
  manage_errno = EINVAL;
  EXPECT_EQ(run(kernel, {"manage", "a/b"}).exit, Exit::kError);
  manage_errno = EOPNOTSUPP;
  EXPECT_TRUE(run(kernel, {"manage", "loop"}).says("built into the kernel"));
  manage_errno = EEXIST;  // asking twice is no error
  EXPECT_EQ(run(kernel, {"manage", "e1000"}).exit, Exit::kDone);
}

TEST_F(ManageTest, ReloadWantsToBeConfirmed) {
  load_unmanaged();
  Ran ran = run(kernel, {"manage", "--reload", "e1000", "--json"});
  EXPECT_EQ(ran.exit, Exit::kError);
  EXPECT_TRUE(ran.says("eth0"));
  EXPECT_TRUE(ran.says("192.0.2.1/24"));
  EXPECT_EQ(ran.json()["interrupts"][0]["interface"], "eth0");
  EXPECT_TRUE(kernel.actions.empty());

  kernel.tty = true;
  EXPECT_EQ(run(kernel, {"manage", "--reload", "e1000"}).exit, Exit::kError);
  EXPECT_EQ(kernel.questions, 1);
  EXPECT_TRUE(kernel.actions.empty());
  kernel.answer = true;
  EXPECT_EQ(run(kernel, {"manage", "--reload", "e1000"}).exit, Exit::kDone);
}

TEST_F(ManageTest, ReloadUnloadsManagesAndLoads) {
  load_unmanaged();
  Ran ran = run(kernel, {"manage", "--reload", "--yes", "e1000"});
  ASSERT_EQ(ran.exit, Exit::kDone) << ran.err;
  EXPECT_EQ(kernel.actions,
            (std::vector<std::string>{"remove e1000", std::string("write ") + kManage + " e1000",
                                      "probe e1000"}));
  EXPECT_TRUE(ran.says("ip address add 192.0.2.1/24 dev eth0"));
  EXPECT_EQ(kernel.questions, 0);
}

TEST_F(ManageTest, ReloadLeavesTheDriverLoadedWhateverFails) {
  load_unmanaged();
  manage_errno = EINVAL;
  EXPECT_EQ(run(kernel, {"manage", "--reload", "--yes", "e1000"}).exit, Exit::kError);
  EXPECT_TRUE(did(kernel, "probe e1000"));
}

TEST_F(ManageTest, ReloadOfAModuleInUse) {
  load_unmanaged();
  kernel.on_remove = [](const std::string&) { return EAGAIN; };
  Ran ran = run(kernel, {"manage", "--reload", "--yes", "e1000"});
  EXPECT_EQ(ran.exit, Exit::kBusy);
  EXPECT_TRUE(ran.says("still loaded"));
  kernel.files["/sys/module/e1000/holders/other/x"] = "";
  EXPECT_TRUE(run(kernel, {"manage", "--reload", "--yes", "e1000"}).says("in use by other"));
}

TEST_F(ManageTest, ReloadThatDoesNotComeBackIsAFailure) {
  load_unmanaged();
  kernel.on_probe = [](const std::string&) { return ENODEV; };
  Ran ran = run(kernel, {"manage", "--reload", "--yes", "e1000"});
  EXPECT_EQ(ran.exit, Exit::kFailed);
  EXPECT_TRUE(ran.says("does not load again"));
}

TEST_F(ManageTest, ReloadOfNothing) {
  kernel.files["/sys/module/e1000/initstate"] = "live\n";
  Ran ran = run(kernel, {"manage", "--reload", "--yes", "e100"});
  EXPECT_EQ(ran.exit, Exit::kNoDriver);
  EXPECT_TRUE(ran.says("did you mean e1000?"));
}

TEST_F(ManageTest, Unmanage) {
  driver.emplace(kernel, "e1000");
  int err = 0;
  kernel.on_write["/sys/kernel/liveupdate/unmanage"] = [&](const std::string&) { return err; };
  EXPECT_EQ(run(kernel, {"unmanage", "e1000"}).exit, Exit::kDone);
  err = ENOENT;
  Ran unknown = run(kernel, {"unmanage", "e100"});
  EXPECT_EQ(unknown.exit, Exit::kNoDriver);
  EXPECT_TRUE(unknown.says("did you mean e1000?")) << unknown.err;
  err = EBUSY;
  Ran busy = run(kernel, {"unmanage", "e1000"});
  EXPECT_EQ(busy.exit, Exit::kBusy);
  EXPECT_TRUE(busy.says("modprobe -r e1000"));
  kernel.remove_tree(driver->path("running"));
  driver->put_generation("kept", "0.9", "99");
  EXPECT_TRUE(run(kernel, {"unmanage", "e1000"}).says("lu-ctl commit e1000"));
}

TEST_F(ManageTest, ListAndStatus) {
  Ran none = run(kernel, {"list", "--json"});
  EXPECT_EQ(none.exit, Exit::kDone);
  EXPECT_EQ(none.json()["drivers"], Value::array());

  driver.emplace(kernel, "e1000");
  driver->put_generation("kept", "0.9", "99");
  Value list = run(kernel, {"list", "--json"}).json();
  ASSERT_EQ(list["drivers"].size(), 1u);
  EXPECT_EQ(list["drivers"][0]["name"], "e1000");
  EXPECT_EQ(list["drivers"][0]["running"], "1.0");
  EXPECT_EQ(list["drivers"][0]["kept"], "0.9");
  EXPECT_EQ(list["drivers"][0]["staged"], nullptr);

  Value status = run(kernel, {"status", "e1000", "--json"}).json();
  EXPECT_EQ(status["state"], "running");
  EXPECT_EQ(status["running"]["build_id"], "aa");
  EXPECT_EQ(status["timeout_ms"], 10000);
  EXPECT_EQ(status["last"], nullptr);
  EXPECT_EQ(run(kernel, {"status", "--json"}).json()["drivers"].size(), 1u);
  EXPECT_EQ(run(kernel, {"status", "e1001"}).exit, Exit::kNoDriver);
}

TEST_F(ManageTest, LogObjectsImports) {
  driver.emplace(kernel, "e1000");
  std::string dir = "/sys/kernel/debug/liveupdate/e1000/";
  kernel.files[dir + "log"] = "# device\tkey\tvalue\n0000:00:03.0\tmtu\t1400\n";
  kernel.files[dir + "objects"] =
      "# generation\tdevice\tkind\tid\tdetail\n1\t0000:00:03.0\tirq\t11\teth0\n";
  kernel.files[dir + "imports"] = "# module symbol class tap\n";
  Value log = run(kernel, {"log", "e1000", "--json"}).json();
  ASSERT_EQ(log["records"].size(), 1u);
  EXPECT_EQ(log["records"][0]["key"], "mtu");
  EXPECT_EQ(log["records"][0]["value"], "1400");
  EXPECT_EQ(run(kernel, {"objects", "e1000", "--json"}).json()["records"][0]["generation"], 1);
  Ran imports = run(kernel, {"imports", "e1000"});
  EXPECT_EQ(imports.exit, Exit::kDone);
  EXPECT_TRUE(imports.says("nothing in imports"));
}

TEST_F(ManageTest, LogWithoutDebugfs) {
  driver.emplace(kernel, "e1000");
  Ran ran = run(kernel, {"log", "e1000"});
  EXPECT_EQ(ran.exit, Exit::kError);
  EXPECT_TRUE(ran.says("mount -t debugfs"));
}

TEST(PlainName, LeavesRangesAlone) {
  EXPECT_EQ(plain_name("virtio-net"), "virtio_net");
  EXPECT_EQ(plain_name("snd-[a-c]-x"), "snd_[a-c]_x");
}

}  // namespace
}  // namespace luctl
