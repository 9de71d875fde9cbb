// SPDX-License-Identifier: GPL-2.0
#include "statistics.h"

#include <gtest/gtest.h>

#include "report.h"
#include "table.h"

namespace lub {
namespace {

TEST(Percentile, IsAValueOfTheSample) {
  const std::vector<double> values = {5, 1, 4, 2, 3};
  EXPECT_EQ(percentile(values, 50), 3);
  EXPECT_EQ(percentile(values, 99), 5);
  EXPECT_EQ(percentile(values, 0), 1);
  EXPECT_EQ(percentile({7}, 50), 7);
}

TEST(Percentile, OfAHundredLeavesOneAbove) {
  std::vector<double> values;
  for (int i = 1; i <= 100; ++i) values.push_back(i);
  EXPECT_EQ(percentile(values, 99), 99);
  EXPECT_EQ(percentile(values, 100), 100);
}

TEST(Percentile, OfNothingIsAnError) { EXPECT_THROW(percentile({}, 50), std::invalid_argument); }

TEST(Median, OfAnEvenNumberLiesBetween) {
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median({3, 1, 2}), 2);
}

TEST(Table, LinesUp) {
  Table table({"name", "value"});
  table.row({"a", "1000000"});
  table.row({"longer", "2"});
  EXPECT_EQ(table.render(),
            "| name   |   value |\n"
            "|--------|--------:|\n"
            "| a      | 1000000 |\n"
            "| longer |       2 |\n");
}

Json instructions(const char* way, double transmit, double source, double both, const char* burst = "1") {
  const auto flow = [](double n) { return Json{{"median", n}, {"trimmed", n}}; };
  return Json{{"kind", "instructions"}, {"driver", "x"}, {"burst", burst}, {"way", way}, {"transmit", flow(transmit)}, {"source", flow(source)}, {"both", flow(both)}};
}

TEST(Instructions, TheSenderIsTakenOffWhatIsReceived) {
  Results results;
  results.add(instructions("native", 1000, 500, 1500));
  results.add(instructions("managed", 1001, 500, 1510));
  results.add(instructions("updated", 1010, 500, 1500));
  const auto section = instructionSection(results);
  ASSERT_EQ(section.figures.size(), 4u);
  EXPECT_DOUBLE_EQ(section.figures[1]["native"].get<double>(), 1000);
  EXPECT_DOUBLE_EQ(section.figures[1]["ratio"].get<double>(), 1.01);
  ASSERT_EQ(section.aims.size(), 4u);
  EXPECT_TRUE(section.aims[0].met);
  EXPECT_FALSE(section.aims[1].met);
  EXPECT_FALSE(section.aims[2].met);
  EXPECT_TRUE(section.aims[3].met);
}

TEST(Instructions, PacketsInARowAreShownAndNotJudged) {
  Results results;
  results.add(instructions("native", 1000, 500, 1500, "64"));
  results.add(instructions("native", 1100, 500, 1500, "64"));
  results.add(instructions("managed", 1050, 500, 1500, "64"));
  const auto section = instructionSection(results);
  ASSERT_EQ(section.figures.size(), 2u);
  EXPECT_DOUBLE_EQ(section.figures[0]["ratio"].get<double>(), 1.0);
  EXPECT_NEAR(section.figures[0]["spread"].get<double>(), 100.0 / 1050, 1e-9);
  EXPECT_TRUE(section.aims.empty());
}

TEST(Instructions, AWayThatWasNotMeasuredGivesNoRow) {
  Results results;
  results.add(instructions("native", 1000, 500, 1500));
  EXPECT_TRUE(instructionSection(results).text.empty());
}

TEST(Requests, AreComparedByTheirMedian) {
  Results results;
  const auto add = [&](const char* way, double read, double write) {
    results.add({{"kind", "requests"}, {"driver", "x"}, {"way", way}, {"read", {{"median", read}}}, {"write", {{"median", write}}}});
  };
  add("native", 1000, 2000);
  add("native", 1002, 2000);
  add("managed", 1001, 2010);
  const auto section = requestSection(results);
  ASSERT_EQ(section.aims.size(), 2u);
  EXPECT_TRUE(section.aims[0].met);
  EXPECT_FALSE(section.aims[1].met);
  EXPECT_DOUBLE_EQ(section.figures[1]["ratio"].get<double>(), 1.005);
}

TEST(Stalls, AreJudgedForOneDiskOnly) {
  Results results;
  const auto add = [&](unsigned disks, const char* what, double ms) {
    results.add({{"kind", "stall"}, {"driver", "virtio_blk"}, {"disks", disks}, {"what", what}, {"longest_ms", ms}});
  };
  add(1, "quiet", 5);
  add(1, "update", 51);
  add(1, "reload", 510);
  add(4, "quiet", 5);
  add(4, "update", 80);
  const auto section = stallSection(results);
  ASSERT_EQ(section.figures.size(), 2u);
  EXPECT_DOUBLE_EQ(section.figures[0]["reload_p50_ms"].get<double>(), 510);
  EXPECT_EQ(section.figures[1]["disks"], 4);
  ASSERT_EQ(section.aims.size(), 1u);
  EXPECT_FALSE(section.aims[0].met);
}

Json blackout(const char* what, double gap, unsigned lost) {
  const Json side = {{"gap_ms", gap}, {"lost", lost}, {"sent", 1000}, {"refused", 0}};
  return Json{{"kind", "blackout"}, {"driver", "virtio_net"}, {"what", what}, {"transmit", side}, {"receive", side}};
}

TEST(Blackout, JudgesRatioLossAndTail) {
  Results results;
  for (const char* what : {"quiet", "update", "reload"}) results.add(blackout(what, what[0] == 'r' ? 300 : 120, what[0] == 'u' ? 1 : 0));
  const auto section = blackoutSection(results);
  ASSERT_EQ(section.aims.size(), 5u);
  EXPECT_TRUE(section.aims[0].met) << section.aims[0].text;
  EXPECT_FALSE(section.aims[1].met) << section.aims[1].text;
  EXPECT_FALSE(section.aims[2].met) << section.aims[2].text;
}

TEST(Results, NothingMeasuredIsNotComplete) {
  Results results;
  EXPECT_FALSE(results.complete());
  results.add({{"kind", "x"}});
  EXPECT_TRUE(results.complete());
  results.fail("a", "b");
  EXPECT_FALSE(results.complete());
  EXPECT_NE(results.markdown().find("Not measured"), std::string::npos);
}

}  // namespace
}  // namespace lub
