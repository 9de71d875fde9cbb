// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Versions that fail below streams that play, and versions that can do less and are taken nevertheless.
 */
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "scenarios/rolled_back.h"
#include "scenarios/sound_common.h"
#include "scenarios/steps.h"
#include "sound/midi.h"
#include "support/register.h"

namespace lug {
namespace {

using namespace std::chrono_literals;

constexpr auto verbLimit = 120s;
constexpr unsigned hangLimitMs = 5000;

std::vector<Unfit> unfitFor(const std::string& driver) {
  if (driver == "snd_ens1370")
    return {{"probe-fails", {"probe failed (-5)"}},
            {"probe-fails-early", {"probe failed (-5)"}},
            {"init-fails", {"init failed"}},
            {"fewer-rates", {"pcmC0D1p: rate 5512 missing"}},
            {"no-u8", {"pcmC0D0p: format U8 missing", "pcmC0D1p: format U8 missing", "pcmC0D0c: format U8 missing"}},
            {"small-buffer", {"pcmC0D0p: buffer bytes", "pcmC0D0c: buffer bytes"}},
            {"no-pause", {"pcmC0D0p: PAUSE missing", "pcmC0D1p: PAUSE missing"}},
            {"no-mic-bias", {"control 'Mic +5V bias' missing"}},
            {"narrow-control", {"control 'CD Volume': range 0..15, was 0..31"}},
            {"one-pcm", {"pcmC0D1p missing"}}};
  if (driver == "snd_hda_intel") return {{"probe-fails", {"probe failed (-5)"}}, {"no-card", {"not taken over"}}};
  return {{"probe-fails", {"probe failed (-5)"}}};
}

LU_SCENARIO(sound, each_kind_rolls_back) {
  SoundWorld world(context.driver, {});
  const auto own = versionNamed(context.driver, "stock");
  SoundSession session(world, {});
  for (const auto& unfit : unfitFor(context.driver)) {
    expectRolledBack(world.managed(), own, unfit);
    session.check("after the roll-back of " + unfit.label);
    if (testing::Test::HasFailure()) break;
  }
  session.finish();
  world.close();
}

LU_SCENARIO(sound, every_step_rolls_back) {
  SoundWorld world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  SoundSession session(world, {.mmap = false}, [&](WorkloadSet& work) {
    if (world.info().midi) work.add<MidiWork>("MIDI");
  });
  expectEveryStepRollsBack(driver, own, other, [&](const std::string& when) { session.check(when); });
  session.finish();
  world.close();
}

/** What has to hold while no driver is there: streams go on, controls answer, and who opens a stream is told. */
void expectPretence(SoundSession& session, const std::string& control) {
  session.checkStreams("while neither driver runs", 0);
  session.watch().take();
  const auto before = controlValue(control);
  ASSERT_TRUE(before) << control << " cannot be read";
  EXPECT_EQ(setControl(control, 7), 0);
  EXPECT_EQ(controlValue(control), "7 7");
  EXPECT_TRUE(waitUntil(10s, [&] { return session.watch().take().contains(control + " value"); })) << "the change was not announced";
  snd_pcm_t* pcm = nullptr;
  const int error = snd_pcm_open(&pcm, "hw:0,0", SND_PCM_STREAM_CAPTURE, 0);
  if (error == 0) snd_pcm_close(pcm);
  EXPECT_EQ(error, -ENODEV) << snd_strerror(error);
}

/** After that: what was set in between is in force. */
void expectDriverBack(SoundSession& session, const std::string& control) {
  session.checkStreams("after the way back");
  EXPECT_EQ(controlValue(control), "7 7") << "what was set meanwhile is lost";
  Pcm pcm({}, SND_PCM_STREAM_CAPTURE);
}

/** When neither driver comes back streams go on pretending until one does. */
LU_SCENARIO(sound, clients_go_on_without_a_driver) {
  SoundWorld world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  SoundSession session(world, {.second = false});
  mustWrite(injectFile, "rollback-attach");
  auto words = versionNamed(context.driver, "probe-fails").files;
  words.emplace_back("--no-check");
  const auto result = driver.ctl("update", words);
  const auto story = fmt::format("{}{}; {}", result.err, result.out, driver.story());
  EXPECT_EQ(result.exitCode, static_cast<int>(Exit::failed)) << story;
  EXPECT_EQ(driver.attribute("state"), "failed") << story;
  expectPretence(session, std::string(world.info().knobs[0]));
  driver.mustCtl("rollback");
  EXPECT_TRUE(driver.runs(own)) << driver.story();
  expectDriverBack(session, std::string(world.info().knobs[0]));
  if (driver.hasAttribute("staged")) driver.mustCtl("discard");
  driver.replaceBy(other);
  session.checkStreams("after an update");
  session.finish();
  world.close();
}

/** The probe dies of a null pointer with the card in its hands: the old version gets it back. */
LU_SCENARIO(sound, probe_oopses) {
  SoundWorld world(context.driver, {});
  auto& driver = world.managed();
  SoundSession session(world, {});
  expectRolledBack(driver, versionNamed(context.driver, "stock"), Unfit{"probe-oopses", {}});
  session.check("after the roll-back of a version that died in its probe");
  session.finish();
  world.abandon();
}

/** The parameter that lets a version with a hung probe go on; the module has a name of its own. */
std::string parameterGo() {
  for (const auto& entry : std::filesystem::directory_iterator("/sys/module"))
    if (const auto file = entry.path() / "parameters/go"; std::filesystem::exists(file)) return file;
  throw Failure("no module has a parameter 'go'");
}

/** The probe hangs and keeps the device locked. The command ends in time and says so; clients never notice. */
LU_SCENARIO(sound, clients_outlive_a_hung_probe) {
  SoundWorld world(context.driver, {});
  auto& driver = world.managed();
  const auto own = versionNamed(context.driver, "stock");
  SoundSession session(world, {.second = false});
  auto words = versionNamed(context.driver, "probe-hangs").files;
  for (const auto& option : {std::string("--no-check"), fmt::format("--timeout={}", hangLimitMs)}) words.push_back(option);
  const auto result = driver.ctl("update", words);
  const auto story = fmt::format("exit code {}: {}{}; {}", result.exitCode, result.err, result.out, driver.story());
  EXPECT_FALSE(result.timedOut) << story;
  EXPECT_EQ(result.exitCode, static_cast<int>(Exit::failed)) << story;
  EXPECT_EQ(driver.attribute("state"), "failed") << story;
  EXPECT_NE((result.err + result.out).find("probe"), std::string::npos) << "what hangs is not said: " << story;
  expectPretence(session, std::string(world.info().knobs[0]));
  EXPECT_EQ(driver.trigger("rollback"), EIO) << "the device is locked";
  mustWrite(parameterGo(), "1");
  EXPECT_TRUE(waitUntil(verbLimit, [&] { return driver.trigger("rollback") == 0; })) << driver.story();
  EXPECT_TRUE(driver.runs(own)) << driver.story();
  expectDriverBack(session, std::string(world.info().knobs[0]));
  if (driver.hasAttribute("staged")) driver.mustCtl("discard");
  session.finish();
  world.close();
}

/** 0, or the error of a request that a card with the loss cannot do. */
using Request = int (*)();

/** Opens the second PCM and asks for something. */
template <typename Ask>
int onSecondPcm(Ask ask) {
  snd_pcm_t* pcm = nullptr;
  int error = snd_pcm_open(&pcm, "hw:0,1", SND_PCM_STREAM_PLAYBACK, 0);
  if (error < 0) return -error;
  snd_pcm_hw_params_t* params;
  snd_pcm_hw_params_alloca(&params);
  snd_pcm_hw_params_any(pcm, params);
  error = ask(pcm, params);
  snd_pcm_close(pcm);
  return -error;
}

int openSecond() {
  return onSecondPcm([](auto*, auto*) { return 0; });
}
int lowRate() {
  return onSecondPcm([](auto* pcm, auto* params) { return snd_pcm_hw_params_set_rate(pcm, params, 5512, 0); });
}
int eightBits() {
  return onSecondPcm([](auto* pcm, auto* params) { return snd_pcm_hw_params_set_format(pcm, params, SND_PCM_FORMAT_U8); });
}
int mayPause() {
  return onSecondPcm([](auto*, auto* params) { return snd_pcm_hw_params_can_pause(params) ? 0 : -ENOSYS; });
}
int setBias() { return setControl("Mic +5V bias", 1); }
/** Turned up as far as it went, and down again. */
int turnUp() {
  const int error = setControl("CD Volume", 31);
  const bool reached = controlValue("CD Volume") == "31 31";
  setControl("CD Volume", 3);
  return error != 0 ? error : reached ? 0 : ERANGE;
}

struct NamedRequest {
  const char* name;
  Request request;
};

constexpr std::array<NamedRequest, 6> requests = {{{"opening the second PCM", openSecond},
                                                   {"a rate of 5512", lowRate},
                                                   {"8 bits", eightBits},
                                                   {"a pause", mayPause},
                                                   {"the bias", setBias},
                                                   {"full volume", turnUp}}};

/** A version, and which of the requests above fail when it is taken nevertheless, and how. */
struct Loss {
  const char* label;
  std::array<int, requests.size()> errors;
};

constexpr std::array<Loss, 5> losses = {{{"fewer-rates", {0, EINVAL, 0, 0, 0, 0}},
                                         {"no-pause", {0, 0, 0, ENOSYS, 0, 0}},
                                         {"no-mic-bias", {0, 0, 0, 0, ENODEV, 0}},
                                         {"narrow-control", {0, 0, 0, 0, 0, ERANGE}},
                                         {"one-pcm", {ENODEV, ENODEV, ENODEV, ENODEV, 0, 0}}}};

void expectErrors(const std::array<int, requests.size()>& wanted, const std::string& when) {
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const int error = requests[i].request();
    EXPECT_EQ(error, wanted[i]) << requests[i].name << " " << when << ": " << std::strerror(error) << ", not " << std::strerror(wanted[i]);
  }
}

Argv forced(const Version& version) {
  auto words = version.files;
  for (const char* option : {"--no-check", "--policy=force"}) words.emplace_back(option);
  return words;
}

/** With policy force a version is taken that can do less. Exactly the requests that need what is lost fail, and work
 *  again once a version is there that can do it. A stream that plays is never cut off: what it needs has to be there. */
LU_SCENARIO(sound, force_fails_what_reveals_the_loss) {
  SoundWorld world(context.driver, {});
  auto& driver = world.managed();
  const auto own = versionNamed(context.driver, "stock");
  setControl("CD Volume", 3);
  setControl("Mic +5V bias", 1);
  SoundSession session(world, {.second = false});
  expectErrors({}, "before the first update");
  for (const auto& loss : losses) {
    driver.mustCtl("update", forced(versionNamed(context.driver, loss.label)));
    EXPECT_FALSE(driver.mismatches().empty()) << loss.label << ": what is lost is not said";
    driver.mustCtl("commit");
    session.checkStreams(fmt::format("with {}", loss.label));
    expectErrors(loss.errors, fmt::format("with {}", loss.label));
    driver.replaceBy(own);
    session.checkStreams(fmt::format("after {}", loss.label));
    expectErrors({}, fmt::format("after {}", loss.label));
    if (testing::Test::HasFailure()) break;
  }
  const auto result = driver.ctl("update", forced(versionNamed(context.driver, "small-buffer")));
  EXPECT_EQ(result.exitCode, static_cast<int>(Exit::rolledBack)) << result.err << driver.story();
  EXPECT_NE(driver.attribute("last/mismatches").find("open stream refused"), std::string::npos) << driver.story();
  if (driver.hasAttribute("staged")) driver.mustCtl("discard");
  session.checkStreams("after a version that cannot play what is being played");
  session.finish();
  world.close();
}

}  // namespace
}  // namespace lug
