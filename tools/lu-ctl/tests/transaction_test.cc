// SPDX-License-Identifier: GPL-2.0-or-later
#include "transaction.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/fake_kernel.h"
#include "tests/module_image.h"

namespace luctl {
namespace {

TEST(ExitOfTrigger, FollowsTheInterface) {
  EXPECT_EQ(exit_of_trigger(0), Exit::kDone);
  EXPECT_EQ(exit_of_trigger(ECANCELED), Exit::kRolledBack);
  EXPECT_EQ(exit_of_trigger(EIO), Exit::kFailed);
  EXPECT_EQ(exit_of_trigger(EBUSY), Exit::kBusy);
  EXPECT_EQ(exit_of_trigger(ETIME), Exit::kRolledBack);
  EXPECT_EQ(exit_of_trigger(ENOENT), Exit::kError);
  EXPECT_EQ(exit_of_trigger(EINVAL), Exit::kError);
}

std::vector<std::string> order(std::vector<StageFile> files) {
  sort_by_dependency(files);
  std::vector<std::string> names;
  for (const StageFile& file : files) names.push_back(file.name);
  return names;
}

TEST(SortByDependency, PutsLibrariesFirst) {
  EXPECT_EQ(
      order(
          {{"", "ata_piix", {"libata"}, ""}, {"", "sd", {}, ""}, {"", "libata", {"scsi_mod"}, ""}}),
      (std::vector<std::string>{"sd", "libata", "ata_piix"}));
}

TEST(SortByDependency, EndsOnACircle) {
  EXPECT_EQ(order({{"", "a", {"b"}, ""}, {"", "b", {"a"}, ""}}).size(), 2u);
}

TEST(StageFiles, TakesBackWhatWasStagedWhenOneFails) {
  FakeKernel kernel;
  FakeDriver driver(kernel, "e1000");
  int loads = 0;
  kernel.on_load = [&](std::string_view, const std::string&) {
    if (++loads == 2) return ENOEXEC;
    driver.put_generation("staged", "2.0", "bb");
    return 0;
  };
  auto staged = stage_files(
      kernel, "e1000", {{"lib.ko", "lib", {}, "x"}, {"e1000.ko", "e1000", {}, "y"}}, "debug=1");
  ASSERT_FALSE(staged.ok());
  EXPECT_EQ(staged.error().message.find("cannot stage e1000.ko"), 0u);
  EXPECT_FALSE(driver.has("staged"));
  // The library was not given the driver's parameters.
  EXPECT_EQ(kernel.actions[0], "load ");
  EXPECT_EQ(kernel.actions[1], "load debug=1");
}

}  // namespace
}  // namespace luctl
