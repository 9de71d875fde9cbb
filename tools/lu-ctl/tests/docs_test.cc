// SPDX-License-Identifier: GPL-2.0-or-later
// The manual page and the completion know every verb and option of the command table.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "command.h"

namespace luctl {
namespace {

std::string slurp(const std::string& name) {
  std::ifstream file(std::string(LU_CTL_SOURCE_DIR) + "/" + name);
  EXPECT_TRUE(file) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// In roff a dash that is to be typed is written "\-".
std::string roff(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '-' ? "\\-" : std::string(1, c);
  return out;
}

TEST(ManPage, DescribesEveryVerbAndOption) {
  std::string page = slurp("lu-ctl.8");
  for (const Command& command : commands()) {
    EXPECT_NE(page.find("\n.B " + roff(command.name)), std::string::npos) << command.name;
    for (const Option& option : command.options)
      EXPECT_NE(page.find(roff(option.name)), std::string::npos) << option.name;
  }
  for (const char* global : {"--json", "--help", "--version"})
    EXPECT_NE(page.find(roff(global)), std::string::npos) << global;
}

/// The line of the completion's table for a verb.
std::string completion_row(const std::string& script, std::string_view verb) {
  std::istringstream lines(script);
  std::string start = "[" + std::string(verb) + "]=";
  for (std::string line; std::getline(lines, line);)
    if (line.find(start) != std::string::npos) return line;
  return "";
}

TEST(Completion, OffersEveryVerbAndOption) {
  std::string script = slurp("completion/lu-ctl.bash");
  for (const Command& command : commands()) {
    std::string row = completion_row(script, command.name);
    ASSERT_FALSE(row.empty()) << command.name;
    for (const Option& option : command.options)
      EXPECT_NE(row.find(std::string(option.name)), std::string::npos) << option.name;
  }
}

}  // namespace
}  // namespace luctl
