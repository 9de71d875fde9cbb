// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The few shapes that the chart is made of.
 */
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lud {

struct Point {
  double x = 0, y = 0;
};

/** How text is set. */
struct TextStyle {
  double size = 13;
  std::string_view anchor = "start";  ///< start, middle or end
  std::string_view colour = "#222222";
  bool bold = false;
  double turned = 0;  ///< degrees
};

/** Collects shapes and renders the document. */
class Svg {
 public:
  Svg(double width, double height, std::string_view title);
  void rect(Point at, double width, double height, std::string_view fill, std::string_view stroke = "none");
  void line(Point from, Point to, std::string_view colour, double width = 1, std::string_view dashes = "");
  void polyline(const std::vector<Point>& points, std::string_view colour, double width);
  void text(Point at, std::string_view words, const TextStyle& style = {});
  std::string render() const { return body_ + "</svg>\n"; }

 private:
  std::string body_;
};

}  // namespace lud
