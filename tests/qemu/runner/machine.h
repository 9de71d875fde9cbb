// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * One boot of one guest under QEMU: command line, ports, time limit, what came back.
 */
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "util.h"

namespace luq {

/** A network card: QEMU's device model and the hub (a shared wire) that it sits on. */
struct Nic {
  std::string model;
  unsigned hub = 0;
  std::string mac;
  std::string options;      ///< further device properties
  unsigned queues = 1;      ///< more than one: on a private tap instead of the hub
};

/** A disk, empty at the start unless an earlier boot's is kept: QEMU's device model, and the controller that it needs, if any. */
struct Disk {
  std::string model;
  std::string controller;  ///< added once for all disks that name the same
  std::string serial;      ///< empty: it has none of its own
  unsigned sizeMiB = 256;
  std::string backing = {};  ///< QEMU's -drive properties of what stands behind it; empty: a file
};

/** A sound card. */
struct SoundCard {
  std::string model;       ///< QEMU's device model of what plays
  std::string controller;  ///< what it hangs on, if that is not the machine's own bus
  bool hears = true;       ///< what it plays goes to a file; otherwise it can record, silence
};

/** What to boot and what to run in it. */
struct BootPlan {
  fs::path kernel;
  fs::path initramfs;
  std::string accelerator = "tcg";
  std::string machine = "pc";  ///< QEMU's machine type
  unsigned cpus = 2;
  std::string cpuProperties;   ///< of an emulated one, as ",-rdrand"
  unsigned memoryMiB = 1024;
  std::vector<Nic> nics;
  std::vector<Disk> disks;
  std::optional<SoundCard> sound;
  std::string kernelArguments;
  std::vector<std::string> qemuArguments;
  std::vector<std::string> command;            ///< argv, run in the guest as root
  std::map<std::string, std::string> environment;
  Seconds commandLimit{300};                   ///< the guest ends the command after this
  Seconds bootLimit{120};                      ///< allowance for the boot on top
  Seconds powerOffLimit{90};                   ///< from the guest's report to the end of QEMU
  bool disksOfEarlierBoot = false;             ///< the images that a boot with keepDisks left in the folder
  bool keepDisks = false;                      ///< leave the images for another boot
  /** Looks at all events so far: true is the moment to cut the power. The guest is held while it is asked a
   *  second time, so what it says is what was so at the cut. */
  std::function<bool(std::string_view events)> cutWhen;
  bool resetAtEnd = false;                     ///< reset instead of power-off: for a kernel that is stuck
  bool interrogate = true;                     ///< a guest that is silent at its limit is made to say what it does
  fs::path folder;                             ///< console and port files are left here
};

/** What one boot left behind. */
struct BootResult {
  std::string qemuCommand;
  std::string console;
  std::string events;
  std::string log;
  std::string status;      ///< the guest's own report; empty when it never came
  int qemuExit = -1;
  bool cut = false;        ///< cutWhen said so
  bool hostKilled = false; ///< the host's limit struck: the guest was dead or stuck
  std::chrono::milliseconds took{0};
};

/** Where a boot in @p folder leaves what its sound card played. */
fs::path soundFile(const fs::path& folder);

/** Called with each new piece of the guest's plain log. */
using LogSink = std::function<void(std::string_view)>;

/** Boot, run, wait for power-off or the limit. Throws Error when QEMU cannot be started. */
BootResult boot(const BootPlan& plan, const LogSink& sink = {});

/**
 * The accelerator that really boots a guest here. The presence of /dev/kvm says nothing: a probe
 * guest is booted. LU_ACCEL overrides; the outcome is remembered until the machine restarts.
 */
std::string chooseAccelerator(const fs::path& kernel, const fs::path& init);

}  // namespace luq
