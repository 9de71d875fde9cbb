// SPDX-License-Identifier: GPL-2.0
#include "verdict.h"

#include <gtest/gtest.h>

namespace luq {
namespace {

constexpr const char* cleanConsole = "[    0.1] Linux version\n[    1.0] Run /init as init process\n";
constexpr const char* exitZero = "{\"exit\":0,\"signal\":0,\"timed_out\":false}\n";

std::string ended(const std::string& name, const std::string& outcome) {
  return R"({"event":"start","name":")" + name + "\"}\n" + R"({"event":"end","name":")" + name +
         R"(","outcome":")" + outcome + R"(","seconds":1.5,"message":"why"})" + "\n";
}

BootResult good(const std::string& events) {
  BootResult result;
  result.console = cleanConsole;
  result.status = exitZero;
  result.events = events;
  result.qemuExit = 0;
  return result;
}

/** A boot whose kernel died of a breakpoint, by what it prints of its code. */
BootResult diedOfBreakpoint(const std::string& code) {
  BootResult result;
  result.qemuCommand = "qemu-system-x86_64 -M pc,accel=tcg -cpu max";
  result.console = cleanConsole;
  result.console += "[    2.0] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI\n[    2.1] RIP: 0010:some_function+0x33/0x110\n" + code +
                    "[    2.3] Kernel panic - not syncing\n";
  result.events = R"({"event":"start","name":"a.b"})";
  return result;
}

bool isStale(const BootResult& result) { return isStaleBreakpoint(result, judge(result, {"a.b"}, {})); }

TEST(StaleBreakpoint, IsOneThatIsNotInMemory) {
  for (const std::string label : {"0f <1f> 44 00 00 41", "66 <90> 41", "e9 <12> 00 00 00", "eb <12> 41"})
    EXPECT_TRUE(isStale(diedOfBreakpoint("[    2.2] Code: 31 c0 " + label + "\n"))) << label;
  EXPECT_FALSE(isStale(diedOfBreakpoint("[    2.2] Code: 31 c0 cc <1f> 44 00 00 41\n")));
  EXPECT_FALSE(isStale(diedOfBreakpoint("[    2.2] Code: 31 c0 48 <89> 44 00 00 41\n")));
}

TEST(StaleBreakpoint, IsNotGuessed) {
  EXPECT_FALSE(isStale(good(ended("a.b", "passed"))));
  EXPECT_FALSE(isStale(diedOfBreakpoint("")));
  EXPECT_FALSE(isStale(diedOfBreakpoint("[    2.2] Code: Unable to access opcode bytes\n")));
  EXPECT_FALSE(isStale(diedOfBreakpoint("[    2.2] Code: <1f> 44 00\n")));
}

TEST(StaleBreakpoint, IsNoExcuseForAnythingElse) {
  const auto stale = diedOfBreakpoint("[    2.2] Code: 31 c0 66 <90> 41\n");
  EXPECT_TRUE(isStale(stale));
  auto before = stale;
  before.console = "[    1.9] WARNING: CPU: 0\n" + before.console;
  EXPECT_FALSE(isStale(before));
  auto failed = stale;
  failed.events = ended("a.b", "failed");
  EXPECT_FALSE(isStale(failed));
  auto real = stale;
  real.qemuCommand = "qemu-system-x86_64 -M pc,accel=kvm -cpu host";
  EXPECT_FALSE(isStale(real));
}

TEST(Verdict, HasToBeEarned) {
  const auto verdict = judge(BootResult{}, {"a.b"}, {});
  EXPECT_FALSE(verdict.good());
  ASSERT_EQ(verdict.cases.size(), 1u);
  EXPECT_EQ(verdict.cases[0].outcome, Outcome::crashed);
}

TEST(Verdict, PassesWhenThePlanIsMet) {
  const auto verdict = judge(good(ended("a.b", "passed") + ended("a.c", "passed")), {"a.b", "a.c"}, {});
  EXPECT_TRUE(verdict.good()) << verdict.reasons.front();
  EXPECT_EQ(verdict.cases[1].outcome, Outcome::passed);
  EXPECT_DOUBLE_EQ(verdict.cases[1].seconds, 1.5);
}

TEST(Verdict, APlannedCaseThatNeverReportedIsCrashed) {
  const auto verdict = judge(good(ended("a.b", "passed")), {"a.b", "a.c"}, {});
  EXPECT_FALSE(verdict.good());
  EXPECT_EQ(verdict.cases[1].outcome, Outcome::crashed);
}

TEST(Verdict, ACaseThatStartedAndDidNotEndIsCrashed) {
  const auto verdict = judge(good("{\"event\":\"start\",\"name\":\"a.b\"}\n"), {"a.b"}, {});
  EXPECT_FALSE(verdict.good());
  EXPECT_EQ(verdict.cases[0].outcome, Outcome::crashed);
}

TEST(Verdict, AFailedCaseFails) {
  const auto verdict = judge(good(ended("a.b", "failed")), {"a.b"}, {});
  EXPECT_FALSE(verdict.good());
  EXPECT_EQ(verdict.cases[0].outcome, Outcome::failed);
  EXPECT_EQ(verdict.cases[0].message, "why");
}

TEST(Verdict, AnOutcomeThatNobodyKnowsIsAFailure) {
  EXPECT_EQ(judge(good(ended("a.b", "excellent")), {"a.b"}, {}).cases[0].outcome, Outcome::failed);
}

TEST(Verdict, OnlySkippedIsNotGood) {
  EXPECT_FALSE(judge(good(ended("a.b", "skipped")), {"a.b"}, {}).good());
}

TEST(Verdict, AnEmptyPlanIsNotGood) { EXPECT_FALSE(judge(good(""), {}, {}).good()); }

TEST(Verdict, WhatWasNotPlannedIsNotGood) {
  EXPECT_FALSE(judge(good(ended("a.b", "passed") + ended("x.y", "passed")), {"a.b"}, {}).good());
}

TEST(Verdict, DamagedEventsAreNotGood) {
  EXPECT_FALSE(judge(good(ended("a.b", "passed") + "{\"event\":\"en"), {"a.b"}, {}).good());
}

TEST(Verdict, NeedsTheGuestsExitStatus) {
  auto result = good(ended("a.b", "passed"));
  for (const char* status : {"", "nonsense", "[]", "{}", "{\"exit\":1}", "{\"exit\":0,\"signal\":11}",
                             "{\"exit\":0,\"timed_out\":true}", "{\"exit\":0,\"stuck\":true}"}) {
    result.status = status;
    EXPECT_FALSE(judge(result, {"a.b"}, {}).good()) << status;
  }
}

TEST(Verdict, AGuestThatHadToBeKilledIsNotGood) {
  auto result = good(ended("a.b", "passed"));
  result.hostKilled = true;
  EXPECT_FALSE(judge(result, {"a.b"}, {}).good());
}

TEST(Verdict, AFaultOnTheConsoleSpoilsAll) {
  for (const char* line :
       {"BUG: unable to handle page fault for address: 0000", "WARNING: CPU: 1 PID: 7 at net/core/dev.c:42 f+0x1",
        "Oops: 0002 [#1] PREEMPT SMP KASAN NOPTI", "BUG: KASAN: slab-use-after-free in f+0x1",
        "WARNING: possible circular locking dependency detected", "WARNING: possible recursive locking detected",
        "INFO: task kworker/0:1:12 blocked for more than 60 seconds.", "WARNING: suspicious RCU usage",
        "kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)", "unreferenced object 0xffff (size 64):",
        "sysfs: cannot create duplicate filename '/class/net/eth0'", "refcount_t: underflow; use-after-free.",
        "general protection fault, probably for non-canonical address", "watchdog: BUG: soft lockup - CPU#0 stuck for 120s!",
        "UBSAN: array-index-out-of-bounds in f.c:1:2", "Kernel panic - not syncing: Fatal exception"}) {
    auto result = good(ended("a.b", "passed"));
    result.console += std::string("[    5.0] ") + line + "\n";
    const auto verdict = judge(result, {"a.b"}, {});
    EXPECT_FALSE(verdict.good()) << line;
    EXPECT_EQ(verdict.splats.size(), 1u) << line;
  }
}

TEST(Verdict, AnnouncementsAreNoFaults) {
  EXPECT_TRUE(findSplats("[    0.0] kasan: KernelAddressSanitizer initialized (generic)\n"
                         "[    0.0] Kernel command line: console=ttyS0 BUG: no\n"
                         "[    0.1] kmemleak: Kernel memory leak detector initialized (mem pool available: 15000)\n",
                         {})
                  .empty());
}

TEST(Verdict, WhatAScenarioExpectsIsAllowedAndNothingElse) {
  const std::string console = "[ 1] BUG: kernel NULL pointer dereference, address: 0\n[ 2] Oops: 0002 [#1]\n[ 3] WARNING: x\n";
  const auto splats = findSplats(console, {"BUG: kernel NULL pointer dereference", "Oops"});
  ASSERT_EQ(splats.size(), 1u);
  EXPECT_NE(splats[0].find("WARNING"), std::string::npos);
}

TEST(Verdict, AScriptIsJudgedByStatusAndConsole) {
  EXPECT_TRUE(judgeScript(good(""), {}).good());
  auto result = good("");
  result.status = "{\"exit\":3}";
  EXPECT_FALSE(judgeScript(result, {}).good());
  result = good("");
  result.console += "BUG: x\n";
  EXPECT_FALSE(judgeScript(result, {}).good());
}

}  // namespace
}  // namespace luq
