// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report_parts.h"

namespace lub {

namespace {
constexpr double ratioTolerance = 0.002;
}

std::vector<Json> only(const std::vector<Json>& list, const std::string& key, const std::string& value) {
  for (const auto& [name, group] : groupBy(list, key))
    if (name == value) return group;
  return {};
}

std::string spreadCells(const Spread& s) { return fmt::format("{:.0f} / {:.0f} / {:.0f}", s.p50, s.p99, s.max); }

void addInstructionRow(Section& section, Table& table, const InstructionRow& row) {
  const double ratio = row.ours / row.native;
  table.row({row.driver, row.direction, row.burst, row.way, fmt::format("{:.1f}", row.native), fmt::format("{:.1f}", row.ours),
             fmt::format("{:+.1f}", row.ours - row.native), fmt::format("{:.4f}", ratio), fmt::format("{:.4f}", row.spread)});
  section.figures.push_back({{"driver", row.driver}, {"direction", row.direction}, {"burst", row.burst}, {"way", row.way},
                             {"native", row.native}, {"ours", row.ours}, {"ratio", ratio}, {"spread", row.spread}});
  if (row.burst != "1") return;
  section.aims.push_back({fmt::format("{} {}, {}: 1.000 within 0.2 %", row.driver, row.direction, row.way),
                          std::abs(ratio - 1) <= ratioTolerance, fmt::format("{:.4f}", ratio)});
}

double relativeSpread(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return (*most - *least) / median(values);
}

namespace {

constexpr double gapAim = 0.5;
constexpr double virtioGapLimitMs = 100;

bool hardwareIsReadyAtOnce(const std::string& driver) { return driver == "virtio_net" || driver == "pcnet32"; }

/** Instructions per packet. */
struct PerPacket {
  double transmit = 0, receive = 0;
};

/**
 * A received packet's own cost: sender and receiver together, less the sender alone. A packet that is alone costs the
 * same each time, unless a timer falls into it: the median. How many of a burst share an interrupt varies: the mean.
 */
PerPacket perPacket(const std::vector<Json>& rounds, bool single) {
  const auto middle = [&](const char* flow) {
    return median(numbers(rounds, fmt::format("/{}/{}", flow, single ? "median" : "trimmed")));
  };
  return {middle("transmit"), middle("both") - middle("source")};
}

/** How far native rounds are from each other, of their median: differences below that mean nothing. */
PerPacket spreadOfRounds(const std::vector<Json>& rounds, bool single) {
  std::vector<double> transmit, receive;
  for (const auto& round : rounds) {
    const auto one = perPacket({round}, single);
    transmit.push_back(one.transmit);
    receive.push_back(one.receive);
  }
  return {relativeSpread(transmit), relativeSpread(receive)};
}

void addInstructionRows(Section& section, Table& table, const std::string& driver, const std::string& burst,
                        const std::vector<Json>& list) {
  const bool single = burst == "1";
  const auto nativeRounds = only(list, "way", "native");
  for (const char* way : {"managed", "updated"}) {
    const auto ourRounds = only(list, "way", way);
    if (nativeRounds.empty() || ourRounds.empty()) continue;  // the failure is reported as such
    const auto native = perPacket(nativeRounds, single), ours = perPacket(ourRounds, single);
    const auto spread = spreadOfRounds(nativeRounds, single);
    addInstructionRow(section, table, {driver, "transmit", burst, way, native.transmit, ours.transmit, spread.transmit});
    addInstructionRow(section, table, {driver, "receive", burst, way, native.receive, ours.receive, spread.receive});
  }
}

}  // namespace

Section instructionSection(const Results& results) {
  Section section{.title = "Instructions per packet, managed against native"};
  Table table({"driver", "direction", "in a row", "way", "native", "ours", "difference", "ratio", "native rounds differ by"});
  for (const auto& [driver, list] : groupBy(results.of("instructions"), "driver"))
    for (const auto& [burst, part] : groupBy(list, "burst")) addInstructionRows(section, table, driver, burst, part);
  if (table.empty()) return section;
  section.text =
      "UDP, 1024 bytes, from the sender's system call to the card, and from the card to the receiver's socket; "
      "everything the CPU does is counted, interrupts and their timers too. Packets sent one by one: median. Packets sent in "
      "a row, which share interrupts as it happens: mean of the bursts without the tenth at either end, for comparison; no aim "
      "is judged by them. Median of the rounds. `managed`: live update loaded, the driver managed. "
      "`updated`: after a live update to the same binary.\n\n" + table.render();
  return section;
}

namespace {

struct Side {
  Spread gap, lost;
  double lostSum = 0, sentSum = 0;
};

Side sideOf(const std::vector<Json>& list, const std::string& direction) {
  const auto lost = numbers(list, fmt::format("/{}/lost", direction));
  Side side{spreadOf(numbers(list, fmt::format("/{}/gap_ms", direction))), spreadOf(lost)};
  for (const double n : lost) side.lostSum += n;
  return side;
}

Json figures(const Side& s) {
  return Json{{"gap_p50_ms", s.gap.p50}, {"gap_p99_ms", s.gap.p99}, {"gap_max_ms", s.gap.max},
              {"lost_p50", s.lost.p50}, {"lost_max", s.lost.max}, {"lost_sum", s.lostSum}};
}

std::string lostCells(const Spread& s) { return fmt::format("{:.0f} / {:.0f}", s.p50, s.max); }

void judgeBlackout(Section& section, const std::string& driver, const std::string& direction, const Side& update, const Side& reload) {
  const double ratio = update.gap.p50 / reload.gap.p50;
  section.aims.push_back({fmt::format("{} {}: at most half of the script's gap", driver, direction), ratio <= gapAim,
                          fmt::format("{:.2f}", ratio)});
  if (direction == "transmit" && hardwareIsReadyAtOnce(driver))
    section.aims.push_back({fmt::format("{}: nothing lost on transmit", driver), update.lostSum == 0,
                            fmt::format("{:.0f} lost in all runs", update.lostSum)});
  if (driver == "virtio_net")
    section.aims.push_back({fmt::format("{} {}: p99 of the gap below {:.0f} ms", driver, direction, virtioGapLimitMs),
                            update.gap.p99 < virtioGapLimitMs, fmt::format("{:.0f} ms", update.gap.p99)});
}

}  // namespace

Section blackoutSection(const Results& results) {
  Section section{.title = "Blackout and loss, live update against a reload script"};
  Table table({"driver", "direction", "runs", "update gap p50/p99/max ms", "script gap p50/p99/max ms", "ratio of p50",
               "update lost p50/max", "script lost p50/max", "noise gap p50/p99/max ms"});
  for (const auto& [driver, list] : groupBy(results.of("blackout"), "driver")) {
    const auto updates = only(list, "what", "update"), reloads = only(list, "what", "reload"), quiet = only(list, "what", "quiet");
    if (reloads.empty()) continue;
    for (const std::string direction : {"transmit", "receive"}) {
      const auto reload = sideOf(reloads, direction), noise = sideOf(quiet, direction);
      if (updates.empty()) {
        table.row({driver, direction, fmt::format("{}", reloads.size()), "-", spreadCells(reload.gap), "-", "-",
                   lostCells(reload.lost), spreadCells(noise.gap)});
        continue;
      }
      const auto update = sideOf(updates, direction);
      table.row({driver, direction, fmt::format("{}", updates.size()), spreadCells(update.gap), spreadCells(reload.gap),
                 fmt::format("{:.2f}", update.gap.p50 / reload.gap.p50), lostCells(update.lost), lostCells(reload.lost),
                 spreadCells(noise.gap)});
      section.figures.push_back({{"driver", driver}, {"direction", direction}, {"runs", updates.size()}, {"update", figures(update)},
                                 {"reload", figures(reload)}, {"noise", figures(noise)}, {"ratio", update.gap.p50 / reload.gap.p50}});
      judgeBlackout(section, driver, direction, update, reload);
    }
  }
  if (table.empty()) return section;
  section.text =
      "Numbered UDP datagrams every millisecond in both directions; the gap is the longest time without a new one at the "
      "receiver and includes link negotiation; lost are the numbers that never arrived, whether the sender's kernel "
      "refused them or the network dropped them. The script runs `rmmod`, `insmod`, and restores addresses, link state and "
      "routes. Both by turns in one boot, between two real versions; `noise` is the same measurement with nothing done.\n\n" +
      table.render();
  return section;
}

Section memorySection(const Results& results) {
  Section section{.title = "Memory"};
  Table table({"driver", "driver alone KiB", "managed KiB", "more for managing KiB", "with a kept version KiB", "after commit KiB",
               "log bytes", "objects", "modules, once KiB"});
  for (const auto& [driver, list] : groupBy(results.of("memory"), "driver")) {
    const auto sum = [&list = list](const char* part) { return median(numbers(list, fmt::format("/{}/sum_kib", part))); };
    const auto plain = [&list = list](const char* part) { return median(numbers(list, fmt::format("/{}", part))); };
    const double native = sum("native"), managed = sum("managed"), kept = sum("kept"), committed = sum("committed"), fixed = sum("fixed");
    table.row({driver, fmt::format("{:.0f}", native), fmt::format("{:.0f}", managed), fmt::format("{:+.0f}", managed - native),
               fmt::format("{:+.0f}", kept), fmt::format("{:+.0f}", committed), fmt::format("{:.0f}", plain("log_bytes")),
               fmt::format("{:.0f}", plain("objects")), fmt::format("{:.0f}", fixed)});
    section.figures.push_back({{"driver", driver}, {"native_kib", native}, {"managed_kib", managed}, {"managing_kib", managed - native},
                               {"kept_kib", kept}, {"committed_kib", committed}, {"fixed_kib", fixed},
                               {"log_bytes", plain("log_bytes")}, {"objects", plain("objects")}});
  }
  if (table.empty()) return section;
  section.text = "Unreclaimable slab, vmalloc and per-CPU memory, median of several loads, one card; the card is up and has addresses.\n\n" + table.render();
  return section;
}

Section cardsSection(const Results& results) {
  Section section{.title = "Time of an update with several cards on one driver"};
  Table table({"driver", "cards", "update p50 ms", "update max ms", "blackout p50 ms", "attach p50 ms", "against one card"});
  for (const auto& [driver, list] : groupBy(results.of("cards"), "driver")) {
    std::map<unsigned, std::vector<Json>> counts;
    for (const auto& item : list) counts[item.at("cards").get<unsigned>()].push_back(item);
    double one = 0;
    for (const auto& [cards, runs] : counts) {
      const auto total = spreadOf(numbers(runs, "/total_us"));
      const auto blackout = spreadOf(numbers(runs, "/blackout_us")), attach = spreadOf(numbers(runs, "/phases_us/attach"));
      if (cards == 1) one = total.p50;
      table.row({driver, fmt::format("{}", cards), fmt::format("{:.1f}", total.p50 / 1000), fmt::format("{:.1f}", total.max / 1000),
                 fmt::format("{:.1f}", blackout.p50 / 1000), fmt::format("{:.1f}", attach.p50 / 1000),
                 one > 0 ? fmt::format("{:.2f}", total.p50 / one) : "-"});
      section.figures.push_back({{"driver", driver}, {"cards", cards}, {"total_p50_us", total.p50}, {"total_max_us", total.max},
                                 {"blackout_p50_us", blackout.p50}, {"attach_p50_us", attach.p50}});
    }
  }
  if (table.empty()) return section;
  section.text = "As the kernel measures it, from quiesce to resume, all cards in one transaction.\n\n" + table.render();
  return section;
}

}  // namespace lub
