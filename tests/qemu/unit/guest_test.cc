// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The guest's checks on made-up input: what they must find, and what they must not.
 */
#include <gtest/gtest.h>

#include "net/pattern.h"
#include "net/snapshot.h"
#include "support/resources.h"

namespace lug {
namespace {

class PatternTest : public testing::Test {
 protected:
  PatternTest() { fillPattern(stream, 0, seed); }
  static constexpr std::uint64_t seed = 42;
  std::vector<std::byte> stream = std::vector<std::byte>(50000);
};

TEST_F(PatternTest, AnyPartIsRecognizedAtItsPlace) {
  for (const std::size_t offset : {0u, 1u, 7u, 8u, 4095u, 4096u, 12345u})
    EXPECT_FALSE(findMismatch(std::span(stream).subspan(offset, 9001), offset, seed)) << offset;
}

TEST_F(PatternTest, AChangedBitIsFoundWhereItIs) {
  stream[33333] ^= std::byte{1};
  EXPECT_EQ(findMismatch(stream, 0, seed), 33333u);
}

TEST_F(PatternTest, ALostPartIsFound) {
  stream.erase(stream.begin() + 20000, stream.begin() + 21448);
  const auto at = findMismatch(stream, 0, seed);
  ASSERT_TRUE(at);
  EXPECT_LT(*at, 20008u);
}

TEST_F(PatternTest, APartThatComesTwiceIsFound) {
  stream.insert(stream.begin() + 20000, stream.begin() + 18552, stream.begin() + 20000);
  const auto at = findMismatch(stream, 0, seed);
  ASSERT_TRUE(at);
  EXPECT_LT(*at, 20008u);
}

TEST_F(PatternTest, AnotherStreamIsFound) { EXPECT_TRUE(findMismatch(stream, 0, seed + 1)); }

TEST(Differences, NamesWhatChanged) {
  const Json before = {{"link", {{"eth0", {{"mtu", 1500}, {"flags", {"UP"}}}}}}};
  auto after = before;
  EXPECT_TRUE(differences(before, after).empty());
  after["link"]["eth0"]["mtu"] = 1400;
  ASSERT_EQ(differences(before, after).size(), 1u);
  EXPECT_EQ(differences(before, after)[0], "/link/eth0/mtu: 1500 -> 1400");
}

TEST(Differences, SeesWhatIsGoneAndWhatIsNew) {
  const Json before = {{"a", {{"x", 1}}}, {"list", {1, 2, 3}}};
  const Json after = {{"a", {{"y", 1}}}, {"list", {1, 3}}};
  const auto found = differences(before, after);
  EXPECT_EQ(found.size(), 3u);
}

TEST(StepsBack, OnlySmallerOrMissingCountersCount) {
  const Json before = {{"eth0", {{"rx_packets", 10}, {"tx_packets", 20}, {"rx_bytes", 5}}}};
  EXPECT_TRUE(stepsBack(before, before).empty());
  const Json after = {{"eth0", {{"rx_packets", 9}, {"tx_packets", 21}}}};
  EXPECT_EQ(stepsBack(before, after).size(), 2u);
}

class GrowthTest : public testing::Test {
 protected:
  GrowthTest() {
    before.kilobytes = {{"SUnreclaim", 50000}};
    before.objects = {{"kmalloc-64", 1000}};
    before.slabSizes = {{"kmalloc-64", 64}};
    before.areas = {"a 4096", "b 8192"};
    before.interrupts = {"11 IO-APIC eth0"};
    before.sysfs = {"/sys/module/e1000"};
    after = before;
  }
  Resources before, after;
};

TEST_F(GrowthTest, NothingGrew) { EXPECT_TRUE(growth(before, after, 100).empty()); }

TEST_F(GrowthTest, NoiseIsNoGrowth) {
  after.kilobytes["SUnreclaim"] += 500;
  after.objects["kmalloc-64"] += 60;
  after.areas.push_back("c 4096");
  EXPECT_TRUE(growth(before, after, 100).empty());
}

TEST_F(GrowthTest, AnObjectForEachUpdateIsFound) {
  after.objects["kmalloc-64"] += 1001;
  EXPECT_EQ(growth(before, after, 1000).size(), 1u);
}

TEST_F(GrowthTest, MemoryForEachUpdateIsFound) {
  after.kilobytes["SUnreclaim"] += 64 * 100;
  EXPECT_EQ(growth(before, after, 100).size(), 1u);
}

TEST_F(GrowthTest, AnAreaForEachUpdateIsFound) {
  for (int i = 0; i < 100; ++i) after.areas.push_back("load_module 16384");
  EXPECT_FALSE(growth(before, after, 100).empty());
}

TEST_F(GrowthTest, OneInterruptOrFileMoreIsFound) {
  after.interrupts.push_back("24 PCI-MSI eth0");
  after.sysfs.push_back("/sys/module/e1000__2");
  EXPECT_EQ(growth(before, after, 100).size(), 2u);
}

TEST_F(GrowthTest, SomethingLostIsFoundToo) {
  after.interrupts.clear();
  EXPECT_EQ(growth(before, after, 100).size(), 1u);
}

}  // namespace
}  // namespace lug
