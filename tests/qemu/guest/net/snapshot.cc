// SPDX-License-Identifier: GPL-2.0
#include "snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "support/process.h"

namespace lug {

namespace {

namespace fs = std::filesystem;

/** Keys whose values run by themselves: clocks of bridge and bond, statistics. */
bool runsByItself(const std::string& key) {
  static constexpr std::array<std::string_view, 8> names = {
      "expires", "used", "updated", "stats64", "stats", "ifi_idx", "cache_info", "probes"};
  return key.ends_with("_timer") || std::find(names.begin(), names.end(), key) != names.end();
}

void dropRunning(Json& value) {
  if (value.is_object()) {
    for (auto at = value.begin(); at != value.end();)
      if (runsByItself(at.key())) at = value.erase(at);
      else dropRunning(*at++);
  } else if (value.is_array()) {
    for (auto& item : value) dropRunning(item);
  }
}

/** Output of a tool that prints JSON. Nothing printed means an empty list. */
Json askJson(std::string_view command) {
  const auto text = mustRun(command);
  auto value = text.find_first_not_of(" \n[]") == text.npos ? Json::array() : Json::parse(text, nullptr, false);
  if (value.is_discarded()) throw Failure(fmt::format("'{}' did not print JSON", command));
  dropRunning(value);
  return value;
}

/** Links by name: an array would make every difference after an insertion look like many. */
Json byName(const Json& list) {
  Json named = Json::object();
  for (const auto& item : list) named[item.value("ifname", "?")] = item;
  return named;
}

/** Lists without an order of their own, sorted, so that only the contents count. */
Json sorted(Json list) {
  std::sort(list.begin(), list.end());
  return list;
}

/** Output of a tool as a list of lines. */
Json askLines(std::string_view command) {
  Json lines = Json::array();
  for (const auto& line : split(mustRun(command), '\n')) lines.push_back(line);
  return lines;
}

/** The classes that were set up. fq_codel shows each flow that has packets queued at the moment as one, too. */
Json classesOf(const std::string& device) {
  Json lines = askLines("tc class show dev " + device);  // its JSON is not well-formed
  std::erase_if(lines.get_ref<Json::array_t&>(), [](const Json& line) {
    return line.get<std::string>().starts_with("class fq_codel ");
  });
  return lines;
}

/** What a card found out about the cable by itself is not a setting, and known only seconds after the link. */
std::string withoutMeasured(const std::string& line) {
  static constexpr std::string_view crossover = "\tMDI-X: ", automatic = " (auto)";
  if (line.starts_with(crossover) && line.ends_with(automatic)) return fmt::format("{}measured{}", crossover, automatic);
  return line;
}

/** Text output of ethtool as "key: value" lines; a driver without the operation says so itself. */
Json askEthtool(std::string_view option, const std::string& device) {
  Argv argv = {"ethtool"};
  if (!option.empty()) argv.emplace_back(option);
  argv.push_back(device);
  const auto result = run(argv);
  if (result.timedOut) throw Failure(fmt::format("ethtool {} {} hangs", option, device));
  Json lines = Json::array();
  for (const auto& line : split(result.out, '\n')) lines.push_back(withoutMeasured(line));
  lines.push_back(fmt::format("exit code {}", result.exitCode));
  return lines;
}

Json ethtoolState(const std::string& device) {
  Json state;
  state["settings"] = askEthtool("", device);
  static constexpr std::array<std::string_view, 9> options = {
      "-k", "-g", "-l", "-c", "-a", "-x", "--show-priv-flags", "--show-eee", "-n"};
  for (const auto option : options) state[std::string(option)] = askEthtool(option, device);
  return state;
}

/** What sysfs says beyond the tools. */
Json sysfsState(const std::string& device) {
  const fs::path folder = fs::path("/sys/class/net") / device;
  Json state;
  for (const char* name : {"ifindex", "address", "addr_assign_type", "name_assign_type", "carrier",
                           "carrier_changes", "operstate", "ifalias", "tx_queue_len", "dev_id", "type", "mtu", "flags",
                           "gro_flush_timeout", "napi_defer_hard_irqs", "proto_down", "group", "threaded"})
    state[name] = slurp(folder / name).value_or("unreadable");
  state["device"] = fs::read_symlink(folder).string();
  std::error_code failed;
  Json queues = Json::array();
  for (const auto& entry : fs::directory_iterator(folder / "queues", failed)) {
    queues.push_back(entry.path().filename().string());
    for (const char* setting : {"xps_cpus", "rps_cpus", "tx_maxrate"})
      if (fs::exists(entry.path() / setting))
        state[entry.path().filename().string() + "/" + setting] = slurp(entry.path() / setting).value_or("unreadable");
  }
  state["queues"] = sorted(queues);
  Json stacked = Json::array();
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("upper_") || name.starts_with("lower_") || name == "master" || name == "brport") stacked.push_back(name);
  }
  state["stacked"] = sorted(stacked);
  return state;
}

std::string shorten(const Json& value) {
  auto text = value.dump();
  constexpr std::size_t limit = 160;
  return text.size() <= limit ? text : text.substr(0, limit) + "...";
}

void compare(const std::string& path, const Json& before, const Json& after, std::vector<std::string>& found) {
  if (before == after) return;
  if (before.is_object() && after.is_object()) {
    for (const auto& [key, value] : before.items())
      compare(path + "/" + key, value, after.contains(key) ? after[key] : Json(), found);
    for (const auto& [key, value] : after.items())
      if (!before.contains(key)) compare(path + "/" + key, Json(), value, found);
    return;
  }
  if (before.is_array() && after.is_array() && before.size() != after.size()) {
    for (const auto& item : before)
      if (std::find(after.begin(), after.end(), item) == after.end()) found.push_back(fmt::format("{}: lost {}", path, shorten(item)));
    for (const auto& item : after)
      if (std::find(before.begin(), before.end(), item) == before.end()) found.push_back(fmt::format("{}: new {}", path, shorten(item)));
    return;
  }
  if (before.is_array() && after.is_array()) {
    for (std::size_t i = 0; i < before.size(); ++i) compare(fmt::format("{}/{}", path, i), before[i], after[i], found);
    return;
  }
  found.push_back(fmt::format("{}: {} -> {}", path, shorten(before), shorten(after)));
}

}  // namespace

Json takeQuickSnapshot() {
  Json state;
  state["link"] = byName(askJson("ip -json -details link show"));
  state["address"] = byName(askJson("ip -json address show"));
  state["route4"] = sorted(askJson("ip -json route show table all"));
  state["route6"] = sorted(askJson("ip -json -6 route show table all"));
  state["neighbour"] = sorted(askJson("ip -json neigh show nud permanent"));
  return state;
}

Json takeSnapshot(const std::vector<std::string>& devices) {
  Json state = takeQuickSnapshot();
  state["rule"] = askJson("ip -json rule show");
  state["multicast"] = byName(askJson("ip -json maddr show"));
  for (auto& device : state["multicast"]) device["maddr"] = sorted(device["maddr"]);
  state["qdisc"] = askJson("tc -json qdisc show");
  state["fdb"] = sorted(askJson("bridge -json fdb show"));
  state["vlan"] = sorted(askJson("bridge -json vlan show"));
  state["namespaces"] = sorted(askJson("ip -json netns list"));
  for (const auto& device : devices) {
    state["filter"][device] = askJson("tc -json filter show dev " + device);
    state["filter in"][device] = askJson("tc -json filter show dev " + device + " ingress");
    state["class"][device] = classesOf(device);
    state["ethtool"][device] = ethtoolState(device);
    state["sysfs"][device] = sysfsState(device);
  }
  return state;
}

std::vector<std::string> differences(const Json& before, const Json& after) {
  std::vector<std::string> found;
  compare("", before, after, found);
  return found;
}

std::vector<std::string> exceptLinkState(const std::vector<std::string>& found) {
  std::vector<std::string> rest;
  for (const auto& line : found)
    if (line.find("/flags") == line.npos && line.find("/operstate:") == line.npos) rest.push_back(line);
  return rest;
}

Json takeCounters(const std::vector<std::string>& devices) {
  Json counters;
  for (const auto& device : devices)
    for (const auto& entry : fs::directory_iterator("/sys/class/net/" + device + "/statistics"))
      counters[device][entry.path().filename().string()] = std::stoull(mustRead(entry.path()));
  return counters;
}

std::vector<std::string> stepsBack(const Json& before, const Json& after) {
  std::vector<std::string> found;
  for (const auto& [device, names] : before.items())
    for (const auto& [name, value] : names.items()) {
      const auto now = after.value(Json::json_pointer("/" + device + "/" + name), Json());
      if (now.is_null()) found.push_back(fmt::format("counter {} of {} is gone", name, device));
      else if (now < value) found.push_back(fmt::format("counter {} of {}: {} -> {}", name, device, value.dump(), now.dump()));
    }
  return found;
}

}  // namespace lug
