// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Clients of the sound card, and the question whether what happened since the start was noticed by anyone.
 */
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sound/control_watch.h"
#include "sound/player.h"
#include "sound/sound_world.h"

namespace lug {

/** Which clients there are. */
struct SoundClients {
  bool mmap = true;    ///< how the client of the first PCM plays; that of the second one plays in the other way
  bool second = true;  ///< the second PCM, where there is one, has a client, which plays silence
};

/** Starts the clients, remembers the state, and compares later. The host hears what is played. */
class SoundSession {
 public:
  SoundSession(const SoundWorld& world, SoundClients clients, const std::function<void(WorkloadSet&)>& more = {});

  /** @p gaps times the driver was away since the last time. Everything has to make progress; fails the test for what
   *  does not, and for differences. */
  void check(const std::string& when, unsigned gaps = 1);
  /** The same while controls change: neither their values nor their events are looked at. */
  void checkStreams(const std::string& when, unsigned gaps = 1);
  /** Stop the clients. What was played is told to the host, which has the last word. */
  void finish();
  WorkloadSet& work() { return work_; }
  ControlWatch& watch() { return *watch_; }

 private:
  WorkloadSet work_;
  std::vector<Player*> players_;
  ControlWatch* watch_ = nullptr;
  Json state_;
  unsigned gaps_ = 0;
};

/** What of a stream may not be heard. */
struct Unheard {
  unsigned gaps = 0;           ///< how often something in its midst may be missing
  std::uint64_t atEnds = 0;    ///< frames that may be missing at its beginning, and at its end
};

/** Tells the host what this test played: it fails the test for what it did not hear, but for @p unheard. */
void tellPlayed(std::uint64_t first, std::uint64_t end, const Unheard& unheard);

}  // namespace lug
