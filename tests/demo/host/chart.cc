// SPDX-License-Identifier: GPL-2.0
#include "chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lud {

namespace {

constexpr double width = 1120, margin = 28, plotLeft = 84, plotTop = 118, plotHeight = 268, panelGap = 40;
constexpr double plotWidth = width - plotLeft - margin;
constexpr std::int64_t binStepUs = 50'000;
constexpr int mostBins = 180;
constexpr double bitsPerByte = 8, mega = 1e6, headroom = 1.12;
constexpr int mostTimeTicks = 14, mostRateTicks = 6;
constexpr std::string_view transmitColour = "#174a7c", receiveColour = "#d9730d", frame = "#777777", grid = "#e2e2e2";

/** Scales of the main plot. */
struct Scale {
  std::int64_t startUs = 0;
  double seconds = 1, rate = 1;
  double x(std::int64_t us) const { return plotLeft + static_cast<double>(us - startUs) / mega / seconds * plotWidth; }
  double xSeconds(double s) const { return plotLeft + s / seconds * plotWidth; }
  double y(double mbit) const { return plotTop + plotHeight - mbit / rate * plotHeight; }
};

/** Bytes at @p us, between samples in proportion. */
double bytesAt(const std::vector<Sample>& samples, std::uint64_t Sample::*bytes, std::int64_t us) {
  const auto at = std::lower_bound(samples.begin(), samples.end(), us, [](const Sample& s, std::int64_t t) { return s.us < t; });
  const Sample& after = at == samples.end() ? samples.back() : *at;
  const Sample& before = at == samples.begin() || at == samples.end() ? after : *std::prev(at);
  if (before.us == after.us) return static_cast<double>(after.*bytes);
  const double part = static_cast<double>(us - before.us) / static_cast<double>(after.us - before.us);
  return static_cast<double>(before.*bytes) + part * static_cast<double>(after.*bytes - before.*bytes);
}

/** Megabits per second of each bin, at the bin's middle. */
std::vector<std::pair<std::int64_t, double>> rates(const std::vector<Sample>& samples, std::uint64_t Sample::*bytes) {
  const auto binUs = binStepUs * (1 + (samples.back().us - samples.front().us) / (binStepUs * mostBins));
  std::vector<std::pair<std::int64_t, double>> list;
  for (auto at = samples.front().us; at + binUs <= samples.back().us; at += binUs) {
    const double more = bytesAt(samples, bytes, at + binUs) - bytesAt(samples, bytes, at);
    list.emplace_back(at + binUs / 2, more * bitsPerByte / mega / (static_cast<double>(binUs) / mega));
  }
  return list;
}

void drawBands(Svg& svg, const Story& story, const Scale& scale) {
  for (const auto& update : story.updates) {
    for (const auto& phase : update.phases)
      svg.rect({scale.x(phase.start), plotTop}, std::max(scale.x(phase.end) - scale.x(phase.start), 0.6), plotHeight, phaseColour(phase.name));
    const double left = scale.x(update.start), right = std::max(scale.x(update.end), left + 1);
    for (const double x : {left, right}) svg.line({x, plotTop - 6}, {x, plotTop + plotHeight}, frame, 1, "4 3");
    const bool done = update.result == "updated";
    const double middle = (left + right) / 2;
    svg.text({middle, plotTop - 26}, fmt::format("update to {}", update.version), {.size = 13, .anchor = "middle", .bold = true});
    svg.text({middle, plotTop - 11}, done ? "new driver in charge" : "rolled back: old driver kept",
             {.size = 12, .anchor = "middle", .colour = done ? "#1b6e3c" : "#b3261e"});
  }
}

void drawAxes(Svg& svg, const Scale& scale) {
  const double rateStep = tickStep(scale.rate, mostRateTicks), timeStep = tickStep(scale.seconds, mostTimeTicks);
  for (double mbit = 0; mbit <= scale.rate; mbit += rateStep) {
    svg.line({plotLeft, scale.y(mbit)}, {plotLeft + plotWidth, scale.y(mbit)}, grid);
    svg.text({plotLeft - 8, scale.y(mbit) + 4}, fmt::format("{:.0f}", mbit), {.size = 12, .anchor = "end"});
  }
  for (double s = 0; s <= scale.seconds; s += timeStep) {
    svg.line({scale.xSeconds(s), plotTop + plotHeight}, {scale.xSeconds(s), plotTop + plotHeight + 5}, frame);
    svg.text({scale.xSeconds(s), plotTop + plotHeight + 19}, fmt::format("{:.0f}", s), {.size = 12, .anchor = "middle"});
  }
  svg.line({plotLeft, plotTop}, {plotLeft, plotTop + plotHeight}, frame);
  svg.line({plotLeft, plotTop + plotHeight}, {plotLeft + plotWidth, plotTop + plotHeight}, frame);
  svg.text({plotLeft + plotWidth / 2, plotTop + plotHeight + 38}, "time in seconds", {.size = 13, .anchor = "middle"});
  svg.text({26, plotTop + plotHeight / 2}, "TCP throughput in Mbit/s", {.size = 13, .anchor = "middle", .turned = -90});
}

void drawLegend(Svg& svg) {
  double x = width - margin - 372;
  const std::array<std::pair<std::string_view, std::string_view>, 2> entries = {
      {{transmitColour, "out of the machine"}, {receiveColour, "into the machine"}}};
  for (const auto& [colour, words] : entries) {
    svg.line({x, 58}, {x + 28, 58}, colour, 3);
    svg.text({x + 36, 62}, words, {.size = 13});
    x += 196;
  }
}

void drawLines(Svg& svg, const Scale& scale, const std::vector<std::pair<std::int64_t, double>>& list, std::string_view colour) {
  std::vector<Point> points;
  for (const auto& [us, mbit] : list) points.push_back({scale.x(us), scale.y(mbit)});
  svg.polyline(points, colour, 1.8);
}

}  // namespace

std::string_view phaseColour(std::string_view phase) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> colours = {{{"prepare", "#dfe7ef"},
                                                                                             {"quiesce", "#c3dccb"},
                                                                                             {"detach", "#f3c9a8"},
                                                                                             {"attach", "#f8e2a0"},
                                                                                             {"verify", "#d6c6e6"},
                                                                                             {"replay", "#b9dde4"},
                                                                                             {"resume", "#d5e3b5"}}};
  for (const auto& [name, colour] : colours)
    if (name == phase) return colour;
  return "#e0e0e0";
}

std::string duration(double ms) {
  if (ms < 10) return fmt::format("{:.1f} ms", ms);
  return ms < 1000 ? fmt::format("{:.0f} ms", ms) : fmt::format("{:.2f} s", ms / 1000);
}

double tickStep(double range, int most) {
  double step = std::pow(10, std::floor(std::log10(range)) - 1);
  for (int i = 0; range / step > most; ++i) step *= i % 3 == 1 ? 2.5 : 2;
  return step;
}

std::string drawTimeline(const Story& story, const std::string& machine) {
  const auto transmit = rates(story.samples, &Sample::transmit), receive = rates(story.samples, &Sample::receive);
  Scale scale{.startUs = story.samples.front().us};
  scale.seconds = static_cast<double>(story.samples.back().us - scale.startUs) / mega;
  for (const auto* list : {&transmit, &receive})
    for (const auto& [us, mbit] : *list) scale.rate = std::max(scale.rate, mbit * headroom);
  double panels = 0;
  for (const auto& update : story.updates) panels = std::max(panels, phasesHeight(update));
  const double panelTop = plotTop + plotHeight + 68;
  Svg svg(width, panelTop + panels + margin / 2, "TCP throughput while the network driver is replaced");
  svg.text({margin, 36}, "Replacing a network driver under TCP traffic", {.size = 21, .bold = true});
  svg.text({margin, 62}, machine, {.size = 13, .colour = "#555555"});
  drawLegend(svg);
  drawBands(svg, story, scale);
  drawAxes(svg, scale);
  drawLines(svg, scale, receive, receiveColour);
  drawLines(svg, scale, transmit, transmitColour);
  const double panelWidth = (width - 2 * margin - panelGap) / 2;
  for (std::size_t i = 0; i < story.updates.size() && i < 2; ++i)
    drawPhases(svg, story.updates[i], {margin + static_cast<double>(i) * (panelWidth + panelGap), panelTop}, panelWidth);
  return svg.render();
}

}  // namespace lud
