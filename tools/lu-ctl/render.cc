// SPDX-License-Identifier: GPL-2.0-or-later
#include "render.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace luctl {
namespace {

constexpr size_t kIndent = 2;

/// A scalar as text; "-" for nothing, so that columns stay countable.
std::string scalar_text(const Value& value) {
  if (value.is_null()) return "-";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_string()) return value.get<std::string>().empty() ? "-" : value.get<std::string>();
  if (value.is_array()) {
    std::string all;
    for (const Value& one : value) all += (all.empty() ? "" : ", ") + scalar_text(one);
    return all.empty() ? "-" : all;
  }
  if (value.is_object()) {
    std::string all;
    for (const auto& [key, one] : value.items())
      all += (all.empty() ? "" : " ") + key + "=" + scalar_text(one);
    return all.empty() ? "-" : all;
  }
  return value.dump();
}

bool is_record_list(const Value& value) {
  return value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(), [](const Value& v) { return v.is_object(); });
}

bool is_flat(const Value& record) {
  return std::none_of(record.begin(), record.end(), [](const Value& v) { return v.is_object(); });
}

/// Records without records inside fit in a table; others are shown as blocks.
bool is_table(const Value& value) {
  return is_record_list(value) && std::all_of(value.begin(), value.end(), is_flat);
}

/// Nothing to say about it in text: absent things are left out, not shown as empty.
bool is_blank(const Value& value) {
  return value.is_null() || (value.is_structured() && value.empty()) ||
         (value.is_string() && value.get_ref<const std::string&>().empty());
}

void add_table(std::string& out, const Value& rows, size_t indent) {
  std::vector<std::string> columns;
  for (const Value& row : rows)
    for (const auto& [key, unused] : row.items())
      if (std::find(columns.begin(), columns.end(), key) == columns.end()) columns.push_back(key);

  std::vector<std::vector<std::string>> cells{columns};
  std::vector<size_t> widths;
  for (const std::string& column : columns) widths.push_back(column.size());
  for (const Value& row : rows) {
    auto& line = cells.emplace_back();
    for (size_t i = 0; i < columns.size(); i++) {
      line.push_back(row.contains(columns[i]) ? scalar_text(row[columns[i]]) : "-");
      widths[i] = std::max(widths[i], line.back().size());
    }
  }
  for (const auto& line : cells) {
    std::string text(indent, ' ');
    for (size_t i = 0; i < line.size(); i++) text += fmt::format("{:<{}}  ", line[i], widths[i]);
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
}

void add_object(std::string& out, const Value& object, size_t indent);

void add_records(std::string& out, const Value& records, size_t indent) {
  if (is_table(records)) return add_table(out, records, indent);
  for (const Value& record : records) {
    if (&record != &records.front()) out += "\n";
    add_object(out, record, indent);
  }
}

void add_member(std::string& out, const std::string& key, const Value& value, size_t indent,
                size_t width) {
  std::string pad(indent, ' ');
  if (is_record_list(value)) {
    out += pad + key + ":\n";
    add_records(out, value, indent + kIndent);
  } else if (value.is_array()) {
    out += pad + key + ":\n";
    for (const Value& one : value) out += pad + "  " + scalar_text(one) + "\n";
  } else if (value.is_object()) {
    out += pad + key + ":\n";
    add_object(out, value, indent + kIndent);
  } else {
    out += fmt::format("{}{:<{}} {}\n", pad, key + ":", width, scalar_text(value));
  }
}

void add_object(std::string& out, const Value& object, size_t indent) {
  size_t width = 0;
  for (const auto& [key, value] : object.items())
    if (!value.is_structured() && !is_blank(value) && key != "summary")
      width = std::max(width, key.size() + 1);
  if (object.contains("summary"))
    out += std::string(indent, ' ') + scalar_text(object["summary"]) + "\n";
  for (const auto& [key, value] : object.items())
    if (key != "summary" && !is_blank(value)) add_member(out, key, value, indent, width);
}

}  // namespace

std::string render_text(const Value& value) {
  std::string out;
  if (value.is_object()) {
    // A list of records and nothing else needs no title.
    if (value.size() == 1 && is_record_list(*value.begin()))
      add_records(out, *value.begin(), 0);
    else
      add_object(out, value, 0);
  } else if (!value.is_null()) {
    out = scalar_text(value) + "\n";
  }
  return out;
}

std::string render_line(const Value& value) {
  return scalar_text(value.contains("summary") ? value["summary"] : value) + "\n";
}

std::string render_json(const Value& value, bool one_line) {
  // What a driver calls itself need not be UTF-8: show it damaged rather than not at all.
  return value.dump(one_line ? -1 : 2, ' ', false, Value::error_handler_t::replace) + "\n";
}

Value error_value(const Error& error) {
  Value value = error.details.is_object() ? error.details : Value::object();
  Value what = {{"exit", static_cast<int>(error.exit)}, {"message", error.message}};
  if (!error.remedy.empty()) what["remedy"] = error.remedy;
  if (error.sys_errno) what["errno"] = error.sys_errno;
  value["error"] = std::move(what);
  return value;
}

std::string render_error(const Error& error) {
  std::string text = "lu-ctl: " + error.message + "\n";
  if (!error.remedy.empty()) text += "lu-ctl: try: " + error.remedy + "\n";
  return text;
}

}  // namespace luctl
