// SPDX-License-Identifier: GPL-2.0
#include "boots.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace luq {
namespace {

TEST(Catalogue, NamesAreUniqueAndDriversKnown) {
  std::set<std::string> names;
  for (const auto& scenario : scenarios()) {
    EXPECT_FALSE(scenario.on.empty()) << scenario.name;
    EXPECT_GT(scenario.limitSeconds, 0u) << scenario.name;
    for (const auto driver : scenario.on) {
      EXPECT_NE(findDriver(driver), nullptr) << driver;
      EXPECT_TRUE(names.insert(scenario.fullName(driver)).second) << scenario.fullName(driver);
    }
  }
}

TEST(Catalogue, ScenariosThatEndTheirKernelDoNotShareABoot) {
  for (const auto& boot : selectBoots({}))
    for (const auto* scenario : boot.scenarios)
      EXPECT_TRUE(boot.scenarios.size() == 1 || !(scenario->mayNotPowerOff || scenario->wideCard)) << boot.name();
}

TEST(Catalogue, WhatABootNeedsIsSaidByItsFirstScenario) {
  for (const auto& boot : selectBoots({}))
    for (const auto* scenario : boot.scenarios) {
      EXPECT_EQ(scenario->programs, boot.scenarios.front()->programs) << boot.name();
      EXPECT_EQ(scenario->hears, boot.scenarios.front()->hears) << boot.name();
    }
}

TEST(Catalogue, NamesFitGoogleTestFilters) {
  for (const auto& scenario : scenarios())
    for (const auto driver : scenario.on)
      EXPECT_EQ(scenario.fullName(driver).find_first_of("*?:-"), std::string::npos) << scenario.fullName(driver);
}

TEST(SelectBoots, EverythingOnceWithoutNames) {
  std::size_t planned = 0, expected = 0;
  for (const auto& boot : selectBoots({})) planned += boot.plan().size();
  for (const auto& scenario : scenarios()) expected += scenario.on.size();
  EXPECT_EQ(planned, expected);
}

TEST(SelectBoots, ByFullName) {
  const auto boots = selectBoots({"selftest.reload_is_detected[e1000]"});
  ASSERT_EQ(boots.size(), 1u);
  EXPECT_EQ(boots[0].plan(), std::vector<std::string>{"selftest.reload_is_detected[e1000]"});
}

TEST(SelectBoots, ByGroupAndDriver) {
  const auto boots = selectBoots({"selftest[virtio_net]"});
  ASSERT_EQ(boots.size(), 1u);
  EXPECT_EQ(boots[0].driver, "virtio_net");
}

TEST(SelectBoots, ByPattern) {
  for (const auto& boot : selectBoots({"net.*[pcnet32]"})) EXPECT_EQ(boot.driver, "pcnet32");
}

TEST(SelectBoots, AnUnknownNameIsAnError) { EXPECT_THROW(selectBoots({"net.no_such_test"}), Error); }

TEST(SelectBoots, WiresDoNotMixInABoot) {
  for (const auto& boot : selectBoots({}))
    for (const auto* scenario : boot.scenarios) EXPECT_EQ(scenario->wires, boot.scenarios.front()->wires) << boot.name();
}

TEST(Nics, ModelsHubsAndAddresses) {
  const auto nics = parseNics("e1000,virtio@3,pcnet32");
  ASSERT_EQ(nics.size(), 3u);
  EXPECT_EQ(nics[1].model, "virtio-net-pci");
  EXPECT_EQ(nics[1].hub, 3u);
  EXPECT_EQ(nics[2].model, "pcnet");
  EXPECT_EQ(nics[2].mac, "52:54:00:00:00:03");
}

TEST(Text, LastLines) {
  EXPECT_EQ(lastLines("a\nb\nc\n", 2), "b\nc");
  EXPECT_EQ(lastLines("a\nb", 5), "a\nb");
  EXPECT_EQ(lastLines("", 5), "");
}

}  // namespace
}  // namespace luq
