// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Work that keeps many requests under way, or that needs the disk to have memory at all.
 */
#pragma once

#include <cstdint>
#include <string>

#include "net/workload.h"

namespace lug {

/** Writes and reads blocks of a device at random by io_uring, past the page cache, with many requests under
 *  way at any time; each block says which it is and how often it was written. */
class UringWork : public Workload {
 public:
  static constexpr unsigned depth = 32;

  UringWork(std::string name, std::string node, std::uint64_t bytes)
      : Workload(std::move(name)), node_(std::move(node)), bytes_(bytes) {}
  void start() override;

 private:
  void loop();

  std::string node_;
  std::uint64_t bytes_;
};

/** Uses more memory than there is, so that pages go to the swap area and come back; each page says which
 *  it is and how often it was written. What the kernel calls available is an estimate: starting there, it
 *  takes more with each turn until pages do go. */
class MemoryWork : public Workload {
 public:
  using Workload::Workload;
  void start() override;

 private:
  void loop();
};

/** Pages written to swap areas since the start of the machine. */
std::uint64_t pagesSwappedOut();

}  // namespace lug
