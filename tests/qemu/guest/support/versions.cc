// SPDX-License-Identifier: GPL-2.0
#include "versions.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/process.h"

namespace lug {

namespace {

constexpr const char* folder = "/drivers";

/** The modules of a version are in one folder. */
std::vector<std::string> modulesBeside(const std::string& path) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(path).parent_path()))
    if (entry.path().extension() == ".ko") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<Version> versionsOf(const std::string& driver) {
  std::vector<Version> found;
  const auto text = slurp(std::string(folder) + "/manifest.json");
  if (!text) return found;
  const auto manifest = nlohmann::json::parse(*text);
  for (const auto& entry : manifest) {
    if (entry.value("driver", "") != driver) continue;
    found.push_back({.driver = driver,
                     .label = entry.value("label", ""),
                     .path = std::string(folder) + "/" + entry.value("path", ""),
                     .files = modulesBeside(std::string(folder) + "/" + entry.value("path", "")),
                     .version = entry.value("version", ""),
                     .srcversion = entry.value("srcversion", ""),
                     .real = entry.value("kind", "") == "real",
                     .sourceOfStock = entry.value("source_of_stock", false)});
  }
  return found;
}

bool hasVersion(const std::string& driver, const std::string& label) {
  const auto all = versionsOf(driver);
  return std::any_of(all.begin(), all.end(), [&](const auto& v) { return v.label == label; });
}

Version versionNamed(const std::string& driver, const std::string& label) {
  for (auto& version : versionsOf(driver))
    if (version.label == label) return version;
  throw Failure("the guest has no version '" + label + "' of " + driver);
}

std::pair<Version, Version> twoRealVersions(const std::string& driver) {
  const auto own = versionNamed(driver, "stock");
  for (const auto& version : versionsOf(driver))
    if (version.real && !version.sourceOfStock) return {own, version};
  return {own, versionNamed(driver, "rebuilt")};
}

}  // namespace lug
