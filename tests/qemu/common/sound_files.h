// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * What a guest with a sound card needs besides what every guest has.
 */
#pragma once

#include <string>
#include <vector>

namespace luq {

/** What libasound has to read before it opens anything. */
inline std::vector<std::string> soundFiles() {
  return {"/usr/share/alsa/alsa.conf", "/usr/share/alsa/cards", "/usr/share/alsa/ctl", "/usr/share/alsa/pcm"};
}

}  // namespace luq
