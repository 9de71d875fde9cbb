// SPDX-License-Identifier: GPL-2.0-or-later
#include "driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "suggest.h"

namespace luctl {
namespace {

Generation read_generation(Kernel& kernel, const std::string& dir) {
  return {read_line(kernel, dir + "/module"), read_line(kernel, dir + "/version"),
          read_line(kernel, dir + "/srcversion"), read_line(kernel, dir + "/build_id")};
}

std::optional<Generation> find_generation(Kernel& kernel, const std::string& dir) {
  if (!kernel.exists(dir)) return std::nullopt;
  return read_generation(kernel, dir);
}

}  // namespace

std::string driver_dir(const std::string& name) {
  return std::string(kSysfs) + "/drivers/" + name;
}

std::string plain_name(std::string_view name) {
  std::string plain(name);
  bool bracket = false;
  for (char& c : plain) {
    if (c == '[') bracket = true;
    if (c == ']') bracket = false;
    if (c == '-' && !bracket) c = '_';
  }
  return plain;
}

std::string read_line(Kernel& kernel, const std::string& path) {
  auto text = kernel.read(path);
  if (!text) return "";
  return text->substr(0, text->find('\n'));
}

std::vector<std::string> split(std::string_view line, char separator) {
  std::vector<std::string> fields;
  for (;;) {
    size_t end = line.find(separator);
    fields.emplace_back(line.substr(0, end));
    if (end == std::string_view::npos) return fields;
    line.remove_prefix(end + 1);
  }
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines = split(text, '\n');
  std::erase(lines, "");
  return lines;
}

Value number_or_text(const std::string& text) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  return text;
}

Value parse_records(std::string_view text) {
  Value records = Value::array();
  std::vector<std::string> columns;
  for (const std::string& line : lines_of(text)) {
    if (line[0] == '#') {
      // Columns may stand apart by blanks in the header; in the records it is always a tab.
      std::string header = line.substr(1);
      std::replace(header.begin(), header.end(), '\t', ' ');
      columns = split(header, ' ');
      std::erase(columns, "");
      continue;
    }
    Value record = Value::object();
    std::vector<std::string> fields = split(line, '\t');
    for (size_t i = 0; i < fields.size(); i++) {
      std::string key = i < columns.size() ? columns[i] : fmt::format("column{}", i + 1);
      bool number = key == "t_us" || key == "generation";
      record[key] = number ? number_or_text(fields[i]) : Value(fields[i]);
    }
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<std::string> driver_names(Kernel& kernel) {
  return kernel.list(std::string(kSysfs) + "/drivers");
}

std::vector<std::string> managed_patterns(Kernel& kernel) {
  return lines_of(kernel.read(std::string(kSysfs) + "/manage").value_or(""));
}

Result<std::string> require_driver(Kernel& kernel, std::string_view word) {
  std::string name = plain_name(word);
  std::vector<std::string> names = driver_names(kernel);
  if (std::find(names.begin(), names.end(), name) != names.end()) return name;

  Error error{Exit::kNoDriver, "", "", 0, nullptr};
  std::vector<std::string> patterns = managed_patterns(kernel);
  bool managed = std::find(patterns.begin(), patterns.end(), name) != patterns.end();
  if (managed && !kernel.exists("/sys/module/" + name)) {
    error.message = name + " is managed, but not loaded";
    error.remedy = "modprobe " + name;
  } else if (kernel.exists("/sys/module/" + name)) {
    error.message = name + " is loaded, but not managed";
    error.remedy = "lu-ctl manage --reload " + name;
  } else {
    for (const std::string& pattern : patterns)
      if (pattern.find_first_of("*?[") == std::string::npos) names.push_back(pattern);
    error.message = fmt::format("no managed driver {}{}", word, did_you_mean(name, names));
    error.remedy = fmt::format("lu-ctl list; lu-ctl manage {}", word);
  }
  return error;
}

Result<Driver> read_driver(Kernel& kernel, const std::string& name) {
  std::string dir = driver_dir(name);
  auto state = kernel.read(dir + "/state");
  if (!state) return state.error();

  Driver d;
  d.name = name;
  d.state = state->substr(0, state->find('\n'));
  const std::pair<const char*, std::string*> files[] = {
      {"lead", &d.lead},
      {"class", &d.klass},
      {"policy", &d.policy},
      {"method", &d.method},
      {"release", &d.release},
      {"timeout_ms", &d.timeout_ms},
      {"generation", &d.generation},
      {"log_entries", &d.log_entries},
      {"log_bytes", &d.log_bytes},
      {"objects", &d.objects},
      {"last/result", &d.last_result},
      {"last/errno", &d.last_errno},
      {"last/reason", &d.last_reason},
      {"last/blackout_us", &d.last_blackout_us},
  };
  for (const auto& [file, field] : files) *field = read_line(kernel, dir + "/" + file);
  d.last_mismatches = lines_of(kernel.read(dir + "/last/mismatches").value_or(""));
  d.running = find_generation(kernel, dir + "/running");
  d.staged = find_generation(kernel, dir + "/staged");
  d.kept = find_generation(kernel, dir + "/kept");
  return d;
}

Value read_last(Kernel& kernel, const std::string& name) {
  std::string dir = driver_dir(name) + "/last/";
  std::string result = read_line(kernel, dir + "result");
  if (result.empty() || result == "none") return nullptr;
  Value last = {{"result", result}};
  for (const char* file :
       {"errno", "reason", "blackout_us", "total_us", "devices", "replayed", "released"}) {
    std::string text = read_line(kernel, dir + file);
    if (!text.empty()) last[file] = number_or_text(text);
  }
  last["mismatches"] = lines_of(kernel.read(dir + "mismatches").value_or(""));
  last["phases"] = Value::object();
  for (const std::string& line : lines_of(kernel.read(dir + "phases").value_or(""))) {
    size_t blank = line.find(' ');
    if (blank != std::string::npos)
      last["phases"][line.substr(0, blank)] = number_or_text(line.substr(blank + 1));
  }
  return last;
}

Value to_value(const Generation& g) {
  return {{"module", g.module},
          {"version", g.version},
          {"srcversion", g.srcversion},
          {"build_id", g.build_id}};
}

Value to_value(const Driver& d) {
  Value value = {{"name", d.name}, {"class", d.klass}, {"state", d.state}};
  if (!d.lead.empty() && d.lead != d.name) value["lead"] = d.lead;
  value["generation"] = number_or_text(d.generation);
  value["policy"] = d.policy;
  value["method"] = d.method;
  value["release"] = d.release;
  value["timeout_ms"] = number_or_text(d.timeout_ms);
  value["log_entries"] = number_or_text(d.log_entries);
  value["log_bytes"] = number_or_text(d.log_bytes);
  value["objects"] = number_or_text(d.objects);
  value["running"] = d.running ? to_value(*d.running) : Value(nullptr);
  value["staged"] = d.staged ? to_value(*d.staged) : Value(nullptr);
  value["kept"] = d.kept ? to_value(*d.kept) : Value(nullptr);
  return value;
}

std::string label(const std::optional<Generation>& generation) {
  if (!generation) return "none";
  if (!generation->version.empty()) return generation->version;
  if (!generation->srcversion.empty()) return "srcversion " + generation->srcversion;
  if (!generation->build_id.empty()) return "build id " + generation->build_id.substr(0, 12);
  return generation->module;
}

}  // namespace luctl
