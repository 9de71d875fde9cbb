// SPDX-License-Identifier: GPL-2.0
#include "resources.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "support/process.h"

namespace lug {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* kmemleakFile = "/sys/kernel/debug/kmemleak";

/** Lines of a file, each passed through @p shape; an empty result leaves the line out. */
template <typename Shape>
std::vector<std::string> linesOf(const std::string& path, Shape shape) {
  std::vector<std::string> lines;
  for (const auto& line : split(slurp(path).value_or(""), '\n'))
    if (auto text = shape(line); !text.empty()) lines.push_back(std::move(text));
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string keep(const std::string& line) { return line; }

/** "0xffff...-0xffff... 20480 some_caller+0x1/0x2 pages=4 vmalloc" -> "some_caller 20480". */
std::string areaOwner(const std::string& line) {
  const auto words = split(line, ' ');
  if (words.size() < 3 || words[2] == "unpurged") return {};  // freed, the TLB just not flushed yet
  return fmt::format("{} {}", words[2].substr(0, words[2].find('+')), words[1]);
}

/** "24: 12 0 PCI-MSI 49152-edge eth0" -> number and who asked for it, without the counts. */
std::string interruptOwner(const std::string& line) {
  const auto colon = line.find(':');
  if (colon == line.npos) return {};
  std::string text = line.substr(0, colon);
  for (const auto& word : split(line.substr(colon + 1), ' '))
    if (word.find_first_not_of("0123456789") != word.npos) text += " " + word;
  return text;
}

/** KASAN keeps what is freed in quarantine, so counts say nothing: there findLeaks() tells. */
bool countsTell() { return access(kmemleakFile, W_OK) != 0; }

std::string moduleName(const std::string& line) { return line.substr(0, line.find(' ')); }

std::vector<std::string> sysfsEntries() {
  std::vector<std::string> paths;
  for (const char* root : {"/sys/devices", "/sys/bus", "/sys/class", "/sys/module", "/sys/kernel/irq",
                           "/sys/kernel/liveupdate", "/sys/firmware", "/sys/kernel/debug"}) {
    std::error_code failed;
    for (auto at = fs::recursive_directory_iterator(root, failed); !failed && at != fs::recursive_directory_iterator();
         at.increment(failed)) {
      const auto& path = at->path().native();
      if (path.ends_with("/tracing")) at.disable_recursion_pending();
      else if (!path.starts_with("/sys/kernel/debug/kprobes")) paths.push_back(path);
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/** Empties the per-CPU slabs, all objects of which /proc/slabinfo takes for active. */
void flushSlabs() {
  std::error_code absent;
  for (const auto& cache : fs::directory_iterator("/sys/kernel/slab", absent))
    if (!cache.is_symlink(absent)) std::ofstream(cache.path() / "shrink") << "1";
}

void readSlabs(Resources& stock) {
  for (const auto& line : split(slurp("/proc/slabinfo").value_or(""), '\n')) {
    const auto words = split(line, ' ');
    if (words.size() < 6 || words[0].starts_with("#") || words[0] == "slabinfo") continue;
    stock.objects[words[0]] = std::stol(words[1]);
    stock.slabSizes[words[0]] = std::stol(words[4]);
  }
}

void readMemory(Resources& stock) {
  for (const auto& line : split(mustRead("/proc/meminfo"), '\n')) {
    const auto words = split(line, ' ');
    for (const char* name : {"SUnreclaim:", "VmallocUsed:", "Percpu:", "KernelStack:", "PageTables:"})
      if (!words.empty() && words[0] == name) stock.kilobytes[words[0].substr(0, words[0].size() - 1)] = std::stol(words[1]);
  }
}

void readCounts(Resources& stock) {
  sync();
  // More than once, and a moment apart: what RCU holds back gets free in between.
  for (int i = 0; i < 3; ++i) {
    mustWrite("/proc/sys/vm/drop_caches", "3");
    std::this_thread::sleep_for(300ms);
  }
  flushSlabs();
  readMemory(stock);
  readSlabs(stock);
}

}  // namespace

Resources takeStock() {
  Resources stock;
  if (countsTell()) readCounts(stock);
  stock.areas = linesOf("/proc/vmallocinfo", areaOwner);
  stock.interrupts = linesOf("/proc/interrupts", interruptOwner);
  stock.modules = linesOf("/proc/modules", moduleName);
  stock.memory = linesOf("/proc/iomem", keep);
  stock.ports = linesOf("/proc/ioports", keep);
  stock.sysfs = sysfsEntries();
  return stock;
}

std::vector<std::string> listChanges(const std::vector<std::string>& before, const std::vector<std::string>& after,
                                     std::size_t limit) {
  std::vector<std::string> more, less, changes;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(more));
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(less));
  for (const auto& line : more) changes.push_back("+ " + line);
  for (const auto& line : less) changes.push_back("- " + line);
  if (changes.size() > limit) {
    const auto left = changes.size() - limit;
    changes.resize(limit);
    changes.push_back(fmt::format("and {} more", left));
  }
  return changes;
}

std::vector<std::string> growth(const Resources& before, const Resources& after, long updates) {
  std::vector<std::string> found;
  const auto same = [&](const char* what, const auto& a, const auto& b) {
    for (const auto& line : listChanges(a, b, 12)) found.push_back(fmt::format("{}: {}", what, line));
  };
  same("interrupts", before.interrupts, after.interrupts);
  same("modules", before.modules, after.modules);
  same("iomem", before.memory, after.memory);
  same("ioports", before.ports, after.ports);
  same("sysfs", before.sysfs, after.sysfs);
  // An area per update would be a leak; a few come and go with stacks and sockets.
  const long areas = static_cast<long>(after.areas.size()) - static_cast<long>(before.areas.size());
  if (areas > std::max(3L, updates / 10)) {
    found.push_back(fmt::format("{} vmalloc areas more after {} updates", areas, updates));
    same("vmalloc", before.areas, after.areas);
  }
  constexpr long minimalNoise = 256;
  const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
  if (!countsTell()) return found;
  for (const auto& [name, count] : after.objects) {
    const auto at = before.objects.find(name);
    const long more = count - (at == before.objects.end() ? 0 : at->second);
    // The network keeps spare buffers, and what runs meanwhile fills per-CPU slabs: that much is noise.
    const long noise = std::max(minimalNoise, 3 * cpus * after.slabSizes.at(name));
    if (more > std::max(updates, noise)) found.push_back(fmt::format("slab cache {}: {} objects more", name, more));
  }
  constexpr long noiseKilobytes = 3072;
  for (const auto& [name, kilobytes] : after.kilobytes) {
    const long more = kilobytes - before.kilobytes.at(name);
    if (more > std::max(noiseKilobytes, 16 * updates)) found.push_back(fmt::format("{}: {} KiB more", name, more));
  }
  return found;
}

std::vector<std::string> settledGrowth(const Resources& before, long updates, const GrowthOf& growthOf) {
  const auto deadline = std::chrono::steady_clock::now() + 15s;
  for (;;) {
    auto found = growthOf(before, takeStock(), updates);
    if (found.empty() || std::chrono::steady_clock::now() > deadline) return found;
  }
}

std::vector<std::string> findLeaks() {
  if (countsTell()) return {};
  // An object has to be found unreferenced in two scans: its age counts too.
  for (int i = 0; i < 2; ++i) {
    mustWrite(kmemleakFile, "scan");
    std::this_thread::sleep_for(6s);
  }
  std::vector<std::string> leaks;
  for (const auto& line : split(slurp(kmemleakFile).value_or(""), '\n')) leaks.push_back(line);
  return leaks;
}

}  // namespace lug
