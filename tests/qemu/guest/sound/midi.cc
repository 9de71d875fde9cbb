// SPDX-License-Identifier: GPL-2.0
#include "sound/midi.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <memory>

#include "sound/alsa.h"

namespace lug {

namespace {

using namespace std::chrono_literals;

using MidiHandle = std::unique_ptr<snd_rawmidi_t, decltype(&snd_rawmidi_close)>;

constexpr auto betweenNotes = 2ms;
constexpr unsigned notesPerDrain = 16;

/** What the kernel says was sent by the one who has the device open, in bytes. */
std::uint64_t bytesSent() {
  const auto text = mustRead("/proc/asound/card0/midi0");
  const std::string label = "Tx bytes";
  const auto at = text.find(label);
  if (at == text.npos) throw Failure("who sends MIDI? " + text);
  return std::stoull(text.substr(text.find(':', at) + 1));
}

}  // namespace

void MidiWork::start() {
  spawn(Side::dut, [this] { loop(); });
}

void MidiWork::loop() {
  snd_rawmidi_t *in = nullptr, *out = nullptr;
  mustAlsa(snd_rawmidi_open(&in, &out, "hw:0,0", 0), "open raw MIDI");
  const MidiHandle input(in, &snd_rawmidi_close), output(out, &snd_rawmidi_close);
  while (!stopping()) {
    for (unsigned i = 0; i < notesPerDrain; ++i) {
      const std::array<unsigned char, 3> note = {0x90, static_cast<unsigned char>(i), 0x40};
      written_ += static_cast<std::uint64_t>(mustAlsa(snd_rawmidi_write(out, note.data(), note.size()), "write a note"));
      std::this_thread::sleep_for(betweenNotes);
    }
    mustAlsa(snd_rawmidi_drain(out), "drain");
    if (const auto sent = bytesSent(); sent != written_) throw Failure(fmt::format("{} bytes were written, {} sent", written_, sent));
    advance();
  }
}

}  // namespace lug
