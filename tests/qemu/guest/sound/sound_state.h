// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * What can be asked about the card.
 */
#pragma once

#include <optional>
#include <string>

#include "net/workload.h"

namespace lug {

/** All that an application can ask: devices, PCMs, controls with their ranges and values. */
Json takeSoundState();

/** Values of the control called @p name, as text; nothing when there is no such control or it cannot be read. */
std::optional<std::string> controlValue(const std::string& name);

/** Sets all values of the control called @p name: 0 or an error, as a positive number. */
int setControl(const std::string& name, long value);

/** Sets all values of the control called @p name to the highest one: 0 or an error, as a positive number. */
int setControlToMost(const std::string& name);

/** State of PCM @p device's first stream for playing ('p') or recording ('c'), as /proc tells: RUNNING. */
std::string streamState(unsigned device, char direction);

}  // namespace lug
