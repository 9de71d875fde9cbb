// SPDX-License-Identifier: GPL-2.0
#include "update.h"

namespace lub {

Json update(const lug::ManagedDriver& driver, const lug::Version& version) {
  driver.updateTo(version);
  Json phases = Json::object();
  for (const auto& line : lug::split(driver.attribute("last/phases"), '\n'))
    if (const auto words = lug::split(line, ' '); words.size() == 2) phases[words[0]] = std::stol(words[1]);
  return Json{{"total_us", std::stol(driver.attribute("last/total_us"))},
              {"blackout_us", std::stol(driver.attribute("last/blackout_us"))},
              {"phases_us", phases}};
}

}  // namespace lub
