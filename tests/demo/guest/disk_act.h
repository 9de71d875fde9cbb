// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The second act: the driver of the disk that lu-ctl itself is on.
 */
#pragma once

#include "play.h"

namespace lud {

/** Replace the disk's driver by a file on the disk, while it is written to, and report it; throws lug::Failure. */
void performDiskAct(const Play& play);

}  // namespace lud
