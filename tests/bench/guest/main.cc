// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * lu-bench-guest: the measuring half of the benchmarks, inside the guest.
 */
#include <CLI/CLI.hpp>
#include <cstdio>

#include "blackout.h"
#include "cards.h"
#include "disks.h"
#include "instructions.h"
#include "memory.h"
#include "sounds.h"
#include "support/process.h"

namespace {

void addInstructions(CLI::App& app) {
  static lub::InstructionPlan plan;
  auto* command = app.add_subcommand("instructions", "instructions per packet");
  command->add_option("--driver", plan.driver)->required();
  command->add_option("--rounds", plan.rounds);
  command->add_option("--bursts", plan.bursts);
  command->callback([] { lub::measureInstructions(plan); });
}

void addBlackout(CLI::App& app) {
  static lub::BlackoutPlan plan;
  auto* command = app.add_subcommand("blackout", "update against a reload script, as a receiver sees them");
  command->add_option("--driver", plan.driver)->required();
  command->add_option("--runs", plan.runs);
  command->add_flag("--script-only", plan.scriptOnly, "measure only the reload script, without live update");
  command->callback([] { lub::measureBlackout(plan); });
}

void addMemory(CLI::App& app) {
  static lub::MemoryPlan plan;
  auto* command = app.add_subcommand("memory", "what managing a driver costs in memory");
  command->add_option("--driver", plan.driver)->required();
  command->add_option("--rounds", plan.rounds);
  command->callback([] { lub::measureMemory(plan); });
}

void addCards(CLI::App& app) {
  static lub::CardsPlan plan;
  auto* command = app.add_subcommand("cards", "time of an update with several cards");
  command->add_option("--driver", plan.driver)->required();
  command->add_option("--cards", plan.cards);
  command->add_option("--runs", plan.runs);
  command->callback([] { lub::measureCards(plan); });
}

void addRequests(CLI::App& app) {
  static lub::RequestPlan plan;
  auto* command = app.add_subcommand("requests", "instructions per request to a disk");
  command->add_option("--driver", plan.driver)->required();
  command->add_option("--rounds", plan.rounds);
  command->add_option("--requests", plan.requests);
  command->callback([] { lub::measureRequests(plan); });
}

void addStalls(CLI::App& app) {
  static lub::StallPlan plan;
  auto* command = app.add_subcommand("stalls", "how long requests to disks wait during an update");
  command->add_option("--driver", plan.driver)->required();
  command->add_option("--disks", plan.disks);
  command->add_option("--runs", plan.runs);
  command->callback([] { lub::measureStalls(plan); });
}

void addPlaying(CLI::App& app) {
  static lub::PlayingPlan plan;
  auto* command = app.add_subcommand("playing", "instructions while a sound card plays");
  command->add_option("--driver", plan.driver)->required();
  command->add_option("--rounds", plan.rounds);
  command->add_option("--periods", plan.periods);
  command->callback([] { lub::measurePlaying(plan); });
}

void addGaps(CLI::App& app) {
  static lub::GapPlan plan;
  auto* command = app.add_subcommand("gaps", "what is not heard during an update of a sound driver");
  command->add_option("--driver", plan.driver)->required();
  command->add_option("--buffer", plan.buffer);
  command->add_option("--runs", plan.runs);
  command->callback([] { lub::measureGaps(plan); });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measurements inside the guest", "lu-bench-guest"};
  app.require_subcommand(1);
  addInstructions(app);
  addBlackout(app);
  addMemory(app);
  addCards(app);
  addRequests(app);
  addStalls(app);
  addPlaying(app);
  addGaps(app);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e);
  } catch (const std::exception& e) {
    lug::note(std::string("lu-bench-guest: ") + e.what());
    return 1;
  }
  return 0;
}
