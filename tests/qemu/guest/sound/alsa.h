// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * libasound with errors that are thrown, and objects that close themselves.
 */
#pragma once

#include <alsa/asoundlib.h>

#include <string>

#include "common/numbered_sound.h"

namespace lug {

/** The one card that a guest has. */
inline constexpr const char* soundCard = "hw:0";

/** @p result, or Failure when it is an error. */
long mustAlsa(long result, const std::string& what);

/** How a stream is opened: 16 bits, two channels, @ref luq::sound::rate. */
struct StreamSetup {
  std::string device = "hw:0,0";
  bool mmap = true;
  snd_pcm_uframes_t buffer = 16384, period = 2048;  ///< frames
};

/** An open stream, prepared; it starts when it is told to, or when its buffer has been written. */
class Pcm {
 public:
  Pcm(const StreamSetup& setup, snd_pcm_stream_t direction);
  ~Pcm() { snd_pcm_close(pcm_); }
  Pcm(const Pcm&) = delete;
  Pcm& operator=(const Pcm&) = delete;

  snd_pcm_t* get() const { return pcm_; }
  /**
   * Wait until @p frames can be written or read by mmap, starting a stream that is full.
   * Throws Failure for an overrun or underrun, any other error, and when nobody wakes us.
   */
  void await(snd_pcm_uframes_t frames);
  /**
   * Give @p use the mapped frames in pieces, @p frames in all; it is called as use(piece, frames, done before).
   */
  template <typename Use>
  void mapped(snd_pcm_uframes_t frames, Use use) {
    for (snd_pcm_uframes_t done = 0; done < frames;) {
      const snd_pcm_channel_area_t* areas = nullptr;
      snd_pcm_uframes_t offset = 0, piece = frames - done;
      mustAlsa(snd_pcm_mmap_begin(pcm_, &areas, &offset, &piece), "mmap_begin");
      use(static_cast<luq::sound::Frame*>(areas[0].addr) + offset, piece, done);
      done += static_cast<snd_pcm_uframes_t>(mustAlsa(snd_pcm_mmap_commit(pcm_, offset, piece), "mmap_commit"));
    }
  }

 private:
  snd_pcm_t* pcm_ = nullptr;
};

}  // namespace lug
