// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chart.h"

namespace lud {

namespace {

constexpr double rowHeight = 21, headHeight = 44, axisHeight = 44, labelWidth = 128, valueWidth = 74;
constexpr std::string_view frame = "#999999", grid = "#dddddd", failure = "#b3261e";
constexpr int mostTicks = 5;

std::string label(const Phase& phase) { return phase.rollback ? "back: " + phase.name : phase.name; }

std::string heading(const Update& update) {
  const auto took = duration(static_cast<double>(update.end - update.start) / 1000);
  return update.result == "updated" ? fmt::format("Update to {}: done in {}", update.version, took)
                                    : fmt::format("Update to {}: {} after {}", update.version, update.result == "rolled-back" ? "rolled back" : update.result, took);
}

std::string remark(const Update& update) {
  if (update.mismatches.empty()) return fmt::format("{} -> {}", update.before, update.after);
  return fmt::format("refused: {}{}", update.mismatches.front(),
                     update.mismatches.size() > 1 ? fmt::format(" and {} more", update.mismatches.size() - 1) : "");
}

}  // namespace

double phasesHeight(const Update& update) { return headHeight + rowHeight * static_cast<double>(update.phases.size()) + axisHeight; }

void drawPhases(Svg& svg, const Update& update, Point corner, double width) {
  const double rows = rowHeight * static_cast<double>(update.phases.size());
  const double left = corner.x + labelWidth, top = corner.y + headHeight, plot = width - labelWidth - valueWidth;
  const double range = std::max(1.0, static_cast<double>(update.end - update.start) / 1000);
  const auto x = [&](double ms) { return left + ms / range * plot; };
  svg.text({corner.x, corner.y + 14}, heading(update), {.size = 14, .bold = true});
  svg.text({corner.x, corner.y + 33}, remark(update), {.size = 12, .colour = update.mismatches.empty() ? "#444444" : failure});
  const double step = tickStep(range, mostTicks);
  for (double ms = 0; ms <= range; ms += step) {
    svg.line({x(ms), top}, {x(ms), top + rows}, grid);
    svg.text({x(ms), top + rows + 16}, fmt::format("{:.0f}", ms), {.size = 12, .anchor = "middle"});
  }
  double y = top;
  for (const auto& phase : update.phases) {
    const double from = static_cast<double>(phase.start - update.start) / 1000, to = static_cast<double>(phase.end - update.start) / 1000;
    const std::string_view colour = phase.failed ? failure : std::string_view("#222222");
    svg.text({left - 8, y + 15}, label(phase), {.size = 12, .anchor = "end", .colour = colour});
    svg.rect({x(from), y + 4}, std::max(x(to) - x(from), 2.0), rowHeight - 8, phaseColour(phase.name), phase.failed ? failure : frame);
    svg.text({std::max(x(to), x(from) + 2) + 6, y + 15}, duration(to - from) + (phase.failed ? ", failed" : ""), {.size = 12, .colour = colour});
    y += rowHeight;
  }
  svg.line({left, top}, {left, top + rows}, frame);
  svg.line({left, top + rows}, {left + plot, top + rows}, frame);
  svg.text({left + plot / 2, top + rows + 36}, "milliseconds since the update began", {.size = 12, .anchor = "middle"});
}

}  // namespace lud
