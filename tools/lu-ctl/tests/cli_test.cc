// SPDX-License-Identifier: GPL-2.0-or-later
// The command line: verbs, needs, help, JSON on failure, output that cannot be written.
#include "cli.h"

#include <set>

#include "tests/helpers.h"

namespace luctl {
namespace {

TEST(CommandTable, HasEveryVerbOnceWithWhatItNeeds) {
  std::set<std::string_view> names;
  for (const Command& command : commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_NE(command.run, nullptr) << command.name;
    EXPECT_TRUE(command.max_words == -1 || command.max_words >= command.min_words) << command.name;
    for (const Option& option : command.options)
      EXPECT_TRUE(option.name.starts_with("--") && !option.help.empty()) << option.name;
  }
  EXPECT_EQ(names, (std::set<std::string_view>{"manage", "unmanage", "list", "status", "check",
                                               "stage", "update", "rollback", "commit", "discard",
                                               "log", "objects", "imports", "watch", "hook"}));
}

/// Arguments with which each verb gets as far as its needs.
std::vector<std::string> minimal(const Command& command) {
  std::vector<std::string> arguments = {std::string(command.name)};
  for (int i = 0; i < command.min_words; i++) arguments.push_back("e1000");
  return arguments;
}

TEST(Needs, RootIsAskedForBeforeAnythingElse) {
  FakeKernel kernel;
  kernel.root = false;
  for (const Command& command : commands()) {
    if (!has(command.needs, Needs::kRoot)) continue;
    Ran ran = run(kernel, minimal(command));
    EXPECT_EQ(ran.exit, Exit::kError) << command.name;
    EXPECT_TRUE(ran.says("only root")) << command.name << ran.err;
  }
}

TEST(Needs, TheModuleIsNamedWhenItIsMissing) {
  FakeKernel kernel;
  for (const Command& command : commands()) {
    if (!has(command.needs, Needs::kModule)) continue;
    Ran ran = run(kernel, minimal(command));
    EXPECT_EQ(ran.exit, Exit::kError) << command.name;
    EXPECT_TRUE(ran.says("modprobe -a liveupdate shadow_net")) << ran.err;
    EXPECT_EQ(ran.out, "") << command.name;
  }
}

TEST(Usage, UnknownVerbs) {
  FakeKernel kernel;
  Ran ran = run(kernel, {"udpate", "e1000"});
  EXPECT_EQ(ran.exit, Exit::kError);
  EXPECT_TRUE(ran.says("no verb udpate (did you mean update?)")) << ran.err;
  EXPECT_EQ(run(kernel, {}).exit, Exit::kError);
  EXPECT_EQ(run(kernel, {"frobnicate"}).exit, Exit::kError);
}

TEST(Usage, UnknownOptionsAndWrongCounts) {
  FakeKernel kernel;
  Ran option = run(kernel, {"update", "e1000", "--polcy=force"});
  EXPECT_EQ(option.exit, Exit::kError);
  EXPECT_TRUE(option.says("did you mean --policy?")) << option.err;
  EXPECT_TRUE(run(kernel, {"update"}).says("lu-ctl update [OPTION...] NAME"));
  EXPECT_EQ(run(kernel, {"commit", "a", "b"}).exit, Exit::kError);
  EXPECT_EQ(run(kernel, {"update", "e1000", "--policy"}).exit, Exit::kError);
}

TEST(Usage, HelpAndVersion) {
  FakeKernel kernel;
  Ran help = run(kernel, {"--help"});
  EXPECT_EQ(help.exit, Exit::kDone);
  for (const Command& command : commands()) {
    EXPECT_TRUE(help.shows(std::string(command.name)));
    Ran verb = run(kernel, {std::string(command.name), "--help"});
    EXPECT_EQ(verb.exit, Exit::kDone) << command.name;
    for (const Option& option : command.options)
      EXPECT_TRUE(verb.shows(std::string(option.name))) << command.name;
    EXPECT_TRUE(verb.shows("Exit status"));
  }
  EXPECT_TRUE(run(kernel, {"--version"}).out.starts_with("lu-ctl "));
}

TEST(Json, IsTakenBeforeAndAfterTheVerb) {
  FakeKernel kernel;
  FakeDriver driver(kernel, "e1000");
  EXPECT_TRUE(run(kernel, {"--json", "list"}).json().is_object());
  EXPECT_TRUE(run(kernel, {"list", "--json"}).json().is_object());
}

TEST(Json, ErrorsAreJsonToo) {
  FakeKernel kernel;
  FakeDriver driver(kernel, "e1000");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--json", "status", "nosuch"},
        {"udpate", "--json"},
        {"commit", "e1000", "--json"}}) {
    Ran ran = run(kernel, arguments);
    Value value = ran.json();
    EXPECT_EQ(value["error"]["exit"], static_cast<int>(ran.exit));
    EXPECT_FALSE(value["error"]["message"].get<std::string>().empty());
    EXPECT_NE(ran.exit, Exit::kDone);
  }
}

TEST(FullDisk, IsReported) {
  FakeKernel kernel;
  FakeDriver driver(kernel, "e1000");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"list"}, {"--help"}, {"list", "--json"}}) {
    Streams streams{std::fopen("/dev/full", "w"), std::tmpfile()};
    ASSERT_NE(streams.out, nullptr);
    EXPECT_EQ(run_cli(arguments, kernel, streams), Exit::kError) << arguments[0];
    EXPECT_GT(std::ftell(streams.err), 0);
    std::fclose(streams.out);
    std::fclose(streams.err);
  }
}

/// That the driver was rolled back is more important than that nobody could read it.
TEST(FullDisk, DoesNotHideTheOutcome) {
  FakeKernel kernel;
  FakeDriver driver(kernel, "e1000");
  driver.put_generation("staged", "2.0", "bb");
  driver.update_errno = ECANCELED;
  Streams streams{std::fopen("/dev/full", "w"), std::tmpfile()};
  EXPECT_EQ(run_cli({"update", "e1000"}, kernel, streams), Exit::kRolledBack);
  std::fclose(streams.out);
  std::fclose(streams.err);
}

}  // namespace
}  // namespace luctl
