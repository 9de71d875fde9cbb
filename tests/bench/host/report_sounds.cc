// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <map>

#include "report_parts.h"

namespace lub {

Section playingSection(const Results& results) {
  Section section{.title = "Instructions while a sound card plays, managed against native"};
  Table table({"driver", "what", "in a row", "way", "native", "ours", "difference", "ratio", "native rounds differ by"});
  for (const auto& [driver, list] : groupBy(results.of("playing"), "driver")) {
    const auto native = only(list, "way", "native");
    for (const char* way : {"managed", "updated"}) {
      const auto ours = only(list, "way", way);
      if (native.empty() || ours.empty()) continue;  // the failure is reported as such
      for (const std::string what : {"interrupt", "write"}) {
        const auto before = numbers(native, fmt::format("/{}/median", what)), after = numbers(ours, fmt::format("/{}/median", what));
        addInstructionRow(section, table, {driver, what, "1", way, median(before), median(after), relativeSpread(before)});
      }
    }
  }
  if (table.empty()) return section;
  section.text =
      "A stream of 16 bits and two channels that plays, period by period: `interrupt` is all that interrupts take in the time of "
      "one period, the clock's own among them, `write` is one `snd_pcm_writei()` of a period; median of the periods and of the "
      "rounds.\n\n" + table.render();
  return section;
}

Section gapSection(const Results& results) {
  Section section{.title = "What is not heard during an update of a sound driver"};
  Table table({"driver", "buffer ms", "updates", "gap p50/p99/max ms", "gap p50/p99/max frames", "driver away p50/p99/max ms"});
  for (const auto& [driver, list] : groupBy(results.of("gap"), "driver")) {
    std::map<unsigned, std::vector<Json>> buffers;
    for (const auto& item : list) buffers[item.at("buffer").get<unsigned>()].push_back(item);
    for (const auto& [buffer, gaps] : buffers) {
      std::vector<Json> updates;
      for (const auto& item : results.of("sound-update"))
        if (item.at("driver") == driver && item.at("buffer") == buffer) updates.push_back(item);
      auto away = numbers(updates, "/blackout_us");
      for (auto& us : away) us /= 1000;
      const auto frames = spreadOf(numbers(gaps, "/frames")), ms = spreadOf(numbers(gaps, "/ms"));
      table.row({driver, fmt::format("{:.0f}", gaps.front().at("buffer_ms").get<double>()), fmt::format("{}", gaps.size()), spreadCells(ms),
                 spreadCells(frames), away.empty() ? "-" : spreadCells(spreadOf(away))});
      section.figures.push_back({{"driver", driver}, {"buffer", buffer}, {"updates", gaps.size()}, {"gap_p50_ms", ms.p50},
                                 {"gap_p99_ms", ms.p99}, {"gap_max_ms", ms.max}, {"gap_p50_frames", frames.p50}});
    }
  }
  if (table.empty()) return section;
  section.text =
      "A client plays frames that are numbered, and the host reads them from the file that the emulated card plays to: a gap is the "
      "frames that are not there. No frame comes twice or out of place, or there are no figures. A driver starts at the beginning of "
      "the buffer, so a gap ends there; without live update the client has to close the card first.\n\n" + table.render();
  return section;
}

}  // namespace lub
