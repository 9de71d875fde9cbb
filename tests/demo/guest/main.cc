// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * lu-demo-guest: the demonstration, inside the guest.
 */
#include <cstdio>
#include <exception>

#include "disk_act.h"
#include "play.h"
#include "sound_act.h"
#include "support/process.h"

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  lud::Play play;
  if (argc > 1) play.calmSeconds = static_cast<unsigned>(std::atoi(argv[1]));
  try {
    lud::perform(play);
    lud::performDiskAct(play);
    lud::performSoundAct(play);
  } catch (const std::exception& e) {
    lug::note(std::string("lu-demo-guest: ") + e.what());
    return 1;
  }
  return 0;
}
