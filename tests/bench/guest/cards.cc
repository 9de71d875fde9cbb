// SPDX-License-Identifier: GPL-2.0
#include "cards.h"

#include <fmt/format.h>

#include <utility>

#include "net/world.h"
#include "support/process.h"
#include "update.h"

namespace lub {

using namespace std::chrono_literals;

void measureCards(const CardsPlan& plan) {
  lug::World world(plan.driver, {.wires = plan.cards});
  auto [running, next] = lug::twoRealVersions(plan.driver);
  for (unsigned run = 0; run < plan.runs; ++run) {
    auto measured = update(world.managed(), next);
    world.awaitLink(30s);
    world.managed().mustCtl("commit");
    std::swap(running, next);
    measured["kind"] = "cards";
    measured["driver"] = plan.driver;
    measured["cards"] = plan.cards;
    measured["run"] = run;
    lug::note(fmt::format("{} with {} cards: {} ms", plan.driver, plan.cards, measured["total_us"].get<long>() / 1000));
    emit(measured);
  }
  world.close();
}

}  // namespace lub
