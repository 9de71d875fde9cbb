// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * A Markdown table whose columns line up, so that it also reads well in a terminal.
 */
#pragma once

#include <string>
#include <vector>

namespace lub {

/** Rows of text under a heading. */
class Table {
 public:
  explicit Table(std::vector<std::string> heading) : heading_(std::move(heading)) {}
  /** Add a row; missing cells stay empty. The first column is set flush left, numbers flush right. */
  void row(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  std::string render() const;

 private:
  std::vector<std::string> heading_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lub
