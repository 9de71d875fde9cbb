// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Reading and writing all the time, with everything that was written checked.
 */
#pragma once

#include <map>
#include <vector>

#include "net/workload.h"

namespace lug {

/** Writes files, syncs them, reads them back from the disk and compares, until it is stopped; then
 *  all that is left is read once more. */
class FileWork : public Workload {
 public:
  FileWork(std::string name, std::string folder) : Workload(std::move(name)), folder_(std::move(folder)) {}
  void start() override;
  void stop() override;
  Json measured() const override;

 private:
  void loop();
  void writeFile(std::uint64_t number);
  void verifyFile(std::uint64_t number);
  std::string path(std::uint64_t number) const;

  std::string folder_;
  std::uint64_t next_ = 0, oldest_ = 0;
  std::atomic<std::uint64_t> verified_{0};
};

/** Writes and reads blocks of one file at random, past the page cache; each block says which it is
 *  and how often it was written. */
class BlockWork : public Workload {
 public:
  BlockWork(std::string name, std::string file) : Workload(std::move(name)), file_(std::move(file)) {}
  void start() override;

 private:
  void loop();

  std::string file_;
};

/** Reads a disk through a descriptor that stays open, and asks for its geometry. */
class DiskReader : public Workload {
 public:
  DiskReader(std::string name, std::string node) : Workload(std::move(name)), node_(std::move(node)) {}
  void start() override;

 private:
  void loop();

  std::string node_;
};

/** Uevents of the block subsystem about disks that have to stay as they are. */
class DiskWatch : public Workload {
 public:
  DiskWatch(std::string name, std::vector<std::string> disks)
      : Workload(std::move(name)), disks_(std::move(disks)) {}
  void start() override;
  bool progresses() const override { return false; }

 private:
  void loop();
  void judge(const std::string& event);

  std::vector<std::string> disks_;
  int fd_ = -1;
};

}  // namespace lug
