// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>

#include "tests/helpers.h"

namespace luctl {
namespace {

class WatchTest : public ::testing::Test {
 protected:
  WatchTest() {
    auto event = [](const char* what) {
      return Uevent{{"ACTION", "change"},
                    {"DEVPATH", "/kernel/liveupdate/drivers/e1000"},
                    {"LIVEUPDATE_DRIVER", "e1000"},
                    {"LIVEUPDATE", what}};
    };
    kernel.events = {{{"ACTION", "add"}, {"DEVPATH", "/devices/x"}},
                     event("updated"),
                     event("rolled-back"),
                     event("failed")};
  }
  FakeKernel kernel;
  FakeDriver driver{kernel, "e1000"};
};

TEST_F(WatchTest, PrintsALineForEachUpdateAndNothingElse) {
  Ran ran = run(kernel, {"watch", "--json"});
  ASSERT_EQ(ran.exit, Exit::kDone) << ran.err;
  std::vector<std::string> seen;
  for (size_t from = 0; from < ran.out.size();) {
    size_t end = ran.out.find('\n', from);
    Value value = Value::parse(ran.out.substr(from, end - from));
    EXPECT_EQ(value["driver"], "e1000");
    EXPECT_EQ(value["version"], "1.0");
    seen.push_back(value["event"]);
    from = end + 1;
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"updated", "rolled-back", "failed"}));
}

TEST_F(WatchTest, StopsAfterSoMany) {
  Ran ran = run(kernel, {"watch", "--json", "--count=2"});
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 2);
  EXPECT_EQ(run(kernel, {"watch", "--count=some"}).exit, Exit::kError);
}

TEST_F(WatchTest, SaysThatEventsWereLost) {
  kernel.event_errors = {ENOBUFS};
  Ran ran = run(kernel, {"watch", "--count=1"});
  EXPECT_EQ(ran.exit, Exit::kDone);
  EXPECT_TRUE(ran.says("some were lost"));
  EXPECT_TRUE(ran.shows("e1000 updated")) << ran.out;
}

}  // namespace
}  // namespace luctl
