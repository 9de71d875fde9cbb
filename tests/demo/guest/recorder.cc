// SPDX-License-Identifier: GPL-2.0
#include "recorder.h"

namespace lud {

namespace {

using namespace std::chrono_literals;

constexpr auto step = 10ms;

}  // namespace

std::int64_t nowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(lug::Clock::now().time_since_epoch()).count();
}

Recorder::Recorder(const lug::Workload& transmit, const lug::Workload& receive)
    : transmit_(transmit), receive_(receive), thread_([this] { loop(); }) {}

void Recorder::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void Recorder::loop() {
  for (auto due = lug::Clock::now(); !stopping_; due = std::max(due + step, lug::Clock::now())) {
    std::this_thread::sleep_until(due);
    std::lock_guard guard(lock_);
    samples_.push_back({nowUs(), transmit_.progress(), receive_.progress()});
  }
}

Json Recorder::samples() const {
  std::lock_guard guard(lock_);
  Json list = Json::array();
  for (const auto& s : samples_) list.push_back({s.us, s.transmit, s.receive});
  return list;
}

}  // namespace lud
