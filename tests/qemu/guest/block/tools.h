// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Programs that others wrote, run over and over on a disk.
 */
#pragma once

#include <string>

#include "net/workload.h"

namespace lug {

/** fio: random writes past the page cache by io_uring, 32 at a time, each read back and its checksum compared. */
class FioWork : public Workload {
 public:
  FioWork(std::string name, std::string folder) : Workload(std::move(name)), folder_(std::move(folder)) {}
  void start() override;

 private:
  void loop();

  std::string folder_;
};

/** A compiler whose input and output are on the disk, read anew each time: what it makes never changes. */
class CompilerWork : public Workload {
 public:
  CompilerWork(std::string name, std::string folder) : Workload(std::move(name)), folder_(std::move(folder)) {}
  void start() override;

 private:
  void loop();

  std::string folder_;
};

}  // namespace lug
