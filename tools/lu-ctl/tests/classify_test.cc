// SPDX-License-Identifier: GPL-2.0-or-later
#include "classify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace luctl {
namespace {

TEST(GlobMatch, StarsStandForAnything) {
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("*register*", "ptp_clock_register"));
  EXPECT_TRUE(glob_match("a*b*c", "aXbYbZc"));
  EXPECT_FALSE(glob_match("a*b*c", "aXcYb"));
  EXPECT_FALSE(glob_match("skb_*", "pskb_trim"));
  EXPECT_FALSE(glob_match("", "x"));
}

/// The heart of it: whoever registers something is never called harmless.
TEST(Classify, RegistrationsAreNeverHarmless) {
  for (const char* symbol : {"ptp_clock_register",
                             "devlink_alloc_ns",
                             "devl_register",
                             "devm_hwmon_device_register_with_info",
                             "hwmon_device_register_with_groups",
                             "led_classdev_register_ext",
                             "__mdiobus_register",
                             "devm_mdiobus_alloc_size",
                             "i2c_add_adapter",
                             "i2c_add_numbered_adapter",
                             "debugfs_create_dir",
                             "proc_create_data",
                             "cdev_add",
                             "class_create",
                             "__class_create",
                             "device_create",
                             "misc_register",
                             "register_netdevice_notifier",
                             "register_inetaddr_notifier",
                             "pci_enable_sriov",
                             "__auxiliary_device_add",
                             "ib_register_device",
                             "sysfs_create_group",
                             "pps_register_source"}) {
    Classified found = classify(symbol);
    EXPECT_EQ(found.klass, ImportClass::kRecreated) << symbol << ": " << to_string(found.klass);
    EXPECT_FALSE(found.text.empty()) << symbol;
  }
}

TEST(Classify, RegistrationsNobodyKnowsAreUnknown) {
  // Each of these would match a row for harmless names, were that asked first.
  for (const char* symbol : {"skb_foo_register", "ethtool_frob_create", "pci_set_frob_notifier",
                             "napi_gro_attach", "virtqueue_add_frob", "mii_bus_publish_x",
                             "frob_alloc_netdev", "request_frob", "totally_new_thing"})
    EXPECT_EQ(classify(symbol).klass, ImportClass::kUnknown) << symbol;
}

TEST(Classify, ExactRowsComeBeforeRules) {
  EXPECT_EQ(classify("register_netdev").outcome, Outcome::kSurvives);
  EXPECT_EQ(classify("unregister_netdev").klass, ImportClass::kConceal);
  EXPECT_EQ(classify("request_threaded_irq").klass, ImportClass::kObject);
  EXPECT_EQ(classify("dev_addr_mod").klass, ImportClass::kConfig);
  EXPECT_EQ(classify("virtqueue_add_sgs").klass, ImportClass::kPure);
  EXPECT_EQ(classify("jiffies").klass, ImportClass::kData);
}

TEST(Classify, NoRowContradictsAnother) {
  std::set<std::string_view> seen;
  for (const ImportRule& rule : import_rules()) {
    EXPECT_TRUE(seen.insert(rule.pattern).second) << rule.pattern << " is there twice";
    bool harmless = rule.klass == ImportClass::kPure || rule.klass == ImportClass::kData;
    EXPECT_EQ(rule.fate.text.empty(), harmless) << rule.pattern;
    EXPECT_EQ(rule.fate.outcome == Outcome::kNothing, harmless) << rule.pattern;
  }
}

/// The taps of the kernel modules in this tree, as their tables of taps name them.
std::map<std::string, std::string> taps_in_tree() {
  std::map<std::string, std::string> taps;
  const std::regex row("LU_TAP\\((\\w+),\\s*LU_TAP_(\\w+)\\)");
  for (const char* dir : {"/../../kernel/liveupdate", "/../../drivers/shadow"})
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::string(LU_CTL_SOURCE_DIR) + dir)) {
      if (entry.path().extension() != ".c") continue;
      std::ifstream file(entry.path());
      std::string text((std::istreambuf_iterator<char>(file)), {});
      for (std::sregex_iterator it(text.begin(), text.end(), row), end; it != end; ++it) {
        std::string klass = (*it)[2];
        std::transform(klass.begin(), klass.end(), klass.begin(), ::tolower);
        taps[(*it)[1]] = klass;
      }
    }
  return taps;
}

/// What the kernel modules tap, lu-ctl knows, and calls by the same class.
TEST(Classify, AgreesWithTheTapsOfTheKernelModules) {
  auto taps = taps_in_tree();
  EXPECT_GT(taps.size(), 20u);
  for (const auto& [symbol, klass] : taps)
    EXPECT_EQ(to_string(classify(symbol).klass), klass) << symbol;
}

struct Imports {
  const char* file;
  size_t symbols;  // at least
  size_t drivers;  // on both kernels
};

class KnownImports : public testing::TestWithParam<Imports> {};

/// Debian's own drivers, of both kernels: nothing in them is unknown, but what is named here.
TEST_P(KnownImports, NothingIsUnknown) {
  const std::set<std::string> open = {"blk_revalidate_disk_zones", "blk_integrity_register"};
  std::ifstream file(std::string(LU_CTL_SOURCE_DIR "/testdata/") + GetParam().file);
  ASSERT_TRUE(file) << GetParam().file << " is missing";
  size_t symbols = 0;
  std::set<std::string> drivers;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    std::istringstream words(line);
    std::string symbol, driver;
    words >> symbol;
    while (words >> driver) drivers.insert(driver);
    EXPECT_EQ(classify(symbol).klass == ImportClass::kUnknown, open.contains(symbol)) << line;
    symbols++;
  }
  EXPECT_GT(symbols, GetParam().symbols);
  EXPECT_EQ(drivers.size(), GetParam().drivers);
}

INSTANTIATE_TEST_SUITE_P(Drivers, KnownImports,
                         testing::Values(Imports{"imports.txt", 300, 8},
                                         Imports{"imports_block.txt", 300, 16},
                                         Imports{"imports_sound.txt", 60, 2}));

}  // namespace
}  // namespace luctl
