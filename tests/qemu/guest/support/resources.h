// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * What the kernel holds: for the question whether updates make it hold more and more.
 */
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace lug {

/** Kernel resources at one moment; take it when no workload runs. */
struct Resources {
  std::map<std::string, long> kilobytes;  ///< lines of /proc/meminfo that belong to the kernel
  std::map<std::string, long> objects;    ///< active objects of each slab cache
  std::map<std::string, long> slabSizes;  ///< objects per slab, to tell noise from growth
  std::vector<std::string> areas;         ///< vmalloc areas, by who made them
  std::vector<std::string> interrupts, modules, memory, ports, sysfs;
};

/** Settle (drop caches, let deferred frees finish) and take stock. */
Resources takeStock();

/** One line for everything that grew over @p updates updates by more than noise. */
std::vector<std::string> growth(const Resources& before, const Resources& after, long updates);

/** growth() or a variant of it that leaves something out. */
using GrowthOf = std::function<std::vector<std::string>(const Resources&, const Resources&, long)>;

/**
 * What grew since @p before and stays so: deferred frees get some seconds to show that it is no growth.
 *
 * @param growthOf compares, growth() itself in most scenarios
 */
std::vector<std::string> settledGrowth(const Resources& before, long updates, const GrowthOf& growthOf = growth);

/** Lines that are in @p after more often than in @p before, at most @p limit, with a leading '+'; '-' for lost ones. */
std::vector<std::string> listChanges(const std::vector<std::string>& before, const std::vector<std::string>& after,
                                     std::size_t limit);

/** Ask kmemleak for a scan; what it found, nothing on kernels without it. */
std::vector<std::string> findLeaks();

}  // namespace lug
