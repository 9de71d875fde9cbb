// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// Running a verb against a FakeKernel as main() would.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "cli.h"
#include "tests/fake_kernel.h"

namespace luctl {

/// What a call of lu-ctl left behind.
struct Ran {
  Exit exit = Exit::kDone;
  std::string out, err;

  bool says(const std::string& text) const { return err.find(text) != std::string::npos; }
  bool shows(const std::string& text) const { return out.find(text) != std::string::npos; }
  /// stdout as JSON; the test fails when it is none.
  Value json() const {
    Value value = Value::parse(out, nullptr, false);
    EXPECT_FALSE(value.is_discarded()) << "not JSON: " << out;
    return value;
  }
};

/// Runs lu-ctl with these arguments.
inline Ran run(Kernel& kernel, const std::vector<std::string>& arguments) {
  char *out = nullptr, *err = nullptr;
  size_t out_size = 0, err_size = 0;
  Streams streams{open_memstream(&out, &out_size), open_memstream(&err, &err_size)};
  Ran ran;
  ran.exit = run_cli(arguments, kernel, streams);
  std::fclose(streams.out);
  std::fclose(streams.err);
  ran.out.assign(out, out_size);
  ran.err.assign(err, err_size);
  std::free(out);
  std::free(err);
  return ran;
}

/// Did the system see this?
inline bool did(const FakeKernel& kernel, const std::string& action) {
  return std::find(kernel.actions.begin(), kernel.actions.end(), action) != kernel.actions.end();
}

}  // namespace luctl
