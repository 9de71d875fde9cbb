// SPDX-License-Identifier: GPL-2.0-or-later
#include "suggest.h"

#include <gtest/gtest.h>

namespace luctl {
namespace {

TEST(EditDistance, CountsEachKindOfSlip) {
  EXPECT_EQ(edit_distance("update", "update"), 0u);
  EXPECT_EQ(edit_distance("updat", "update"), 1u);    // one missing
  EXPECT_EQ(edit_distance("uppdate", "update"), 1u);  // one too many
  EXPECT_EQ(edit_distance("upgate", "update"), 1u);   // one wrong
  EXPECT_EQ(edit_distance("udpate", "update"), 1u);   // two swapped
  EXPECT_EQ(edit_distance("", "abc"), 3u);
}

TEST(DidYouMean, OffersTheNearest) {
  EXPECT_EQ(nearest("lsit", {"log", "list", "stage"}), "list");
  EXPECT_EQ(did_you_mean("e100", {"e1000", "e1000e"}), " (did you mean e1000?)");
}

TEST(DidYouMean, OffersNothingFarAway) {
  EXPECT_EQ(nearest("frobnicate", {"log", "list", "stage"}), "");
  EXPECT_EQ(did_you_mean("xy", {"ab"}), "");
}

}  // namespace
}  // namespace luctl
