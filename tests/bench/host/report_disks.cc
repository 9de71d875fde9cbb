// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <map>

#include "report_parts.h"

namespace lub {

namespace {

/** Milliseconds that no request may wait during an update; 0: no aim is set. */
double stallAim(const std::string& driver) {
  if (driver == "ata_piix") return 500;
  if (driver == "virtio_blk") return 50;
  return 0;
}

}  // namespace

Section requestSection(const Results& results) {
  Section section{.title = "Instructions per request to a disk, managed against native"};
  Table table({"driver", "request", "in a row", "way", "native", "ours", "difference", "ratio", "native rounds differ by"});
  for (const auto& [driver, list] : groupBy(results.of("requests"), "driver")) {
    const auto native = only(list, "way", "native");
    for (const char* way : {"managed", "updated"}) {
      const auto ours = only(list, "way", way);
      if (native.empty() || ours.empty()) continue;  // the failure is reported as such
      for (const std::string what : {"read", "write"}) {
        const auto before = numbers(native, fmt::format("/{}/median", what)), after = numbers(ours, fmt::format("/{}/median", what));
        addInstructionRow(section, table, {driver, what, "1", way, median(before), median(after), relativeSpread(before)});
      }
    }
  }
  if (table.empty()) return section;
  section.text =
      "4 KiB past the page cache, one request at a time, from the system call to the end of all that its completion causes; "
      "median of the requests and of the rounds. The emulator's disk answers at once and keeps nothing.\n\n" + table.render();
  return section;
}

Section stallSection(const Results& results) {
  Section section{.title = "Longest request during an update, against a reload script"};
  Table table({"driver", "disks", "runs", "update p50/p99/max ms", "script p50/p99/max ms", "ratio of p50", "noise p50/p99/max ms"});
  for (const auto& [driver, list] : groupBy(results.of("stall"), "driver")) {
    std::map<unsigned, std::vector<Json>> counts;
    for (const auto& item : list) counts[item.at("disks").get<unsigned>()].push_back(item);
    for (const auto& [disks, runs] : counts) {
      const auto longest = [&runs = runs](const char* what) { return numbers(only(runs, "what", what), "/longest_ms"); };
      const auto updates = longest("update"), reloads = longest("reload"), quiet = longest("quiet");
      if (updates.empty() || quiet.empty()) continue;
      const auto update = spreadOf(updates);
      const double reload = reloads.empty() ? 0 : median(reloads);
      table.row({driver, fmt::format("{}", disks), fmt::format("{}", updates.size()), spreadCells(update),
                 reloads.empty() ? "-" : spreadCells(spreadOf(reloads)), reloads.empty() ? "-" : fmt::format("{:.2f}", update.p50 / reload),
                 spreadCells(spreadOf(quiet))});
      section.figures.push_back({{"driver", driver}, {"disks", disks}, {"runs", updates.size()}, {"update_p50_ms", update.p50},
                                 {"update_p99_ms", update.p99}, {"update_max_ms", update.max}, {"reload_p50_ms", reload}});
      if (const double aim = stallAim(driver); aim > 0 && disks == 1)
        section.aims.push_back({fmt::format("{}: median of the longest request below {:.0f} ms", driver, aim), update.p50 < aim,
                                fmt::format("{:.0f} ms, p99 {:.0f} ms", update.p50, update.p99)});
    }
  }
  if (table.empty()) return section;
  section.text =
      "One process for each disk writes 4 KiB blocks to a mounted ext4, past the page cache, one after the other; what is given "
      "is the longest that any of them took. The script is what can be done without live update, when nobody uses the disk: "
      "`umount`, `rmmod`, `insmod`, `mount`; its time is until the first block is written. `noise`: nothing done.\n\n" +
      table.render();
  return section;
}

}  // namespace lub
