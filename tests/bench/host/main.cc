// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * lu-bench: side-by-side measurements, as tables with ratios.
 */
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "plans.h"

namespace {

int bench(const lub::BenchOptions& options) {
  std::filesystem::create_directories(options.output);
  const auto began = luq::Clock::now();
  const auto results = lub::runBenchmarks(options);
  const std::filesystem::path folder(options.output);
  luq::writeFile(folder / "results.md", results.markdown());
  luq::writeFile(folder / "results.json", results.json().dump(1) + "\n");
  fmt::print("\n{}\n{:.0f} s in all; written to {}/results.md and results.json\n", results.markdown(),
             std::chrono::duration<double>(luq::Clock::now() - began).count(), options.output);
  return results.complete() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measure live update against native drivers and reload scripts", "lu-bench"};
  lub::BenchOptions options;
  app.add_option("--kernel", options.kernel, "kernel folder, with driver versions")->required();
  app.add_option("--output", options.output, "folder for results and consoles")->required();
  app.add_option("--runs", options.runs, "updates and reloads per driver; the other counts follow")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--only", options.only, "what to measure")
      ->delimiter(',')
      ->check(CLI::IsMember(lub::measurements()));
  app.add_option("--drivers", options.drivers, "drivers to measure")->delimiter(',')->check(CLI::IsMember(lub::allDrivers()));
  app.add_flag("--script-only", options.scriptOnly, "measure the blackout of the reload script alone");
  luq::addGuestOptions(app, options.guest);
  try {
    app.parse(argc, argv);
    return bench(options);
  } catch (const CLI::ParseError& e) {
    return app.exit(e);
  } catch (const std::exception& e) {
    fmt::print(stderr, "lu-bench: {}\n", e.what());
    return 2;
  }
}
