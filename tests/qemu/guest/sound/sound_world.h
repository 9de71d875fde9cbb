// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The sound card of a test.
 */
#pragma once

#include <string>
#include <vector>

#include "common/catalogue.h"
#include "support/live_update.h"

namespace lug {

/** Loads driver and live update, and takes all down again. */
class SoundWorld {
 public:
  struct Options {
    std::string version = "stock";  ///< label of the binary to start with
    bool managed = true;            ///< live update is loaded and manages the driver
  };

  SoundWorld(const std::string& driver, const Options& options);
  ~SoundWorld();
  SoundWorld(const SoundWorld&) = delete;
  SoundWorld& operator=(const SoundWorld&) = delete;

  ManagedDriver& managed() { return managed_; }
  /** What the catalogue knows of it. */
  const luq::Driver& info() const { return *luq::findDriver(managed_.name()); }
  /** Unload everything; throws Failure when something cannot go. */
  void close();
  /** Leave everything as it is: something is stuck for good, and the boot ends here. */
  void abandon() { open_ = false; }

 private:
  ManagedDriver managed_;
  bool isManaged_;
  bool open_ = true;
};

}  // namespace lug
