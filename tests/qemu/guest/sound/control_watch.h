// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * A client that is told when controls of the card change.
 */
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "net/workload.h"

namespace lug {

/** Notes each event of a control. */
class ControlWatch : public Workload {
 public:
  using Workload::Workload;
  void start() override;
  bool progresses() const override { return false; }
  /** "NAME value" -> how often it was told since the last time. */
  std::map<std::string, unsigned> take();

 private:
  void loop();

  std::mutex lock_;
  std::map<std::string, unsigned> events_;
};

}  // namespace lug
