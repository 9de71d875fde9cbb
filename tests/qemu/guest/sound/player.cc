// SPDX-License-Identifier: GPL-2.0
#include "sound/player.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <vector>

namespace lug {

namespace sound = luq::sound;

std::uint64_t takeFrameNumbers() {
  static std::atomic<std::uint64_t> streams{0};
  return streams++ * sound::streamStep;
}

Player::Player(std::string name, StreamSetup setup, What what)
    : Workload(std::move(name)), setup_(std::move(setup)), what_(what), first_(what == What::numbers ? takeFrameNumbers() : 0), next_(first_) {}

void Player::start() {
  spawn(Side::dut, [this] { loop(); });
}

void Player::stop() { joinAll(); }

/** One period. */
void Player::put(Pcm& pcm, bool numbers) {
  const auto at = next_.load();
  const auto frame = [&](std::uint64_t i) { return numbers ? sound::numbered(at + i) : sound::silence; };
  if (setup_.mmap) {
    pcm.await(setup_.period);
    pcm.mapped(setup_.period, [&](sound::Frame* to, snd_pcm_uframes_t piece, snd_pcm_uframes_t done) {
      for (snd_pcm_uframes_t i = 0; i < piece; ++i) to[i] = frame(done + i);
    });
    return;
  }
  std::vector<sound::Frame> block(setup_.period);
  for (std::size_t i = 0; i < block.size(); ++i) block[i] = frame(i);
  for (std::size_t done = 0; done < block.size();)
    done += static_cast<std::size_t>(mustAlsa(snd_pcm_writei(pcm.get(), block.data() + done, block.size() - done), "writei"));
}

void Player::loop() {
  // Not below others: on a busy machine a player gets its share first.
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), 0);
  Pcm pcm(setup_, SND_PCM_STREAM_PLAYBACK);
  const auto begin = Clock::now();
  while (!stopping()) {
    put(pcm, playsNumbers());
    next_ += setup_.period;
    advance(setup_.period);
  }
  const std::chrono::duration<double> took = Clock::now() - begin;
  const auto played = static_cast<double>(next_ - first_) - static_cast<double>(setup_.buffer);
  pace_ = played / sound::rate / took.count();
  // When a whole buffer of silence has been taken, all that was before it has been played; some more for the card's own buffer.
  for (snd_pcm_uframes_t done = 0; done < setup_.buffer + closingFrames; done += setup_.period) put(pcm, false);
  mustAlsa(snd_pcm_drop(pcm.get()), "drop");
}

Json Player::measured() const {
  auto figures = Workload::measured();
  figures["pace"] = pace_;
  return figures;
}

}  // namespace lug
