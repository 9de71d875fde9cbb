// SPDX-License-Identifier: GPL-2.0
#include "sound/alsa.h"

#include <fmt/format.h>

#include "support/process.h"

namespace lug {

namespace {

constexpr int wakeLimitMs = 10000;

void setHardware(snd_pcm_t* pcm, const StreamSetup& setup) {
  snd_pcm_hw_params_t* params;
  snd_pcm_hw_params_alloca(&params);
  snd_pcm_hw_params_any(pcm, params);
  mustAlsa(snd_pcm_hw_params_set_access(pcm, params, setup.mmap ? SND_PCM_ACCESS_MMAP_INTERLEAVED : SND_PCM_ACCESS_RW_INTERLEAVED), "access");
  mustAlsa(snd_pcm_hw_params_set_format(pcm, params, SND_PCM_FORMAT_S16_LE), "format");
  mustAlsa(snd_pcm_hw_params_set_channels(pcm, params, 2), "channels");
  mustAlsa(snd_pcm_hw_params_set_rate(pcm, params, luq::sound::rate, 0), "rate");
  mustAlsa(snd_pcm_hw_params_set_period_size(pcm, params, setup.period, 0), "period size");
  mustAlsa(snd_pcm_hw_params_set_buffer_size(pcm, params, setup.buffer), "buffer size");
  mustAlsa(snd_pcm_hw_params(pcm, params), "hw_params");
}

void setSoftware(snd_pcm_t* pcm, const StreamSetup& setup, snd_pcm_stream_t direction) {
  snd_pcm_sw_params_t* params;
  snd_pcm_sw_params_alloca(&params);
  mustAlsa(snd_pcm_sw_params_current(pcm, params), "current sw_params");
  mustAlsa(snd_pcm_sw_params_set_avail_min(pcm, params, setup.period), "avail_min");
  const bool plays = direction == SND_PCM_STREAM_PLAYBACK;
  mustAlsa(snd_pcm_sw_params_set_start_threshold(pcm, params, plays ? setup.buffer : 1), "start_threshold");
  mustAlsa(snd_pcm_sw_params(pcm, params), "sw_params");
}

}  // namespace

long mustAlsa(long result, const std::string& what) {
  if (result < 0) throw Failure(fmt::format("{}: {}", what, snd_strerror(static_cast<int>(result))));
  return result;
}

Pcm::Pcm(const StreamSetup& setup, snd_pcm_stream_t direction) {
  mustAlsa(snd_pcm_open(&pcm_, setup.device.c_str(), direction, 0), "open " + setup.device);
  try {
    setHardware(pcm_, setup);
    setSoftware(pcm_, setup, direction);
  } catch (...) {
    snd_pcm_close(pcm_);
    throw;
  }
}

void Pcm::await(snd_pcm_uframes_t frames) {
  for (;;) {
    const long avail = mustAlsa(snd_pcm_avail_update(pcm_), "avail_update");
    if (static_cast<snd_pcm_uframes_t>(avail) >= frames) return;
    if (snd_pcm_state(pcm_) == SND_PCM_STATE_PREPARED) mustAlsa(snd_pcm_start(pcm_), "start");
    if (mustAlsa(snd_pcm_wait(pcm_, wakeLimitMs), "wait") == 0) throw Failure(fmt::format("nobody wakes us, {} frames there", avail));
  }
}

}  // namespace lug
