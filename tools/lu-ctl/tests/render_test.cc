// SPDX-License-Identifier: GPL-2.0-or-later
#include "render.h"

#include <gtest/gtest.h>

namespace luctl {
namespace {

TEST(RenderText, AlignsAndLeavesOutWhatIsNotThere) {
  Value value = {{"summary", "all well"}, {"name", "e1000"}, {"generation", 3},
                 {"staged", nullptr},     {"version", ""},   {"mismatches", Value::array()}};
  EXPECT_EQ(render_text(value),
            "all well\n"
            "name:       e1000\n"
            "generation: 3\n");
}

TEST(RenderText, ShowsAListOfRecordsAsTable) {
  Value value = {
      {"drivers",
       {{{"name", "e1000"}, {"state", "running"}}, {{"name", "virtio_net"}, {"state", nullptr}}}}};
  EXPECT_EQ(render_text(value),
            "name        state\n"
            "e1000       running\n"
            "virtio_net  -\n");
}

TEST(RenderText, ShowsNestedRecordsAsBlocks) {
  Value value = {{"drivers",
                  {{{"name", "a"}, {"running", {{"version", "1"}}}},
                   {{"name", "b"}, {"running", {{"version", "2"}}}}}}};
  EXPECT_EQ(render_text(value),
            "name: a\n"
            "running:\n"
            "  version: 1\n"
            "\n"
            "name: b\n"
            "running:\n"
            "  version: 2\n");
}

TEST(RenderText, ShowsListsLineByLine) {
  Value value = {{"mismatches", {"tx queues 8 -> 1", "ndo_do_ioctl missing"}}};
  EXPECT_EQ(render_text(value),
            "mismatches:\n"
            "  tx queues 8 -> 1\n"
            "  ndo_do_ioctl missing\n");
}

TEST(RenderLine, PrefersTheSummary) {
  EXPECT_EQ(render_line({{"a", 1}, {"b", "x"}}), "a=1 b=x\n");
  EXPECT_EQ(render_line({{"a", 1}, {"summary", "one"}}), "one\n");
}

TEST(RenderJson, KeepsOrderAndSurvivesBytesThatAreNoUtf8) {
  Value value = {{"z", "\xff"}, {"a", true}};
  EXPECT_EQ(render_json(value, true), "{\"z\":\"\xef\xbf\xbd\",\"a\":true}\n");
}

TEST(ErrorValue, CarriesDetailsAndTheError) {
  Error error{Exit::kRolledBack, "rolled back", "look", 125, Value{{"driver", "e1000"}}};
  Value value = error_value(error);
  EXPECT_EQ(value["driver"], "e1000");
  EXPECT_EQ(value["error"]["exit"], 3);
  EXPECT_EQ(value["error"]["message"], "rolled back");
  EXPECT_EQ(value["error"]["remedy"], "look");
  EXPECT_EQ(value["error"]["errno"], 125);
  EXPECT_EQ(render_error(error), "lu-ctl: rolled back\nlu-ctl: try: look\n");
}

}  // namespace
}  // namespace luctl
