// SPDX-License-Identifier: GPL-2.0-or-later
// A library and modules that link against it: what has to be given together, and in which order.
#include "members.h"

#include <cerrno>

#include "module_file.h"
#include "tests/helpers.h"
#include "tests/module_image.h"

namespace luctl {
namespace {

class MembersTest : public ::testing::Test {
 protected:
  MembersTest() {
    library.name = "libata";
    library.exports = {"ata_new_function"};
    piix.name = "ata_piix";
    piix.depends = "libata";
    piix.imports = {"register_netdev", "ata_new_function"};
    for (ImageSpec* spec : {&library, &piix}) spec->aliases.clear();
    kernel.files["/sys/module/libata/holders/ata_piix/initstate"] = "live\n";
    kernel.files["/proc/kallsyms"] = "0 T register_netdev\n0 T _printk\n";
    kernel.on_load = [this](std::string_view image, const std::string&) {
      auto file = parse_module(std::string(image), "image", "x86_64");
      if (!file) return ENOEXEC;
      loaded.push_back(file->name);
      if (file->name == refused) return ENOEXEC;
      (file->name == "libata" ? lead : other).put_generation("staged", file->version, "bb");
      return 0;
    };
  }
  Ran go(std::vector<std::string> arguments) {
    kernel.files["/m/libata.ko"] = make_module(library);
    kernel.files["/m/ata_piix.ko"] = make_module(piix);
    return run(kernel, arguments);
  }

  FakeKernel kernel;
  FakeDriver lead{kernel, "libata"}, other{kernel, "ata_piix"};
  ImageSpec library, piix;
  std::vector<std::string> loaded;
  std::string refused;
};

TEST_F(MembersTest, DependantsAreThoseThatRun) {
  kernel.files["/sys/module/ata_piix/holders/above/initstate"] = "live\n";
  kernel.files["/sys/module/libata/holders/ata_piix__2/initstate"] = "live\n";
  other.put_generation("kept", "0.9", "aa");
  EXPECT_EQ(dependants(kernel, "libata"), (std::set<std::string>{"ata_piix", "above"}));
}

TEST_F(MembersTest, ALibraryAloneIsRefused) {
  for (const char* verb : {"check", "stage", "update"}) {
    Ran ran = go({verb, "libata", "/m/libata.ko", "--json"});
    EXPECT_EQ(ran.exit, Exit::kError) << verb;
    ASSERT_EQ(ran.json()["problems"].size(), 1u) << ran.out;
    EXPECT_EQ(ran.json()["problems"][0]["kind"], "incomplete");
    EXPECT_TRUE(ran.says("ata_piix")) << ran.err;
  }
  EXPECT_TRUE(loaded.empty());
}

TEST_F(MembersTest, LibrariesAreLoadedFirst) {
  Ran ran = go({"update", "libata", "/m/ata_piix.ko", "/m/libata.ko"});
  EXPECT_EQ(ran.exit, Exit::kDone) << ran.err;
  EXPECT_EQ(loaded, (std::vector<std::string>{"libata", "ata_piix"}));
}

TEST_F(MembersTest, SymbolsOfTheOtherFilesAreThere) {
  EXPECT_EQ(go({"check", "libata", "/m/libata.ko", "/m/ata_piix.ko"}).exit, Exit::kDone);
  Ran alone = go({"check", "ata_piix", "/m/ata_piix.ko"});
  EXPECT_EQ(alone.exit, Exit::kError);
  EXPECT_TRUE(alone.says("ata_new_function")) << alone.err;
}

TEST_F(MembersTest, TheLibraryLeads) {
  Ran ran = go({"update", "ata_piix", "/m/ata_piix.ko", "/m/libata.ko", "--json"});
  EXPECT_EQ(ran.exit, Exit::kError);
  EXPECT_EQ(ran.json()["problems"][0]["kind"], "lead");
  EXPECT_TRUE(ran.says("lu-ctl update libata")) << ran.err;
  EXPECT_TRUE(loaded.empty());

  kernel.files[other.path("lead")] = "libata\n";
  other.put_generation("staged", "2.0", "bb");
  other.update_errno = EBUSY;
  Ran pulled = go({"update", "ata_piix"});
  EXPECT_EQ(pulled.exit, Exit::kError);
  EXPECT_TRUE(pulled.says("goes with libata")) << pulled.err;
}

TEST_F(MembersTest, WhatWasStagedIsTakenBack) {
  refused = "ata_piix";
  Ran ran = go({"update", "libata", "/m/libata.ko", "/m/ata_piix.ko"});
  EXPECT_EQ(ran.exit, Exit::kError);
  EXPECT_EQ(loaded.size(), 2u);
  EXPECT_FALSE(lead.has("staged"));
}

TEST_F(MembersTest, NamesThoseForWhichNothingIsStaged) {
  lead.put_generation("staged", "2.0", "bb");
  kernel.on_write[lead.path("update")] = [](const std::string&) { return ENOENT; };
  Ran ran = go({"update", "libata"});
  EXPECT_EQ(ran.exit, Exit::kError);
  EXPECT_TRUE(ran.says("ata_piix")) << ran.err;
  EXPECT_FALSE(ran.says("nothing is staged")) << ran.err;
}

}  // namespace
}  // namespace luctl
