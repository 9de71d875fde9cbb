// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The live-update modules as a test uses them: lu-ctl for the verbs, sysfs for what they did.
 */
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/versions.h"

namespace lug {

/** Exit codes of lu-ctl. */
enum class Exit { done = 0, usage = 1, noDriver = 2, rolledBack = 3, failed = 4, busy = 5 };

/** Load liveupdate and the shadow of a class; throws Failure. */
void loadLiveUpdate(const std::string& shadow = "shadow_net");

/** Unload them; throws Failure when one cannot go or leaves something behind. */
void unloadLiveUpdate();

/** All modules that are replaced together with @p driver, libraries first; one in most cases. */
std::vector<std::string> modulesOf(const std::string& driver);

/** What has to be loaded for the modules of @p driver, in that order. */
std::vector<std::string> dependenciesOf(const std::string& driver);

/** insmod does not load what a module needs: do that first. */
void loadDependencies(const std::string& driver);

/** Manage @p driver, what is replaced together with it, and what makes devices on its behalf; throws Failure. */
void manageAll(const std::string& driver);

/** Load the modules of one version of @p driver; throws Failure. */
void loadVersion(const std::string& driver, const std::string& label);

/** One managed driver. */
class ManagedDriver {
 public:
  explicit ManagedDriver(std::string name) : name_(std::move(name)) {}
  const std::string& name() const { return name_; }

  /** Run `lu-ctl VERB NAME MORE...`. */
  Output ctl(const std::string& verb, const Argv& more = {}) const;
  /** ctl(), but throws Failure unless it ends with 0. */
  std::string mustCtl(const std::string& verb, const Argv& more = {}) const;
  /** `lu-ctl --json VERB`, parsed. */
  nlohmann::json json(const std::string& verb) const;

  /** An attribute below drivers/NAME; throws Failure when there is none. */
  std::string attribute(const std::string& path) const;
  bool hasAttribute(const std::string& path) const;
  /** Write to an attribute: 0 or errno. */
  int write(const std::string& path, const std::string& value) const;
  /** Write 1 to a trigger: 0 or errno. */
  int trigger(const std::string& verb) const { return write(verb, "1"); }

  /** Update to @p version and see that it now runs; throws Failure with the whole story. */
  void updateTo(const Version& version) const;
  /** updateTo() followed by `commit`. */
  void replaceBy(const Version& version) const;
  /** What the last update left in last/, and the state: for messages. */
  std::string story() const;
  /** Lines of last/mismatches. */
  std::vector<std::string> mismatches() const;
  /** True when the running generation is @p version. */
  bool runs(const Version& version) const;

 private:
  std::string folder() const;
  std::string name_;
};

/** The story of each managed driver, with the timeline of what it went through: for whoever reads a failure. Expects nothing,
 *  so it may be called while GoogleTest reports one. */
std::string allStories();

}  // namespace lug
