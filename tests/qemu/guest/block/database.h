// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * A database that is being written to: what users would miss first.
 */
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "net/workload.h"

struct sqlite3;

namespace lug {

/** A ledger in SQLite. Each entry is a transaction of its own that also moves an amount between two accounts, and
 *  is durable when add() returns. All functions throw Failure. */
class Database {
 public:
  /** Open @p file, or make it. */
  explicit Database(const std::string& file);

  /** Enter and commit number @p entry. */
  void add(std::uint64_t entry);
  /** Entries that are there; they have to be the numbers from 0 on, as they were written. */
  std::uint64_t entries() const;
  /** What is wrong with the file and its sums; empty if nothing is. */
  std::string complaint() const;

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  void execute(const std::string& sql) const;
  std::string value(const std::string& sql) const;

  std::unique_ptr<sqlite3, Close> db_;
};

/** Commits one entry after the other. */
class DatabaseWork : public Workload {
 public:
  DatabaseWork(std::string name, std::string file) : Workload(std::move(name)), file_(std::move(file)) {}
  void start() override;

 private:
  void loop();

  std::string file_;
};

}  // namespace lug
