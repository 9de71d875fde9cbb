// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Builds the guest's root file system in a staging folder and packs it.
 */
#pragma once

#include <string>
#include <vector>

#include "kernel_dir.h"
#include "util.h"

namespace luq {

/** What goes into the guest besides the fixed base. */
struct GuestContents {
  fs::path init;                       ///< static program that becomes /init
  std::vector<fs::path> programs;      ///< placed in /usr/bin with the libraries they need
  std::vector<std::string> modules;    ///< stock modules, with what they depend on
  std::vector<fs::path> ownModules;    ///< our modules, placed in /lu and for modprobe
  std::vector<fs::path> files;         ///< files and folders placed in /m
  fs::path driverVersions;             ///< placed in /drivers; may be empty
};

/** Programs every guest gets; those missing on this machine are an Error. */
const std::vector<std::string>& basePrograms();

/** Stock modules every guest gets: what the tests put on top of the drivers under test. */
const std::vector<std::string>& baseModules();

/** Build the archive for @p kernel and write it to @p output. */
void buildInitramfs(const KernelDir& kernel, const GuestContents& contents, const fs::path& output);

/** Write to @p to the archive @p from, and behind it one with the programs named: too large for every guest to have.
 *  A name that begins with '/' is a file or a folder that is wanted at its place. */
void appendPrograms(const std::vector<std::string>& names, const fs::path& from, const fs::path& to);

}  // namespace luq
