// SPDX-License-Identifier: GPL-2.0
#include "svg.h"

#include <fmt/format.h>

namespace lud {

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else out += c;
  }
  return out;
}

}  // namespace

Svg::Svg(double width, double height, std::string_view title) {
  body_ = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "font-family=\"'DejaVu Sans', Verdana, Arial, sans-serif\">\n<title>{2}</title>\n",
      width, height, escaped(title));
  rect({0, 0}, width, height, "#ffffff");
}

void Svg::rect(Point at, double width, double height, std::string_view fill, std::string_view stroke) {
  body_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\" stroke=\"{}\"/>\n",
                       at.x, at.y, width, height, fill, stroke);
}

void Svg::line(Point from, Point to, std::string_view colour, double width, std::string_view dashes) {
  body_ += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" stroke-width=\"{}\"", from.x, from.y,
                       to.x, to.y, colour, width);
  if (!dashes.empty()) body_ += fmt::format(" stroke-dasharray=\"{}\"", dashes);
  body_ += "/>\n";
}

void Svg::polyline(const std::vector<Point>& points, std::string_view colour, double width) {
  body_ += fmt::format("<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\" points=\"", colour, width);
  for (const auto& p : points) body_ += fmt::format("{:.1f},{:.1f} ", p.x, p.y);
  body_ += "\"/>\n";
}

void Svg::text(Point at, std::string_view words, const TextStyle& style) {
  body_ += fmt::format("<text x=\"{0:.1f}\" y=\"{1:.1f}\" font-size=\"{2}\" text-anchor=\"{3}\" fill=\"{4}\"{5}", at.x, at.y, style.size,
                       style.anchor, style.colour, style.bold ? " font-weight=\"bold\"" : "");
  if (style.turned != 0) body_ += fmt::format(" transform=\"rotate({} {:.1f} {:.1f})\"", style.turned, at.x, at.y);
  body_ += fmt::format(">{}</text>\n", escaped(words));
}

}  // namespace lud
