// SPDX-License-Identifier: GPL-2.0
#include "verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

namespace luq {

namespace {

using Json = nlohmann::json;

/** Any of these on the console means that the kernel found a fault in itself. */
constexpr std::array<std::string_view, 26> faultMarks = {
    "BUG:", "WARNING:", "Oops", "KASAN", "UBSAN", "KCSAN",
    "possible circular locking", "INFO: possible recursive", "suspicious RCU",
    "inconsistent lock state", "possible irq lock inversion", "INFO: task ", "INFO: rcu",
    "rcu_sched self-detected", "soft lockup", "hard LOCKUP", "blocked for more than",
    "kmemleak", "unreferenced object", "sysfs: cannot create duplicate", "refcount_t",
    "general protection", "Kernel panic", "list_add corruption", "list_del corruption",
    "scheduling while atomic"};

/** Harmless lines that hold a mark: the kernel announcing what it can do. */
constexpr std::array<std::string_view, 5> announcements = {
    "kmemleak: Kernel memory leak detector initialized", "kmemleak: Automatic memory scanning",
    "kasan: KernelAddressSanitizer initialized", "Command line:", "command line:"};

bool holds(std::string_view line, std::string_view text) { return line.find(text) != line.npos; }

template <typename Texts>
bool holdsAny(std::string_view line, const Texts& texts) {
  return std::any_of(texts.begin(), texts.end(), [&](const auto& t) { return holds(line, t); });
}

Outcome outcomeFrom(const std::string& word) {
  if (word == "passed") return Outcome::passed;
  if (word == "skipped") return Outcome::skipped;
  return Outcome::failed;
}

/** The guest's "end" events, by name. Lines that are no JSON are kept as reasons for doubt. */
std::map<std::string, CaseResult> readEvents(const std::string& events, std::vector<std::string>& doubts) {
  std::map<std::string, CaseResult> ended;
  for (const auto& line : split(events, '\n')) {
    const Json event = Json::parse(line, nullptr, false);
    if (event.is_discarded() || !event.is_object()) {
      doubts.push_back(fmt::format("unreadable test event: {}", line.substr(0, 120)));
      continue;
    }
    const std::string name = event.value("name", "");
    if (event.value("event", "") == "start") ended[name] = {name, Outcome::crashed, 0, "did not end", {}};
    if (event.value("event", "") != "end") continue;
    ended[name] = {name, outcomeFrom(event.value("outcome", "")), event.value("seconds", 0.0),
                   event.value("message", ""), event.value("properties", Json::object())};
  }
  return ended;
}

/** @p code begins with the bytes of a jump label, the second one in angle brackets: a no-op or a jump. */
bool isJumpLabel(std::string_view code) {
  constexpr std::array<std::string_view, 4> labels = {"0f <1f> 44 00 00", "66 <90>", "e9 <", "eb <"};
  return std::any_of(labels.begin(), labels.end(), [&](const auto& label) { return code.starts_with(label); });
}

}  // namespace

std::string_view toString(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed: return "passed";
    case Outcome::skipped: return "skipped";
    case Outcome::failed: return "FAILED";
    case Outcome::crashed: break;
  }
  return "CRASHED";
}

std::vector<std::string> findSplats(std::string_view console, const std::vector<std::string>& allowed) {
  std::vector<std::string> found;
  for (const auto& line : split(console, '\n'))
    if (holdsAny(line, faultMarks) && !holdsAny(line, announcements) && !holdsAny(line, allowed))
      found.push_back(trim(line));
  return found;
}

std::vector<std::string> judgeStatus(const BootResult& result) {
  if (result.hostKilled && result.status.empty()) return {"the guest neither reported nor powered off within its time limit"};
  if (result.hostKilled) return {"the guest reported but did not power off"};
  const Json status = Json::parse(result.status, nullptr, false);
  if (status.is_discarded() || !status.is_object()) return {"the guest never reported its exit status"};
  if (status.value("stuck", false)) return {"time limit reached, and the command cannot be killed"};
  if (status.value("timed_out", false)) return {"the command reached its time limit"};
  if (const int signal = status.value("signal", 0); signal != 0)
    return {fmt::format("the command died of signal {}", signal)};
  if (const int code = status.value("exit", -1); code != 0)
    return {fmt::format("the command ended with exit code {}", code)};
  return {};
}

Verdict judge(const BootResult& result, const std::vector<std::string>& plan,
              const std::vector<std::string>& allowed) {
  Verdict verdict;
  verdict.reasons = judgeStatus(result);
  auto ended = readEvents(result.events, verdict.reasons);
  std::size_t ran = 0;
  for (const auto& name : plan) {
    const auto at = ended.find(name);
    if (at == ended.end()) {
      verdict.cases.push_back({name, Outcome::crashed, 0, "never reported", {}});
    } else {
      verdict.cases.push_back(at->second);
      ended.erase(at);
    }
    const auto& last = verdict.cases.back();
    if (last.outcome == Outcome::passed || last.outcome == Outcome::failed) ++ran;
    if (last.outcome == Outcome::crashed || last.outcome == Outcome::failed)
      verdict.reasons.push_back(fmt::format("{}: {}", last.name, toString(last.outcome)));
  }
  for (const auto& [name, extra] : ended)
    verdict.reasons.push_back(fmt::format("{} ran but was not planned", name));
  if (plan.empty() || ran == 0) verdict.reasons.push_back("no test ran");
  verdict.splats = findSplats(result.console, allowed);
  if (!verdict.splats.empty())
    verdict.reasons.push_back(fmt::format("{} fault lines on the console, first: {}",
                                          verdict.splats.size(), verdict.splats.front()));
  return verdict;
}

bool isStaleBreakpoint(const BootResult& result, const Verdict& verdict) {
  constexpr std::string_view mark = "int3: 0000 [#1]";
  const bool failed = std::any_of(verdict.cases.begin(), verdict.cases.end(), [](const auto& c) { return c.outcome == Outcome::failed; });
  if (!holds(result.qemuCommand, "accel=tcg") || failed || verdict.splats.empty() || !holds(verdict.splats.front(), mark)) return false;
  const std::string_view console = result.console;
  const auto from = console.find("Code: ", console.find(mark));
  if (from == console.npos) return false;
  const auto line = console.substr(from, console.find('\n', from) - from);
  const auto next = line.find(" <");  // the byte after the one that was run
  return next != line.npos && isJumpLabel(line.substr(next - 2));
}

Verdict judgeScript(const BootResult& result, const std::vector<std::string>& allowed) {
  Verdict verdict;
  verdict.reasons = judgeStatus(result);
  verdict.splats = findSplats(result.console, allowed);
  if (!verdict.splats.empty())
    verdict.reasons.push_back(fmt::format("{} fault lines on the console", verdict.splats.size()));
  return verdict;
}

}  // namespace luq
