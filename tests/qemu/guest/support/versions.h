// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The driver binaries that the host placed in the guest.
 */
#pragma once

#include <string>
#include <vector>

namespace lug {

/** One binary of one driver. */
struct Version {
  std::string driver;
  std::string label;
  std::string path;
  std::vector<std::string> files = {};  ///< of all modules that are replaced together, @p path among them
  std::string version;     ///< what /sys/module/NAME/version says; empty for a stock binary
  std::string srcversion;
  bool real = false;       ///< a real version, not a variant made for a test
  bool sourceOfStock = false;
};

/** All binaries of @p driver, from the manifest. */
std::vector<Version> versionsOf(const std::string& driver);

/** The one with @p label; throws Failure when the host did not supply it. */
Version versionNamed(const std::string& driver, const std::string& label);

/** True when there is one with @p label. */
bool hasVersion(const std::string& driver, const std::string& label);

/** Two real versions to update between: the kernel's own, and another. Throws Failure. */
std::pair<Version, Version> twoRealVersions(const std::string& driver);

}  // namespace lug
