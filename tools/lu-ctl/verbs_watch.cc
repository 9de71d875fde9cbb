// SPDX-License-Identifier: GPL-2.0-or-later
// watch: follows the kernel's events about updates.
#include <fmt/format.h>

#include <cerrno>
#include <ctime>

#include "command.h"
#include "driver.h"

namespace luctl {
namespace {

std::string local_time() {
  std::time_t now = std::time(nullptr);
  std::tm parts = {};
  localtime_r(&now, &parts);
  char text[32] = "";
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S%z", &parts);
  return text;
}

/// The driver an event is about, as it says itself or by the path of its object.
std::string event_driver(const Uevent& event) {
  if (auto name = event.find("LIVEUPDATE_DRIVER"); name != event.end()) return name->second;
  auto path = event.find("DEVPATH");
  if (path == event.end()) return "";
  return path->second.substr(path->second.rfind('/') + 1);
}

Value event_value(Kernel& kernel, const Uevent& event, const std::string& name) {
  std::string what = event.at("LIVEUPDATE");
  Value value = {{"time", local_time()}, {"driver", name}, {"event", what}};
  std::string summary = fmt::format("{} {} {}", local_time(), name, what);
  if (auto driver = read_driver(kernel, name)) {
    value["version"] = label(driver->running);
    value["generation"] = number_or_text(driver->generation);
    value["blackout_us"] = number_or_text(driver->last_blackout_us);
    value["mismatches"] = driver->last_mismatches;
    summary +=
        fmt::format(", {} runs, away {} us", label(driver->running), driver->last_blackout_us);
    for (const std::string& mismatch : driver->last_mismatches) summary += "; " + mismatch;
  }
  value["summary"] = std::move(summary);
  return value;
}

Result<uint64_t> event_limit(const Args& args) {
  std::string text = args.get("--count", "0");
  Value count = number_or_text(text);
  if (!count.is_number_integer() || count.get<int64_t>() < 0)
    return Error{Exit::kError, "--count=" + text + ": a number is wanted", "", 0, nullptr};
  return count.get<uint64_t>();
}

}  // namespace

Result<Value> cmd_watch(Kernel& kernel, const Args& args) {
  auto limit = event_limit(args);
  if (!limit) return limit.error();
  auto source = kernel.uevents();
  if (!source) return source.error();

  for (uint64_t seen = 0; *limit == 0 || seen < *limit;) {
    auto event = (*source)->next();
    if (!event && event.error().sys_errno == ENOBUFS) {
      args.note("events came faster than they could be read: some were lost");
      continue;
    }
    if (!event) return event.error();
    if (!event->has_value()) break;
    if (!(*event)->contains("LIVEUPDATE")) continue;
    seen++;
    if (!args.emit(event_value(kernel, **event, event_driver(**event)))) break;
  }
  return Value(nullptr);
}

}  // namespace luctl
