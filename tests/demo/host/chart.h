// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The picture: throughput over time with the updates in it, and each update's phases enlarged.
 */
#pragma once

#include <string>
#include <string_view>

#include "story.h"
#include "svg.h"

namespace lud {

/** The whole picture as SVG. */
std::string drawTimeline(const Story& story, const std::string& machine);

/** The colour that stands for a phase, in every part of the picture. */
std::string_view phaseColour(std::string_view phase);

/** Draw @p update's phases one below the other, on a time scale of their own. */
void drawPhases(Svg& svg, const Update& update, Point corner, double width);

/** Height that drawPhases() takes for @p update. */
double phasesHeight(const Update& update);

/** "0.62 s" or "14 ms". */
std::string duration(double ms);

/** A round number of units between two ticks, so that there are at most @p most of them in @p range. */
double tickStep(double range, int most);

}  // namespace lud
