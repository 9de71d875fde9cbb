// SPDX-License-Identifier: GPL-2.0-or-later
#include "classify.h"

#include <gtest/gtest.h>

#include <fstream>
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
    EXPECT_FALSE(found.fate.empty()) << symbol;
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
  EXPECT_EQ(classify("register_netdev").klass, ImportClass::kConceal);
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
    EXPECT_EQ(rule.fate.empty(), harmless) << rule.pattern;
  }
}

/// Debian's own drivers, of both kernels: nothing in them is unknown.
TEST(Classify, KnowsAllImportsOfTheFourNetworkDrivers) {
  std::ifstream file(LU_CTL_SOURCE_DIR "/testdata/imports.txt");
  ASSERT_TRUE(file) << "testdata/imports.txt is missing";
  size_t symbols = 0;
  std::set<std::string> drivers;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    std::istringstream words(line);
    std::string symbol, driver;
    words >> symbol;
    while (words >> driver) drivers.insert(driver);
    EXPECT_NE(classify(symbol).klass, ImportClass::kUnknown) << line;
    symbols++;
  }
  EXPECT_GT(symbols, 300u);
  EXPECT_EQ(drivers.size(), 8u);
}

}  // namespace
}  // namespace luctl
