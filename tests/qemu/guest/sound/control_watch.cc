// SPDX-License-Identifier: GPL-2.0
#include "sound/control_watch.h"

#include <fmt/format.h>

#include "sound/alsa.h"

namespace lug {

namespace {

constexpr int waitMs = 100;

std::string kindOf(unsigned mask) {
  if (mask == SND_CTL_EVENT_MASK_REMOVE) return "remove";
  std::string text;
  for (const auto& [bit, name] : {std::pair{SND_CTL_EVENT_MASK_VALUE, "value"}, {SND_CTL_EVENT_MASK_INFO, "info"},
                                  {SND_CTL_EVENT_MASK_ADD, "add"}, {SND_CTL_EVENT_MASK_TLV, "tlv"}})
    if ((mask & bit) != 0) text += (text.empty() ? "" : "+") + std::string(name);
  return text;
}

}  // namespace

void ControlWatch::start() {
  spawn(Side::dut, [this] { loop(); });
}

void ControlWatch::loop() {
  snd_ctl_t* raw = nullptr;
  mustAlsa(snd_ctl_open(&raw, soundCard, SND_CTL_NONBLOCK), "open the controls");
  const std::unique_ptr<snd_ctl_t, decltype(&snd_ctl_close)> ctl(raw, &snd_ctl_close);
  mustAlsa(snd_ctl_subscribe_events(raw, 1), "subscribe");
  snd_ctl_event_t* event;
  snd_ctl_event_alloca(&event);
  while (!stopping()) {
    if (mustAlsa(snd_ctl_wait(raw, waitMs), "wait for events") == 0) continue;
    if (mustAlsa(snd_ctl_read(raw, event), "read events") == 0) continue;
    const auto text = fmt::format("{} {}", snd_ctl_event_elem_get_name(event), kindOf(snd_ctl_event_elem_get_mask(event)));
    const std::lock_guard guard(lock_);
    ++events_[text];
  }
}

std::map<std::string, unsigned> ControlWatch::take() {
  const std::lock_guard guard(lock_);
  return std::exchange(events_, {});
}

}  // namespace lug
