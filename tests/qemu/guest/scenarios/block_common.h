// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * What the scenarios of disks share.
 */
#pragma once

#include <vector>

#include "block/disk_session.h"
#include "support/register.h"

namespace lug {

/** How long requests waited, as the driver's record tells it. */
struct Pauses {
  std::vector<long> us;
  void add(const ManagedDriver& driver) { us.push_back(std::stol(driver.attribute("last/blackout_us"))); }
  /** Puts median and longest into the report. */
  void record();
};

/** Disks for @p context's driver: as many as the catalogue says, for a set as many for each of its drivers. */
unsigned disksOf(const Context& context);

/** Expects that the last update succeeded, with nothing to complain about. */
void expectUpdated(const ManagedDriver& driver, unsigned devices);

/** Ends the work on the disks and puts its figures into the report. */
void endSession(DiskSession& session);

}  // namespace lug
