// SPDX-License-Identifier: GPL-2.0
#include "block/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace lug {

namespace {

constexpr unsigned accounts = 16;
constexpr unsigned openingBalance = 1000;

/** What an entry holds beside its number; a page of the file takes a few of them. */
std::string textOf(std::uint64_t entry) { return fmt::format("{:0900}", entry * 2654435761u); }

}  // namespace

void Database::Close::operator()(sqlite3* db) const { sqlite3_close(db); }

Database::Database(const std::string& file) {
  sqlite3* db = nullptr;
  const int error = sqlite3_open(file.c_str(), &db);
  db_.reset(db);
  if (error != SQLITE_OK) throw Failure(fmt::format("{}: {}", file, sqlite3_errstr(error)));
  // FULL would not make the removal of the journal durable, which is what commits.
  execute("PRAGMA synchronous = EXTRA");
  execute("BEGIN IMMEDIATE");
  execute("CREATE TABLE IF NOT EXISTS account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)");
  execute("CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
  if (value("SELECT count(*) FROM account") == "0")
    for (unsigned i = 0; i < accounts; ++i) execute(fmt::format("INSERT INTO account VALUES ({}, {})", i, openingBalance));
  execute("COMMIT");
}

void Database::execute(const std::string& sql) const {
  if (sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    throw Failure(fmt::format("{}: {}", sql.substr(0, 60), sqlite3_errmsg(db_.get())));
}

std::string Database::value(const std::string& sql) const {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db_.get(), sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    throw Failure(fmt::format("{}: {}", sql, sqlite3_errmsg(db_.get())));
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> owner(statement, sqlite3_finalize);
  if (sqlite3_step(statement) != SQLITE_ROW) throw Failure(fmt::format("{}: {}", sql, sqlite3_errmsg(db_.get())));
  const auto* text = sqlite3_column_text(statement, 0);
  return text != nullptr ? reinterpret_cast<const char*>(text) : "";
}

void Database::add(std::uint64_t entry) {
  execute("BEGIN IMMEDIATE");
  execute(fmt::format("INSERT INTO entry VALUES ({}, '{}')", entry, textOf(entry)));
  execute(fmt::format("UPDATE account SET balance = balance - 1 WHERE id = {}", entry % accounts));
  execute(fmt::format("UPDATE account SET balance = balance + 1 WHERE id = {}", (entry * 7 + 3) % accounts));
  execute("COMMIT");
}

std::uint64_t Database::entries() const {
  const auto count = std::stoull(value("SELECT count(*) FROM entry"));
  for (std::uint64_t i = 0; i < count; ++i)
    if (value(fmt::format("SELECT text FROM entry WHERE id = {}", i)) != textOf(i))
      throw Failure(fmt::format("entry {} of {} is not as written", i, count));
  return count;
}

std::string Database::complaint() const {
  const auto check = value("PRAGMA integrity_check");
  if (check != "ok") return check;
  const auto sum = value("SELECT sum(balance) FROM account");
  return sum == std::to_string(accounts * openingBalance) ? "" : "the sum of all accounts is " + sum;
}

void DatabaseWork::start() {
  spawn(Side::dut, [this] { loop(); });
}

void DatabaseWork::loop() {
  std::uint64_t entry = 0;
  {
    Database database(file_);
    for (; !stopping(); ++entry) {
      database.add(entry);
      advance();
    }
  }
  const Database database(file_);
  if (database.entries() != entry) problem(fmt::format("{} of {} entries are there", database.entries(), entry));
  if (const auto wrong = database.complaint(); !wrong.empty()) problem(wrong);
}

}  // namespace lug
