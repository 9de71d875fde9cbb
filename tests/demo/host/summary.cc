// SPDX-License-Identifier: GPL-2.0
#include "summary.h"

#include <fmt/format.h>

#include <sstream>

#include "chart.h"

namespace lud {

namespace {

std::string indented(const std::string& text) {
  std::string out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out += "    " + line + "\n";
  return out;
}

/** The first line of what a command printed, when it is a sentence and not the record that follows. */
std::string headline(const std::string& out) {
  const auto line = out.substr(0, out.find('\n'));
  return line.starts_with("e1000: ") || line.starts_with("virtio_blk: ") || line.starts_with("snd_ens1370: ") ? line : std::string();
}

std::string transcript(const Story& story) {
  std::string text = "What was typed, and what lu-ctl said (all of it is in transcript.txt):\n\n";
  for (const auto& command : story.commands)
    text += fmt::format("    # {}\n{}{}    (exit status {})\n", command.line, indented(headline(command.out)), indented(command.err), command.exit);
  return text;
}

double megabytes(const Story& story, const char* which) { return story.totals.at(which).get<double>() / 1e6; }

std::string tellGood(const Update& u) {
  return fmt::format(
      "1. A live update.\n"
      "   before:  {}\n"
      "   now:     {}\n"
      "   took {}; for {} nothing left the machine, for {} nothing came in. TCP waited and went on.\n",
      u.before, u.after, duration(static_cast<double>(u.end - u.start) / 1000), duration(u.transmitGapMs), duration(u.receiveGapMs));
}

std::string tellBad(const Update& u) {
  std::string why;
  for (const auto& mismatch : u.mismatches) why += fmt::format("            {}\n", mismatch);
  return fmt::format(
      "2. An update to a version that can do less, which has to be refused.\n"
      "   tried:   {} (the driver with its checksum offload taken out, for this demonstration)\n"
      "   runs:    {}, as before\n"
      "   why:     the new version was loaded and started, and compared with the old one:\n{}"
      "   took {}; nothing left for {}, nothing came in for {}.\n",
      u.version, u.after, why, duration(static_cast<double>(u.end - u.start) / 1000), duration(u.transmitGapMs), duration(u.receiveGapMs));
}

std::string tellTraffic(const Story& story) {
  return fmt::format(
      "The traffic, through both:\n"
      "   {:.1f} MB out and {:.1f} MB in over two TCP connections, each byte compared with what was sent\n"
      "   {} pings answered\n"
      "   {} connections reset, {} events that told of a link down, a removal or a lost address\n",
      megabytes(story, "transmit"), megabytes(story, "receive"), story.totals.at("pings").get<long>(), story.totals.at("resets").get<long>(),
      story.totals.at("link_events").get<long>());
}

std::string tellDisk(const Json& disk) {
  return fmt::format(
      "3. The same for the disk that the root file system is on ({}), while it is written to.\n"
      "   before:  {}\n"
      "   now:     {}\n"
      "   lu-ctl and the new driver were read from that disk, and not in memory before.\n"
      "   took {}; for {} requests waited, and none failed. The longest wait of an application was {}.\n"
      "   {} files were written, synced and read back from the disk, each byte compared.\n",
      disk.at("driver").get<std::string>(), disk.at("before").get<std::string>(), disk.at("after") == "rebuilt" ? "the same source, built again" : disk.at("after").get<std::string>(),
      duration(disk.at("total_us").get<double>() / 1000), duration(disk.at("blackout_us").get<double>() / 1000),
      duration(disk.at("longest_wait_ms").get<double>()), disk.at("files").get<long>());
}

std::string tellSound(const Json& sound) {
  return fmt::format(
      "4. The same for the sound card ({}), while it plays.\n"
      "   before:  {}\n"
      "   now:     {}\n"
      "   took {}; the player noticed nothing. What was heard, with {:.0f} ms of silence:\n"
      "   [{}]\n",
      sound.at("driver").get<std::string>(), sound.at("before").get<std::string>(), sound.at("after").get<std::string>(),
      duration(sound.at("total_us").get<double>() / 1000), sound.value("silence_ms", 0.0), sound.value("line", ""));
}

}  // namespace

std::string fullTranscript(const Story& story) {
  std::string text;
  for (const auto& command : story.commands)
    text += fmt::format("# {}\n{}{}(exit status {})\n\n", command.line, command.out, command.err, command.exit);
  return text;
}

std::string summarize(const Story& story, const std::string& kernel) {
  std::string text = fmt::format("A stock Debian kernel ({}), with its own e1000 network driver under TCP traffic both ways,\nand with its own virtio_blk below the root file system,\nand with its own snd_ens1370 below a player.\n\n", kernel);
  if (const auto* u = story.update("good")) text += tellGood(*u) + "\n";
  if (const auto* u = story.update("bad")) text += tellBad(*u) + "\n";
  if (!story.totals.empty()) text += tellTraffic(story) + "\n";
  if (!story.disk.empty()) text += tellDisk(story.disk) + "\n";
  if (!story.sound.empty()) text += tellSound(story.sound) + "\n";
  if (!story.commands.empty()) text += transcript(story) + "\n";
  text += "Verified:\n\n";
  for (const auto& check : story.checks) text += fmt::format("   [{}] {} ({})\n", check.good ? "ok" : "NOT SO", check.what, check.found);
  return text;
}

}  // namespace lud
