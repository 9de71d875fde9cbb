// SPDX-License-Identifier: GPL-2.0
#include "waveform.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "svg.h"

namespace lud {

namespace {

namespace sound = luq::sound;

constexpr std::size_t around = sound::rate * 6 / 10;  ///< frames to show before and after
constexpr std::size_t dataHeader = 8;                 ///< "data" and its size
constexpr double width = 960, height = 330, left = 60, right = 20, top = 50, lane = 100, space = 20;
constexpr std::string_view ink = "#1f5fa8", shade = "#fbe3c0", grey = "#888888";
constexpr std::size_t lineColumns = 72;
constexpr std::array<std::string_view, 9> levels = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

/** What is shown. */
struct Window {
  std::size_t from, until;
};

Window windowOf(const Recording& recording, const Silence& silence) {
  return {silence.from > around ? silence.from - around : 0, std::min(recording.size(), silence.until + around)};
}

double xOf(const Window& window, double frame) {
  return left + (width - left - right) * (frame - static_cast<double>(window.from)) / static_cast<double>(window.until - window.from);
}

/** One channel: for each column of the picture the line from its lowest to its highest sample. */
void drawChannel(Svg& svg, const Recording& recording, const Window& window, std::int16_t sound::Frame::*channel, double y, double scale) {
  const auto columns = static_cast<std::size_t>(width - left - right);
  std::vector<Point> points;
  for (std::size_t column = 0; column < columns; ++column) {
    const auto begin = window.from + (window.until - window.from) * column / columns;
    const auto end = std::max(begin + 1, window.from + (window.until - window.from) * (column + 1) / columns);
    const auto [low, high] = std::minmax_element(recording.begin() + static_cast<std::ptrdiff_t>(begin), recording.begin() + static_cast<std::ptrdiff_t>(end),
                                                 [&](const auto& a, const auto& b) { return a.*channel < b.*channel; });
    for (const auto& frame : {*low, *high}) points.push_back({left + static_cast<double>(column), y - (frame.*channel) * scale});
  }
  svg.polyline(points, ink, 1);
}

}  // namespace

Recording readRecording(std::string_view wav) {
  const auto data = wav.find("data");
  if (!wav.starts_with("RIFF") || data == wav.npos || wav.size() < data + dataHeader) return {};
  wav.remove_prefix(data + dataHeader);
  Recording recording(wav.size() / sizeof(sound::Frame));
  std::memcpy(recording.data(), wav.data(), recording.size() * sizeof(sound::Frame));
  return recording;
}

Recording inTime(const Recording& recording) {
  Recording timed;
  std::optional<std::uint64_t> last;
  std::uint64_t since = 0;
  for (const auto& frame : recording) {
    const auto number = sound::numberOf(frame);
    if (number && last && *number > *last + 1 + since) timed.resize(timed.size() + (*number - *last - 1 - since));
    if (number) last = number;
    since = number ? 0 : since + 1;
    timed.push_back(frame);
  }
  return timed;
}

std::optional<Silence> longestSilence(const Recording& recording) {
  std::optional<Silence> longest;
  std::optional<std::size_t> lastSound;
  for (std::size_t i = 0; i < recording.size(); ++i) {
    if (recording[i] == sound::silence) continue;
    if (lastSound && i > *lastSound + 1 && (!longest || i - *lastSound - 1 > longest->until - longest->from))
      longest = Silence{*lastSound + 1, i};
    lastSound = i;
  }
  return longest;
}

std::string drawWaveform(const Recording& recording, const Silence& silence, const std::string& machine) {
  const auto window = windowOf(recording, silence);
  Svg svg(width, height, "what was heard while the sound card's driver was replaced");
  svg.text({left, 26}, fmt::format("What was heard: {:.0f} ms of silence while the driver was replaced", silence.ms()), {.size = 16, .bold = true});
  const double from = xOf(window, static_cast<double>(silence.from)), until = xOf(window, static_cast<double>(silence.until));
  svg.rect({from, top}, until - from, 2 * lane + space, shade);
  drawChannel(svg, recording, window, &sound::Frame::left, top + lane / 2, lane / 2.0 / sound::peak);
  const auto highest = std::max_element(recording.begin(), recording.end(), [](const auto& a, const auto& b) { return a.right < b.right; })->right;
  drawChannel(svg, recording, window, &sound::Frame::right, top + 2 * lane + space, static_cast<double>(lane) / std::max<int>(1, highest));
  svg.text({left - 6, top + lane / 2}, "left", {.anchor = "end"});
  svg.text({left - 6, top + space + lane * 3 / 2}, "right", {.anchor = "end"});
  const double axis = top + 2 * lane + space + 8;
  svg.line({left, axis}, {width - right, axis}, grey);
  for (int ms = -600; ms <= 600; ms += 200) {
    const double frame = static_cast<double>(silence.from) + ms / 1000.0 * sound::rate;
    if (frame < static_cast<double>(window.from) || frame > static_cast<double>(window.until)) continue;
    svg.line({xOf(window, frame), axis}, {xOf(window, frame), axis + 5}, grey);
    svg.text({xOf(window, frame), axis + 20}, fmt::format("{} ms", ms), {.size = 11, .anchor = "middle", .colour = grey});
  }
  svg.text({left, height - 14}, machine + ". Each frame says which one it is: the ramp is its number, and goes on where it would be.", {.size = 12, .colour = grey});
  return svg.render();
}

std::string waveformLine(const Recording& recording, const Silence& silence) {
  const auto window = windowOf(recording, silence);
  std::string line;
  for (std::size_t column = 0; column < lineColumns; ++column) {
    const auto begin = window.from + (window.until - window.from) * column / lineColumns;
    const auto end = std::max(begin + 1, window.from + (window.until - window.from) * (column + 1) / lineColumns);
    double sum = 0;
    bool heard = false;
    for (auto i = begin; i < end; ++i) {
      sum += std::abs(recording[i].left);
      heard |= recording[i] != sound::silence;
    }
    const auto level = static_cast<std::size_t>(sum / static_cast<double>(end - begin) / sound::peak * 8);
    line += levels[heard ? std::clamp<std::size_t>(level, 1, 8) : 0];
  }
  return line;
}

}  // namespace lud
