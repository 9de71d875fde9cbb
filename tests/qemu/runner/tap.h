// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * A tap interface with several queues that nobody else sees: the only back end for which QEMU
 * offers a card with several queues.
 */
#pragma once

#include <vector>

#include "util.h"

namespace luq {

/** This machine cannot do what one scenario needs: no reason to fail, but to say so. */
struct Unsupported : Error {
  using Error::Error;
};

/** File descriptors that close themselves. */
class Descriptors {
 public:
  Descriptors() = default;
  explicit Descriptors(std::vector<int> fds) : fds_(std::move(fds)) {}
  ~Descriptors();
  Descriptors(Descriptors&& other) noexcept : fds_(std::move(other.fds_)) { other.fds_.clear(); }
  Descriptors& operator=(Descriptors&& other) noexcept {
    fds_.swap(other.fds_);
    return *this;
  }
  const std::vector<int>& fds() const { return fds_; }

 private:
  std::vector<int> fds_;
};

/** Open a tap with @p queues queues in a network namespace of its own; no privilege needed where
 *  user namespaces are allowed. The interface lives as long as the descriptors. Throws Unsupported. */
Descriptors openPrivateTap(unsigned queues);

}  // namespace luq
