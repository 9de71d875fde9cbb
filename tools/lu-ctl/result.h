// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// Result<T>: a value or an Error that has to be looked at, and the exit codes scripts rely on.
#pragma once

#include <cstring>
#include <string>
#include <utility>
#include <variant>

#include "value.h"

namespace luctl {

/// The exit codes of lu-ctl. Scripts are written against them: never renumber.
enum class Exit : int {
  kDone = 0,
  kError = 1,       ///< usage, bad input, anything not listed below
  kNoDriver = 2,    ///< no such driver, or not managed
  kRolledBack = 3,  ///< the update was undone; the old driver runs
  kFailed = 4,      ///< neither driver runs
  kBusy = 5,        ///< in use, or another update is in flight
};

/// What went wrong, what to do about it, and whatever data there is to show all the same.
struct Error {
  Exit exit = Exit::kError;
  std::string message;
  std::string remedy;  ///< a command or a setting that helps; may be empty
  int sys_errno = 0;   ///< errno of the system call that failed, 0 when there was none
  Value details;       ///< printed on stdout just as a success would be; null when there is none
};

/// An Error for a failed system call on @p what.
inline Error sys_error(int err, const std::string& what) {
  return Error{Exit::kError, what + ": " + std::strerror(err), "", err, nullptr};
}

/// A value of type T, or the Error that kept us from it.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  Error& error() { return std::get<1>(state_); }
  const Error& error() const { return std::get<1>(state_); }
  T value_or(T other) const { return ok() ? std::get<0>(state_) : std::move(other); }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value.
struct Done {};

template <>
class [[nodiscard]] Result<void> : public Result<Done> {
 public:
  Result() : Result<Done>(Done{}) {}
  Result(Error error) : Result<Done>(std::move(error)) {}
};

}  // namespace luctl
