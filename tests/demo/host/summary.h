// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The story in words, for somebody who sees this for the first time.
 */
#pragma once

#include <string>

#include "story.h"

namespace lud {

/** The summary as plain text. */
std::string summarize(const Story& story, const std::string& kernel);

/** Every command with all that it printed. */
std::string fullTranscript(const Story& story);

}  // namespace lud
