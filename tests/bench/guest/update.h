// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * One live update, and what the kernel says about it.
 */
#pragma once

#include "emit.h"
#include "support/live_update.h"

namespace lub {

/** Update @p driver to @p version, which has to succeed; the kernel's own record of it. */
Json update(const lug::ManagedDriver& driver, const lug::Version& version);

}  // namespace lub
