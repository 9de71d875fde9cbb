// SPDX-License-Identifier: GPL-2.0
#include "sound/sound_session.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "sound/sound_state.h"
#include "support/differences.h"
#include "support/host_port.h"
#include "support/register.h"

namespace lug {

namespace {

using namespace std::chrono_literals;

constexpr double leastPace = 0.9, mostPace = 1.1;

seconds progressLimit() {
  const char* factor = std::getenv("LU_SLOWNESS");
  return 15s * (factor != nullptr ? std::stol(factor) : 1);
}

std::string currentTest() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  return std::string(test->test_suite_name()) + "." + test->name();
}

unsigned deviceOf(const Player& player) { return static_cast<unsigned>(player.setup().device.back() - '0'); }

}  // namespace

void tellPlayed(std::uint64_t first, std::uint64_t end, const Unheard& unheard) {
  tellHost({{"event", "played"}, {"name", currentTest()}, {"first", first}, {"end", end}, {"gaps", unheard.gaps},
            {"unheard_at_ends", unheard.atEnds}});
}

SoundSession::SoundSession(const SoundWorld& world, SoundClients clients, const std::function<void(WorkloadSet&)>& more) {
  const auto access = [](bool mmap) { return mmap ? "by mmap" : "by write"; };
  players_.push_back(&work_.add<Player>(fmt::format("player {}", access(clients.mmap)), StreamSetup{.device = "hw:0,0", .mmap = clients.mmap},
                                        Player::What::numbers));
  if (clients.second && world.info().playing > 1)
    players_.push_back(&work_.add<Player>(fmt::format("second player {}", access(!clients.mmap)),
                                          StreamSetup{.device = "hw:0,1", .mmap = !clients.mmap}, Player::What::silence));
  watch_ = &work_.add<ControlWatch>("control events");
  if (more) more(work_);
  work_.start();
  expectNone("before the test", work_.awaitProgress(progressLimit()));
  state_ = takeSoundState();
}

void SoundSession::checkStreams(const std::string& when, unsigned gaps) {
  gaps_ += gaps;
  expectNone(when, work_.awaitProgress(progressLimit()));
  for (const auto* player : players_) EXPECT_EQ(streamState(deviceOf(*player), 'p'), "RUNNING") << player->name() << " " << when;
  expectNone(when, work_.problems());
}

void SoundSession::check(const std::string& when, unsigned gaps) {
  checkStreams(when, gaps);
  expectNone(when, differencesOf(state_, takeSoundState()));
  for (const auto& [event, times] : watch_->take()) ADD_FAILURE() << when << ": an event without a change: " << event << ", " << times << " times";
}

void SoundSession::finish() {
  work_.stop();
  expectNone("clients", work_.problems());
  for (const auto* player : players_) {
    EXPECT_GT(player->pace(), leastPace) << player->name() << " does not advance by the clock";
    EXPECT_LT(player->pace(), mostPace) << player->name() << " does not advance by the clock";
    if (player->playsNumbers()) tellPlayed(player->first(), player->end(), {.gaps = gaps_});
  }
  const auto figures = work_.measured();
  note(figures.dump(1));
  testing::Test::RecordProperty("work", figures.dump());
}

}  // namespace lug
