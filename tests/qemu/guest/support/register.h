// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * How a scenario's code meets its row in the catalogue.
 */
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "common/catalogue.h"

namespace lug {

/** What a scenario is told about its run. */
struct Context {
  std::string driver;
  unsigned count = 0;  ///< repetitions asked for
  unsigned wires = 1;
};

using Body = std::function<void(const Context&)>;

/** Remember @p body under SUITE.NAME; done by static objects before main(). */
struct Registration {
  Registration(const char* suite, const char* name, Body body);
};

/** Give GoogleTest one test for each scenario and driver of the catalogue.
 *  Throws when a row has no code or code has no row: both would silently test nothing. */
void registerScenarios();

/** Fails the test once for each line, with @p what before it. */
void expectNone(const std::string& what, const std::vector<std::string>& lines);

}  // namespace lug

/** Defines the code of scenario SUITE.NAME; `context` tells driver and repetitions. */
#define LU_SCENARIO(suite, name)                                                        \
  static void suite##_##name(const ::lug::Context& context);                            \
  static const ::lug::Registration suite##_##name##_registration(#suite, #name, suite##_##name); \
  static void suite##_##name([[maybe_unused]] const ::lug::Context& context)
