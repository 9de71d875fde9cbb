// SPDX-License-Identifier: GPL-2.0
#include "memory.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "net/world.h"
#include "support/process.h"
#include "update.h"

namespace lub {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/** Kernel memory in use, in KiB, by who hands it out. */
struct Footprint {
  long slab = 0, vmalloc = 0, percpu = 0, available = 0;

  Footprint operator-(const Footprint& o) const {
    return {slab - o.slab, vmalloc - o.vmalloc, percpu - o.percpu, available - o.available};
  }
  Json json() const {
    return Json{{"slab_kib", slab},
                {"vmalloc_kib", vmalloc},
                {"percpu_kib", percpu},
                {"sum_kib", slab + vmalloc + percpu},
                {"available_kib", available}};
  }
};

long meminfo(const std::string& text, const std::string& name) {
  for (const auto& line : lug::split(text, '\n'))
    if (line.starts_with(name + ":")) return std::stol(lug::split(line, ' ').at(1));
  throw lug::Failure("no " + name + " in /proc/meminfo");
}

/** Give back what caches hold, so that what remains is in use. */
void shrinkCaches() {
  sync();
  lug::mustWrite("/proc/sys/vm/drop_caches", "3");
  for (const auto& cache : fs::directory_iterator("/sys/kernel/slab"))
    lug::tryWrite(cache.path() / "shrink", "1");
}

Footprint measureOnce() {
  shrinkCaches();
  const auto text = lug::mustRead("/proc/meminfo");
  return {meminfo(text, "SUnreclaim"), meminfo(text, "VmallocUsed"), meminfo(text, "Percpu"),
          meminfo(text, "MemAvailable")};
}

/** The footprint once it stays the same: RCU and deferred frees take their time. */
Footprint footprint() {
  constexpr auto limit = 10s;
  constexpr long noiseKib = 8;
  auto last = measureOnce();
  int calm = 0;
  lug::waitUntil(limit, [&] {
    const auto now = measureOnce();
    const auto change = now - last;
    calm = std::abs(change.slab) + std::abs(change.vmalloc) + std::abs(change.percpu) <= noiseKib ? calm + 1 : 0;
    last = now;
    return calm == 3;
  });
  return last;
}

void report(const MemoryPlan& plan, unsigned round, Json parts) {
  parts["kind"] = "memory";
  parts["driver"] = plan.driver;
  parts["round"] = round;
  lug::note(parts.dump());
  emit(parts);
}

Json nativeDriver(const MemoryPlan& plan) {
  const auto before = footprint();
  lug::World world(plan.driver, {.managed = false});
  const auto loaded = footprint();
  world.close();
  return (loaded - before).json();
}

}  // namespace

void measureMemory(const MemoryPlan& plan) {
  nativeDriver(plan);  // what is allocated once and kept, such as caches, is not counted
  for (unsigned round = 0; round < plan.rounds; ++round) {
    Json parts;
    parts["native"] = nativeDriver(plan);
    const auto empty = footprint();
    lug::loadLiveUpdate();
    const auto before = footprint();
    parts["fixed"] = (before - empty).json();
    lug::World world(plan.driver, {});
    const auto& managed = world.managed();
    const auto loaded = footprint();
    parts["managed"] = (loaded - before).json();
    for (const char* name : {"log_entries", "log_bytes", "objects"}) parts[name] = std::stol(managed.attribute(name));
    update(managed, lug::versionNamed(plan.driver, "stock"));
    parts["kept"] = (footprint() - loaded).json();
    managed.mustCtl("commit");
    parts["committed"] = (footprint() - loaded).json();
    world.close();
    report(plan, round, std::move(parts));
  }
}

}  // namespace lub
