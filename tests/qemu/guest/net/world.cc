// SPDX-License-Identifier: GPL-2.0
#include "world.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

namespace lug {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/** Time limit of an update: what takes a second on real hardware takes many when all of it, and other
 *  guests beside it, is emulated. Tests of the limit itself set their own. */
constexpr const char* emulationLimitMs = "60000";
constexpr auto appearLimit = 30s;
constexpr auto linkLimit = 30s;

std::string dutAddress(unsigned i) { return fmt::format("10.{}.0.1", 10 + i); }
std::string peerAddress(unsigned i) { return fmt::format("10.{}.0.2", 10 + i); }

std::string awaitInterface(const std::string& mac) {
  std::string name;
  if (!waitUntil(appearLimit, [&] { return !(name = interfaceByMac(mac)).empty(); }))
    throw Failure("no interface with address " + mac);
  return name;
}

bool namespaceExists() { return access(fmt::format("/run/netns/{}", peerNamespace).c_str(), F_OK) == 0; }

/** Give @p driver all PCI devices with "VENDOR DEVICE" @p id, whether its table knows them or not. */
void overrideDriver(const std::string& driver, const std::string& id) {
  for (const auto& entry : std::filesystem::directory_iterator("/sys/bus/pci/devices")) {
    const auto folder = entry.path().string();
    const auto found = mustRead(folder + "/vendor").substr(2) + " " + mustRead(folder + "/device").substr(2);
    if (found != id) continue;
    mustWrite(folder + "/driver_override", driver);
    mustWrite("/sys/bus/pci/drivers_probe", entry.path().filename().string());
  }
}

}  // namespace

std::string interfaceByMac(const std::string& mac) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator("/sys/class/net", failed)) {
    const auto name = entry.path().filename().string();
    if (fs::exists(entry.path() / "device") && slurp(entry.path() / "address") == mac) return name;
  }
  return {};
}

World::World(const std::string& driver, const Options& options) : options_(options), managed_(driver) {
  const auto* info = luq::findDriver(driver);
  if (info == nullptr) throw Failure("unknown driver " + driver);
  info_.driver = driver;
  info_.peerModule = info->peerModule;
  try {
    takePeers();
    loadDependencies(driver);
    if (options.managed) {
      loadLiveUpdate();
      managed_.mustCtl("manage");
    }
    loadDriver(options.version);
    if (!options.addedId.empty()) mustWrite(fmt::format("/sys/bus/pci/drivers/{}/new_id", driver), options.addedId);
    if (!options.overriddenId.empty()) overrideDriver(driver, options.overriddenId);
    if (options.managed && managed_.write("timeout_ms", emulationLimitMs) != 0)
      throw Failure("cannot set the time limit of an update");
    configure();
    note(fmt::format("{} ({}) runs, {} wires work", driver, options.version, wires_.size()));
  } catch (...) {
    returnPeers();  // the destructor will not run
    throw;
  }
}

World::~World() {
  if (!open_) return;
  try {
    close();
  } catch (const std::exception& e) {
    note(fmt::format("taking the network down: {}", e.what()));
    returnPeers();
  }
}

void World::takePeers() {
  must({"modprobe", info_.peerModule});
  must({"ip", "netns", "add", peerNamespace});
  mustRun("ip -n peer link set lo up");
  for (unsigned i = 0; i < options_.wires; ++i) {
    const auto found = awaitInterface(luq::peerMac(i));
    const auto name = fmt::format("p{}", i);
    must({"ip", "link", "set", found, "name", name, "netns", peerNamespace});
    mustRun(fmt::format("ip -n peer address add {}/24 dev {}", peerAddress(i), name));
    mustRun(fmt::format("ip -n peer address add fd00:{}::2/64 dev {} nodad", 10 + i, name));
    mustRun(fmt::format("ip -n peer link set {} up", name));
  }
}

/** Explicitly, as a socket that is still open somewhere keeps the namespace and its cards alive. */
void World::returnPeers() {
  if (!namespaceExists()) return;
  for (unsigned i = 0; i < options_.wires; ++i)
    run({"ip", "-n", peerNamespace, "link", "set", fmt::format("p{}", i), "netns", "1"});
  run({"ip", "netns", "del", peerNamespace});
}

bool World::hasVersions() const { return !versionsOf(driver()).empty(); }

void World::loadDriver(const std::string& label) {
  if (label == "stock" && !hasVersion(driver(), label)) must({"modprobe", driver()});
  else must({"insmod", versionNamed(driver(), label).path});
}

void World::configure() {
  wires_.clear();
  for (unsigned i = 0; i < options_.wires; ++i) {
    Wire wire;
    wire.device = awaitInterface(luq::dutMac(i));
    wire.ifindex = std::stoi(mustRead("/sys/class/net/" + wire.device + "/ifindex"));
    wire.dutAddress = dutAddress(i);
    wire.peerAddress = peerAddress(i);
    wire.peerDevice = fmt::format("p{}", i);
    mustRun(fmt::format("ip address add {}/24 dev {}", wire.dutAddress, wire.device));
    mustRun(fmt::format("ip address add fd00:{}::1/64 dev {} nodad", 10 + i, wire.device));
    mustRun(fmt::format("ip link set {} up", wire.device));
    wires_.push_back(wire);
  }
  awaitLink(linkLimit);
}

void World::awaitLink(milliseconds limit) {
  for (const auto& wire : wires_) {
    // The operational state follows the carrier late; for a driver that never reports its link it is "unknown".
    const bool linked = waitUntil(limit, [&] {
      const auto folder = "/sys/class/net/" + wire.device;
      return slurp(folder + "/carrier") == "1" && slurp(folder + "/operstate") != "down";
    });
    if (!linked) throw Failure(wire.device + " has no link");
    const bool answered = waitUntil(limit, [&] {
      return run({"busybox", "ping", "-c", "1", "-W", "1", wire.peerAddress}).exitCode == 0;
    });
    if (!answered) throw Failure(wire.peerAddress + " does not answer");
  }
  const bool settled = waitUntil(limit, [] { return mustRun("ip -6 address show tentative").empty(); });
  if (!settled) throw Failure("IPv6 addresses stay tentative: " + mustRun("ip -6 address show tentative"));
}

std::vector<std::string> World::devices() const {
  std::vector<std::string> names;
  for (const auto& wire : wires_) names.push_back(wire.device);
  return names;
}

void World::close() {
  open_ = false;
  if (options_.managed && managed_.hasAttribute("state")) {
    // Ends a kept or staged generation, if there is one: either refusal is fine.
    managed_.trigger("commit");
    managed_.trigger("discard");
  }
  if (access(("/sys/module/" + driver()).c_str(), F_OK) == 0) must({"rmmod", driver()});
  if (options_.managed) unloadLiveUpdate();
  returnPeers();
}

}  // namespace lug
