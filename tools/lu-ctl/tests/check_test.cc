// SPDX-License-Identifier: GPL-2.0-or-later
// The pre-flight check against files made for each case.
#include "check.h"

#include <cerrno>

#include "tests/helpers.h"
#include "tests/module_image.h"

namespace luctl {
namespace {

constexpr const char* kFile = "/m/new.ko";
constexpr const char* kInstalled = "/lib/modules/6.1.0-56-amd64/e1000.ko";

class CheckTest : public ::testing::Test {
 protected:
  CheckTest() {
    spec.crcs = {{"module_layout", 1}, {"register_netdev", 2}};
    installed = spec;
    installed.version = "1.0";
    installed.build_id = "\xaa";
    kernel.module_files["e1000"] = kInstalled;
  }
  Ran check(const std::vector<std::string>& more = {}) {
    kernel.files[kFile] = make_module(spec);
    kernel.files[kInstalled] = make_module(installed);
    std::vector<std::string> arguments = {"check", "e1000", kFile, "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Ran ran = run(kernel, arguments);
    // Whatever it finds, it touches nothing.
    EXPECT_TRUE(kernel.actions.empty());
    return ran;
  }
  /// The one problem of that kind; the test fails when it is not the only one.
  std::string only_problem(const std::string& kind) {
    Ran ran = check();
    EXPECT_EQ(ran.exit, Exit::kError);
    Value problems = ran.json()["problems"];
    EXPECT_EQ(problems.size(), 1u) << problems;
    if (problems.empty()) return "";
    EXPECT_EQ(problems[0]["kind"], kind);
    EXPECT_TRUE(problems[0].contains("remedy")) << problems;
    return problems[0]["message"];
  }

  FakeKernel kernel;
  FakeDriver driver{kernel, "e1000"};
  ImageSpec spec, installed;
};

TEST_F(CheckTest, Fits) {
  Ran ran = check();
  EXPECT_EQ(ran.exit, Exit::kDone) << ran.err;
  EXPECT_EQ(ran.err, "");
  Value value = ran.json();
  EXPECT_EQ(value["fits"], true);
  ASSERT_EQ(value["files"].size(), 1u);
  const Value& file = value["files"][0];
  EXPECT_EQ(file["build_id"], "bb");
  EXPECT_EQ(file["kernel"]["crcs_compared"], 2);
  EXPECT_EQ(file["devices"]["lost"], Value::array());
  EXPECT_EQ(file["imports"]["classes"], (Value{{"object", 1}, {"pure", 1}}));
  EXPECT_EQ(file["imports"]["survives"][0]["imports"], Value{"register_netdev"});
  EXPECT_FALSE(file["imports"].contains("every"));
}

TEST_F(CheckTest, ListsEveryImportWhenAsked) {
  kernel.files["/sys/kernel/debug/liveupdate/e1000/imports"] =
      "# module symbol class tap\ne1000\tregister_netdev\tobject\tyes\n";
  Value every = check({"--imports"}).json()["files"][0]["imports"]["every"];
  ASSERT_EQ(every.size(), 2u);
  EXPECT_EQ(every[1]["symbol"], "register_netdev");
  EXPECT_EQ(every[1]["class"], "object");
  EXPECT_EQ(every[1]["tap"], true);
}

TEST_F(CheckTest, BelievesTheLoadedModulesAboutTheirTaps) {
  kernel.files["/sys/kernel/debug/liveupdate/e1000/imports"] =
      "# module\tsymbol\tclass\ttap\ne1000\tregister_netdev\t-\tno\n";
  Ran ran = check();
  EXPECT_TRUE(ran.says("register_netdev")) << ran.err;
  const Value imports = ran.json()["files"][0]["imports"];
  EXPECT_EQ(imports["survives"], Value::array());
  EXPECT_EQ(imports["unknown"][0]["imports"], Value{"register_netdev"});
}

TEST_F(CheckTest, AStringFunctionNeedsNoTapWhereNoNameIsKept) {
  spec.imports = {"snprintf"};
  installed.imports = spec.imports;
  kernel.files["/sys/kernel/debug/liveupdate/e1000/imports"] =
      "# module\tsymbol\tclass\ttap\ne1000\tsnprintf\t-\tno\n";
  const Value imports = check().json()["files"][0]["imports"];
  EXPECT_EQ(imports["classes"], (Value{{"pure", 1}}));
  EXPECT_EQ(imports["unknown"], Value::array());
}

TEST_F(CheckTest, WhatALaterModuleTapsIsNoLongerLost) {
  spec.imports = {"ptp_clock_register", "frobnicator_register"};
  installed.imports = spec.imports;
  kernel.files["/sys/kernel/debug/liveupdate/e1000/imports"] =
      "# module\tsymbol\tclass\ttap\n"
      "e1000\tptp_clock_register\tconceal\tyes\ne1000\tfrobnicator_register\t-\tno\n";
  const Value imports = check().json()["files"][0]["imports"];
  EXPECT_EQ(imports["survives"][0]["imports"], Value{"ptp_clock_register"});
  EXPECT_EQ(imports["recreated"], Value::array());
  EXPECT_EQ(imports["unknown"][0]["imports"], Value{"frobnicator_register"});
}

TEST_F(CheckTest, TextNamesWhatSurvives) {
  kernel.files[kFile] = make_module(spec);
  kernel.files[kInstalled] = make_module(installed);
  Ran ran = run(kernel, {"check", "e1000", kFile});
  EXPECT_TRUE(ran.out.starts_with("e1000: fits")) << ran.out;
  EXPECT_TRUE(ran.shows("network interface: kept"));
}

TEST_F(CheckTest, AnotherKernel) {
  spec.vermagic = "6.1.0-50-amd64 SMP preempt mod_unload modversions ";
  EXPECT_NE(only_problem("other-kernel").find("kernel 6.1.0-50-amd64; 6.1.0-56-amd64 runs"),
            std::string::npos);
}

TEST_F(CheckTest, SameReleaseOtherConfiguration) {
  spec.vermagic = "6.1.0-56-amd64 SMP mod_unload modversions ";
  EXPECT_NE(only_problem("other-kernel").find("vermagic"), std::string::npos);
}

TEST_F(CheckTest, OtherSymbolVersions) {
  spec.crcs["register_netdev"] = 3;
  EXPECT_NE(only_problem("crcs").find("register_netdev"), std::string::npos);
}

TEST_F(CheckTest, VersionsFromTheHeadersToo) {
  kernel.files["/lib/modules/6.1.0-56-amd64/build/Module.symvers"] =
      "0x00000009\tfree_netdev\tvmlinux\tEXPORT_SYMBOL\t\n";
  spec.imports.push_back("free_netdev");
  installed.imports.push_back("free_netdev");
  spec.crcs["free_netdev"] = 8;
  EXPECT_NE(only_problem("crcs").find("free_netdev"), std::string::npos);
}

TEST_F(CheckTest, SaysWhatCouldNotBeCompared) {
  spec.crcs["napi_enable"] = 8;
  Ran ran = check();
  EXPECT_EQ(ran.exit, Exit::kDone);
  EXPECT_TRUE(ran.says("1 of 3 imports not checked"));
}

TEST_F(CheckTest, SymbolsThatTheKernelDoesNotHave) {
  spec.imports.push_back("brand_new_function");
  spec.weak_imports = {"may_be_absent"};
  kernel.files["/proc/kallsyms"] =
      "ffffffff81000000 T napi_enable\nffffffffc0000000 t helper\t[mii]\n";
  EXPECT_NE(only_problem("symbols").find("brand_new_function"), std::string::npos);
  kernel.files["/proc/kallsyms"] += "ffffffffc0000010 T brand_new_function\t[mii]\n";
  EXPECT_EQ(check().exit, Exit::kDone);
}

TEST_F(CheckTest, UnsignedOnlyWhereItMatters) {
  spec.is_signed = false;
  Ran ran = check();
  EXPECT_EQ(ran.exit, Exit::kDone);
  EXPECT_TRUE(ran.says("taints the kernel"));
  kernel.files["/sys/module/module/parameters/sig_enforce"] = "Y\n";
  only_problem("unsigned");
  kernel.files["/sys/module/module/parameters/sig_enforce"] = "N\n";
  kernel.files["/sys/kernel/security/lockdown"] = "none [integrity] confidentiality\n";
  only_problem("unsigned");
  kernel.files["/sys/kernel/security/lockdown"] = "[none] integrity confidentiality\n";
  EXPECT_EQ(check().exit, Exit::kDone);
}

TEST_F(CheckTest, AnotherDriver) {
  spec.name = "e1000e";
  EXPECT_NE(check().err.find("is the driver e1000e, not e1000"), std::string::npos);
}

TEST_F(CheckTest, ModulesOfTheSetAreWelcome) {
  ImageSpec library;
  library.name = "mii";
  library.aliases.clear();
  kernel.files["/m/mii.ko"] = make_module(library);
  EXPECT_NE(check({"/m/mii.ko"}).exit, Exit::kDone);
  kernel.files["/sys/module/mii/holders/e1000/x"] = "";
  EXPECT_EQ(check({"/m/mii.ko"}).exit, Exit::kDone);
}

TEST_F(CheckTest, TheSameModuleTwice) {
  kernel.files["/m/again.ko"] = make_module(spec);
  Ran ran = check({"/m/again.ko"});
  EXPECT_EQ(ran.exit, Exit::kError);
  EXPECT_EQ(ran.json()["problems"][0]["kind"], "twice");
}

TEST_F(CheckTest, LostDeviceIds) {
  installed.aliases.push_back("pci:v00008086d00001004sv*sd*bc*sc*i*");
  EXPECT_NE(only_problem("device-ids").find("1 device id: pci:v00008086d00001004"),
            std::string::npos);
  spec.aliases = installed.aliases;
  spec.aliases.push_back("pci:v00008086d00009999sv*sd*bc*sc*i*");  // more is fine
  EXPECT_EQ(check().exit, Exit::kDone);
}

TEST_F(CheckTest, DevicesInUseHaveToBeKnown) {
  kernel.module_files.clear();
  kernel.files["/sys/module/e1000/drivers/pci:e1000/0000:00:03.0/modalias"] =
      "pci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00\n";
  Ran ran = check();
  EXPECT_EQ(ran.exit, Exit::kDone) << ran.err;
  EXPECT_TRUE(ran.says("running driver's file was not found"));
  Value bound = ran.json()["files"][0]["devices"]["bound"];
  ASSERT_EQ(bound.size(), 1u);
  EXPECT_EQ(bound[0]["supported"], true);
  spec.aliases = {"pci:v00008086d000010D3sv*sd*bc*sc*i*"};
  EXPECT_NE(only_problem("device-ids").find("0000:00:03.0"), std::string::npos);
}

TEST_F(CheckTest, DevicesGivenByHandStay) {
  kernel.files["/sys/module/e1000/drivers/pci:e1000/0000:00:03.0/modalias"] =
      "pci:v00001234d00001111sv00001AF4sd00001100bc02sc00i00\n";
  Ran ran = check();
  EXPECT_EQ(ran.exit, Exit::kDone) << ran.err;
  EXPECT_TRUE(ran.says("given to it by hand"));
  EXPECT_EQ(ran.json()["files"][0]["devices"]["bound"][0]["supported"], true);
}

TEST_F(CheckTest, OtherBusesDecideThemselves) {
  installed.build_id = "\xcc";
  kernel.files["/sys/module/e1000/drivers/hdaudio:e1000/hdaudioC0D0/modalias"] =
      "hdaudio:v1AF40022r00100101a01\n";
  Ran ran = check();
  EXPECT_EQ(ran.exit, Exit::kDone) << ran.err;
  EXPECT_TRUE(ran.says("hdaudioC0D0 is not in the driver's table: its bus decides"));
  EXPECT_EQ(ran.json()["files"][0]["devices"]["bound"][0]["supported"], true);
}

TEST_F(CheckTest, AnotherBuildDoesNotTellWhatWasGivenByHand) {
  installed.build_id = "\xcc";
  kernel.files["/sys/module/e1000/drivers/pci:e1000/0000:00:03.0/modalias"] =
      "pci:v00001234d00001111sv00001AF4sd00001100bc02sc00i00\n";
  EXPECT_NE(only_problem("device-ids").find("0000:00:03.0"), std::string::npos);
}

TEST_F(CheckTest, SaysWhenTheInstalledFileIsNotWhatRuns) {
  installed.build_id = "\xcc";
  EXPECT_TRUE(check().says("another build than the running one"));
}

TEST_F(CheckTest, RecreatedAndUnknownAreWarnedAbout) {
  spec.imports = {"ptp_clock_register", "frobnicator_register"};
  installed.imports = spec.imports;
  Ran ran = check();
  EXPECT_EQ(ran.exit, Exit::kDone);
  EXPECT_TRUE(ran.says("/dev/ptpN is recreated")) << ran.err;
  EXPECT_TRUE(ran.says("frobnicator_register"));
  const Value imports = ran.json()["files"][0]["imports"];
  EXPECT_EQ(imports["recreated"][0]["imports"], Value{"ptp_clock_register"});
  EXPECT_EQ(imports["unknown"][0]["imports"], Value{"frobnicator_register"});
}

TEST_F(CheckTest, FilesThatAreNone) {
  kernel.files["/m/text"] = "hello";
  kernel.files["/m/dir/x"] = "";
  const std::pair<const char*, const char*> cases[] = {{"/m/none.ko", "No such file"},
                                                       {"/m/text", "not an ELF file"},
                                                       {"/m/dir", "not an ordinary file"}};
  for (const auto& [path, text] : cases) {
    Ran ran = run(kernel, {"check", "e1000", path, "--json"});
    EXPECT_EQ(ran.exit, Exit::kError);
    EXPECT_TRUE(ran.says(text)) << ran.err;
    EXPECT_EQ(ran.json()["problems"][0]["kind"], "not-a-module");
  }
}

TEST_F(CheckTest, NamesThatAreNotManaged) {
  Ran unknown = run(kernel, {"check", "e100", kFile});
  EXPECT_EQ(unknown.exit, Exit::kNoDriver);
  EXPECT_TRUE(unknown.says("did you mean e1000?"));

  // Loaded without taps: the report is there all the same, and the exit code says it is no use yet.
  spec.name = installed.name = "pcnet32";
  kernel.files["/sys/module/pcnet32/initstate"] = "live\n";
  kernel.files[kFile] = make_module(spec);
  Ran loaded = run(kernel, {"check", "pcnet32", kFile, "--json"});
  EXPECT_EQ(loaded.exit, Exit::kNoDriver);
  EXPECT_EQ(loaded.json()["fits"], true);
  EXPECT_TRUE(loaded.says("manage --reload pcnet32"));
}

}  // namespace
}  // namespace luctl
