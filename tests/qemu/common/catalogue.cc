// SPDX-License-Identifier: GPL-2.0
#include "catalogue.h"

#include <cstdio>

namespace luq {

namespace {

using Names = std::vector<std::string_view>;

const Names all = {"e1000", "e1000e", "pcnet32", "virtio_net"};

const std::vector<Scenario>& table() {
  static const std::vector<Scenario> rows = {
      {.suite = "selftest", .name = "traffic_without_update", .group = "selftest", .on = all, .limitSeconds = 180},
      {.suite = "selftest", .name = "reload_is_detected", .group = "selftest", .on = {"e1000"}, .limitSeconds = 180},
      {.suite = "selftest", .name = "flap_is_detected", .group = "selftest", .on = {"e1000"}, .limitSeconds = 180},
  };
  return rows;
}

std::string mac(unsigned side, unsigned index) {
  char text[18];
  std::snprintf(text, sizeof text, "52:54:00:00:%02x:%02x", side & 0xff, (index + 1) & 0xff);
  return text;
}

}  // namespace

std::string Scenario::fullName(std::string_view driver) const {
  return std::string(suite) + "." + std::string(name) + "[" + std::string(driver) + "]";
}

std::span<const Scenario> scenarios() { return table(); }

const Driver* findDriver(std::string_view name) {
  for (const auto& driver : drivers)
    if (driver.name == name) return &driver;
  return nullptr;
}

std::string dutMac(unsigned index) { return mac(1, index); }
std::string peerMac(unsigned index) { return mac(2, index); }

}  // namespace luq
