// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Interface settings by direct system calls: fast enough to race with an update.
 */
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "net/sockets.h"

namespace lug {

/** Changes settings of one interface; each call returns 0 or the errno. */
class LinkConfig {
 public:
  explicit LinkConfig(std::string device);

  int setUp(bool up);
  int setMtu(int mtu);
  int setMac(const std::array<std::uint8_t, 6>& mac);
  int addVlan(int id);
  int removeVlan(int id);
  /** An ethtool feature by its legacy command, for example ETHTOOL_STSO. */
  int setFeature(std::uint32_t command, bool on);
  /** Value of a feature by its legacy command, for example ETHTOOL_GTSO; negative errno on failure. */
  int feature(std::uint32_t command);

 private:
  int request(unsigned long code, void* argument);

  std::string device_;
  Socket socket_;
};

/** Attach a program that passes every packet by XDP. @p generic: in the network core, not the driver.
 *  Returns the program's id; throws Failure. */
unsigned attachXdpPass(int ifindex, bool generic);

/** Take the XDP program off again; throws Failure. */
void detachXdp(int ifindex, bool generic);

}  // namespace lug
