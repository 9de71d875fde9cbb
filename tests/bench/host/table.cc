// SPDX-License-Identifier: GPL-2.0
#include "table.h"

#include <fmt/format.h>

#include <algorithm>

namespace lub {

void Table::row(std::vector<std::string> cells) {
  cells.resize(heading_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::render() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < heading_.size(); ++i) {
    widths.push_back(std::max<std::size_t>(heading_[i].size(), 3));
    for (const auto& cells : rows_) widths[i] = std::max(widths[i], cells[i].size());
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text = "|";
    for (std::size_t i = 0; i < cells.size(); ++i)
      text += i == 0 ? fmt::format(" {:<{}} |", cells[i], widths[i]) : fmt::format(" {:>{}} |", cells[i], widths[i]);
    return text + "\n";
  };
  std::string text = line(heading_) + "|";
  for (std::size_t i = 0; i < widths.size(); ++i) text += std::string(widths[i] + 1, '-') + (i == 0 ? "-|" : ":|");
  text += "\n";
  for (const auto& cells : rows_) text += line(cells);
  return text;
}

}  // namespace lub
