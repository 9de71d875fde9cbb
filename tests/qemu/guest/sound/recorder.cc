// SPDX-License-Identifier: GPL-2.0
#include "sound/recorder.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace lug {

namespace {

namespace sound = luq::sound;

constexpr sound::Frame used{0x5a5a, 0x5a5a};

}  // namespace

void Recorder::start() {
  spawn(Side::dut, [this] { loop(); });
}

/** One period. */
void Recorder::take(Pcm& pcm) {
  snd_pcm_uframes_t odd = 0;
  if (setup_.mmap) {
    pcm.await(setup_.period);
    pcm.mapped(setup_.period, [&](sound::Frame* from, snd_pcm_uframes_t piece, snd_pcm_uframes_t) {
      odd += piece - static_cast<snd_pcm_uframes_t>(std::count(from, from + piece, sound::silence));
      std::fill(from, from + piece, used);
    });
  } else {
    std::vector<sound::Frame> block(setup_.period, used);
    for (std::size_t done = 0; done < block.size();)
      done += static_cast<std::size_t>(mustAlsa(snd_pcm_readi(pcm.get(), block.data() + done, block.size() - done), "readi"));
    odd = block.size() - static_cast<std::size_t>(std::count(block.begin(), block.end(), sound::silence));
  }
  if (odd != 0) problem(fmt::format("{} frames that were not recorded", odd));
}

void Recorder::loop() {
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), 0);
  Pcm pcm(setup_, SND_PCM_STREAM_CAPTURE);
  while (!stopping()) {
    take(pcm);
    advance(setup_.period);
  }
}

}  // namespace lug
