// SPDX-License-Identifier: GPL-2.0
#include "scenarios/sound_common.h"

#include <gtest/gtest.h>

namespace lug {

void expectSoundUpdated(const ManagedDriver& driver) {
  EXPECT_EQ(driver.attribute("last/result"), "updated");
  EXPECT_EQ(driver.attribute("last/errno"), "0");
  EXPECT_TRUE(driver.mismatches().empty()) << driver.attribute("last/mismatches");
  EXPECT_EQ(driver.attribute("last/devices"), "1");
  EXPECT_GT(std::stol(driver.attribute("last/blackout_us")), 0);
}

}  // namespace lug
