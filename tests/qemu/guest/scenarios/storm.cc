// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Updates while somebody changes every setting as fast as it can: the last one asked for counts.
 */
#include <fmt/format.h>
#include <linux/ethtool.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>

#include "net/link_config.h"
#include "net/session.h"
#include "support/register.h"

namespace lug {
namespace {

using namespace std::chrono_literals;

constexpr int firstVlan = 100;
constexpr int vlans = 4;

/** What the storm asked for last and was told is done. */
struct Wanted {
  int mtu = 1500;
  std::array<std::uint8_t, 6> mac{};
  std::array<bool, vlans> vlan{};
  bool tso = true, gso = true;
  bool up = true;
};

/** Changes settings at random until stopped. Refusals that say "busy" are allowed and counted. */
class ConfigStorm : public Workload {
 public:
  ConfigStorm(const Wire& wire, std::array<std::uint8_t, 6> mac, unsigned seed)
      : Workload("storm"), config_(wire.device), random_(seed) {
    wanted_.mac = mac;
    wanted_.tso = config_.feature(ETHTOOL_GTSO) == 1;
    wanted_.gso = config_.feature(ETHTOOL_GGSO) == 1;
    tsoWorks_ = config_.setFeature(ETHTOOL_STSO, wanted_.tso) == 0 && wanted_.tso;
    gsoWorks_ = wanted_.gso;  // a card that cannot gather takes the request, and leaves it off
  }
  void start() override {
    spawn(Side::dut, [this] {
      while (!stopping()) step();
    });
  }
  const Wanted& wanted() const { return wanted_; }
  Json measured() const override {
    return Json{{"changes", progress()}, {"busy", busy_.load()}};
  }
  LinkConfig& config() { return config_; }

 private:
  /** @p error of a request: done, busy, or a problem. True when it was done. */
  bool done(const char* what, int error) {
    if (error == 0) {
      advance();
      return true;
    }
    if (error == EBUSY) ++busy_;
    else problem(fmt::format("{}: {}", what, std::strerror(error)));
    return false;
  }

  void step() {
    switch (std::uniform_int_distribution(0, 5)(random_)) {
      case 0: return changeMtu();
      case 1: return changeMac();
      case 2: return changeVlan();
      case 3: return changeTso();
      case 4: return changeGso();
      default: return changeUp();
    }
  }
  void changeMtu() {
    const int mtu = std::uniform_int_distribution(1000, 1500)(random_);
    if (done("MTU", config_.setMtu(mtu))) wanted_.mtu = mtu;
  }
  void changeMac() {
    auto mac = wanted_.mac;
    mac[4] = static_cast<std::uint8_t>(std::uniform_int_distribution(16, 255)(random_));
    // Not all drivers take a new address while they are up: down first, as a user would have to.
    if (wanted_.up && !done("down", config_.setUp(false))) return;
    if (wanted_.up) wanted_.up = false;
    if (done("MAC", config_.setMac(mac))) wanted_.mac = mac;
  }
  void changeVlan() {
    const int index = std::uniform_int_distribution(0, vlans - 1)(random_);
    bool& there = wanted_.vlan[static_cast<std::size_t>(index)];
    const int id = firstVlan + index;
    if (done("VLAN", there ? config_.removeVlan(id) : config_.addVlan(id))) there = !there;
  }
  void changeTso() {
    if (tsoWorks_ && done("TSO", config_.setFeature(ETHTOOL_STSO, !wanted_.tso))) wanted_.tso = !wanted_.tso;
  }
  void changeGso() {
    if (gsoWorks_ && done("GSO", config_.setFeature(ETHTOOL_SGSO, !wanted_.gso))) wanted_.gso = !wanted_.gso;
  }
  void changeUp() {
    if (done(wanted_.up ? "down" : "up", config_.setUp(!wanted_.up))) wanted_.up = !wanted_.up;
  }

  LinkConfig config_;
  std::mt19937 random_;
  Wanted wanted_;
  bool tsoWorks_ = false, gsoWorks_ = false;
  std::atomic<unsigned> busy_{0};
};

std::string text(const std::array<std::uint8_t, 6>& mac) { return fmt::format("{:02x}", fmt::join(mac, ":")); }

std::array<std::uint8_t, 6> parseMac(const std::string& words) {
  std::array<std::uint8_t, 6> mac{};
  const auto parts = split(words, ':');
  for (std::size_t i = 0; i < mac.size(); ++i) mac[i] = static_cast<std::uint8_t>(std::stoul(parts.at(i), nullptr, 16));
  return mac;
}

void expectInForce(const Wire& wire, ConfigStorm& storm, const std::string& when) {
  const auto& wanted = storm.wanted();
  const auto base = "/sys/class/net/" + wire.device + "/";
  EXPECT_EQ(mustRead(base + "mtu"), std::to_string(wanted.mtu)) << when;
  EXPECT_EQ(mustRead(base + "address"), text(wanted.mac)) << when;
  EXPECT_EQ((std::stoul(mustRead(base + "flags"), nullptr, 16) & 1) != 0, wanted.up) << when;
  EXPECT_EQ(storm.config().feature(ETHTOOL_GTSO) == 1, wanted.tso) << when;
  EXPECT_EQ(storm.config().feature(ETHTOOL_GGSO) == 1, wanted.gso) << when;
  for (int i = 0; i < vlans; ++i)
    EXPECT_EQ(slurp(fmt::format("/sys/class/net/{}.{}/ifindex", wire.device, firstVlan + i)).has_value(),
              wanted.vlan[static_cast<std::size_t>(i)]) << when << ", VLAN " << firstVlan + i;
}

/** The settings in the kernel's books are one thing; that the card works by them is another. */
void expectCardWorks(World& world, ConfigStorm& storm) {
  const auto& wire = world.wire();
  ASSERT_EQ(storm.config().setUp(true), 0);
  world.awaitLink(30s);  // unicast to the last MAC arrives
  int id = firstVlan;
  while (id < firstVlan + vlans && !storm.wanted().vlan[static_cast<std::size_t>(id - firstVlan)]) ++id;
  if (id == firstVlan + vlans) {
    ASSERT_EQ(storm.config().addVlan(--id), 0);
  }
  const auto vlan = fmt::format("{}.{}", wire.device, id);
  mustRun(fmt::format("ip address add 10.99.0.1/24 dev {}", vlan));
  mustRun(fmt::format("ip link set {} up", vlan));
  mustRun(fmt::format("ip -n peer link add link {0} name pv type vlan id {1}", wire.peerDevice, id));
  mustRun("ip -n peer address add 10.99.0.2/24 dev pv");
  mustRun("ip -n peer link set pv up");
  EXPECT_TRUE(waitUntil(20s, [] { return run({"busybox", "ping", "-c", "1", "-W", "1", "10.99.0.2"}).exitCode == 0; }))
      << "nothing passes on VLAN " << id;
  mustRun("ip -n peer link del pv");
}

LU_SCENARIO(net, config_storm) {
  World world(context.driver, {});
  auto& driver = world.managed();
  const auto [own, other] = twoRealVersions(context.driver);
  const auto wire = world.wire();
  must({"modprobe", "8021q"});
  const unsigned seed = std::random_device()();
  note(fmt::format("seed {}", seed));
  testing::Test::RecordProperty("seed", std::to_string(seed));
  WorkloadSet set;
  auto& storm = set.add<ConfigStorm>(wire, parseMac(mustRead("/sys/class/net/" + wire.device + "/address")), seed);
  set.start();
  for (unsigned i = 0; i < context.count; ++i) {
    driver.replaceBy(i % 2 == 0 ? other : own);
    expectNone("after an update", set.awaitProgress(progressLimit));
    if (testing::Test::HasFailure()) break;
  }
  set.stop();
  note(set.measured().dump());
  expectNone("storm", set.problems());
  EXPECT_GT(storm.progress(), context.count);
  expectInForce(wire, storm, "after the storm");
  driver.replaceBy(other);
  expectInForce(wire, storm, "after a quiet update");
  expectCardWorks(world, storm);
  for (int i = 0; i < vlans; ++i) run({"ip", "link", "del", fmt::format("{}.{}", wire.device, firstVlan + i)});
  world.close();
}

}  // namespace
}  // namespace lug
