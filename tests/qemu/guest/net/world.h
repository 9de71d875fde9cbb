// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The network of a test: cards of the driver under test here, each wired to a partner card in
 * the namespace "peer".
 */
#pragma once

#include <string>
#include <vector>

#include "common/catalogue.h"
#include "net/workload.h"
#include "support/live_update.h"

namespace lug {

/** Builds the network; takes it down again at the end, unless close() did it with checks. */
class World {
 public:
  struct Options {
    unsigned wires = 1;
    bool managed = true;            ///< load live update first and manage the driver
    std::string version = "stock";  ///< label of the binary to start with
    std::string addedId = {};       ///< written to new_id once the driver is loaded
    std::string overriddenId = {};  ///< PCI devices with it get the driver by driver_override
  };

  World(const std::string& driver, const Options& options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const std::string& driver() const { return info_.driver; }
  ManagedDriver& managed() { return managed_; }
  const Wire& wire(unsigned index = 0) const { return wires_.at(index); }
  const std::vector<Wire>& wires() const { return wires_; }
  std::vector<std::string> devices() const;
  bool hasVersions() const;

  /** Load the driver (a binary by label) and wait for its interfaces. */
  void loadDriver(const std::string& label);
  /** Find the interfaces again, address them and wait until packets flow. */
  void configure();
  /** Wait until each wire carries a ping. */
  void awaitLink(milliseconds limit);
  /** Unload driver and live update; throws Failure when anything does not go or stays behind. */
  void close();
  /** Leave everything as it is: something is stuck for good, and the boot ends here. */
  void abandon() { open_ = false; }

 private:
  struct {
    std::string driver, peerModule;
  } info_;
  void takePeers();
  void returnPeers();

  Options options_;
  ManagedDriver managed_;
  std::vector<Wire> wires_;
  bool open_ = true;
};

/** Name of the interface with @p mac in this namespace; empty when there is none. */
std::string interfaceByMac(const std::string& mac);

}  // namespace lug
