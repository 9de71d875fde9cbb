// SPDX-License-Identifier: GPL-2.0
#include "catalogue.h"

#include <cstdio>

#include "sound_files.h"

namespace luq {

namespace {

using Names = std::vector<std::string_view>;

const Names disks = {"virtio_blk", "virtio_scsi", "ata_piix", "ahci", "libata", "sd_mod", "nvme", "nvme_core"};
const Names cards = {"snd_ens1370", "snd_intel8x0", "snd_ac97_codec", "snd_hda_intel", "snd_hda_core"};
const Names cardsWithMidi = {"snd_ens1370"};
/** Two clients can play at the same time. */
const Names cardsForTwo = {"snd_ens1370"};
const Names all = {"e1000", "e1000e", "pcnet32", "virtio_net"};

// Warnings that drivers of 6.12 earn without us. e1000 unmaps what it never mapped when its probe fails;
// pcnet32 frees coherent memory with interrupts off when its rings change.
constexpr std::string_view unmapsNull = "iounmap+", freesInterruptsOff = "dma_free_attrs+";

// What the debug kernel says of what is meant: buffers of PCMs, which clients have mapped, stay while drivers change.
constexpr std::string_view keepsBuffers = "dma_debug_device_change+";

// 6.1's nvme, whose setup fails, takes itself off the device first and frees its memory for DMA then.
constexpr std::string_view freesLate = "dma_debug_device_change+";

/** With that, its own programs. */
std::vector<std::string> withSoundTools() {
  auto names = soundFiles();
  names.insert(names.end(), {"aplay", "arecord", "amixer"});
  return names;
}

const std::vector<Scenario>& table() {
  static const std::vector<Scenario> rows = {
      {.suite = "selftest", .name = "traffic_without_update", .group = "selftest", .on = all, .limitSeconds = 180},
      {.suite = "selftest", .name = "reload_is_detected", .group = "selftest", .on = {"e1000"}, .limitSeconds = 180},
      {.suite = "selftest", .name = "flap_is_detected", .group = "selftest", .on = {"e1000"}, .limitSeconds = 180},
      {.suite = "net", .name = "updates_under_traffic", .group = "update", .on = all, .limitSeconds = 1200,
       .checkCount = 4, .soakCount = 100},
      {.suite = "net", .name = "staged_by_insmod", .group = "update", .on = all, .limitSeconds = 120},
      {.suite = "net", .name = "rollback_after_success", .group = "update", .on = all, .limitSeconds = 180,
       .checkCount = 1, .soakCount = 20},
      {.suite = "net", .name = "discard_leaves_no_trace", .group = "verbs", .on = {"e1000", "virtio_net"}, .limitSeconds = 120},
      {.suite = "net", .name = "everything_unloads", .group = "verbs", .on = {"e1000", "virtio_net"}, .limitSeconds = 180},
      {.suite = "net", .name = "ids_added_by_hand", .group = "verbs", .on = {"e1000"}, .limitSeconds = 180},
      {.suite = "net", .name = "driver_by_override", .group = "verbs", .on = {"e1000"}, .limitSeconds = 180},
      {.suite = "net", .name = "several_cards", .group = "several", .on = {"e1000", "virtio_net"}, .limitSeconds = 240,
       .checkCount = 2, .soakCount = 20, .wires = 4},
      {.suite = "net", .name = "state_is_preserved", .group = "state", .on = all, .limitSeconds = 240,
       .checkCount = 2, .soakCount = 20, .allow = {freesInterruptsOff}},
      {.suite = "net", .name = "xdp_is_preserved", .group = "state", .on = {"e1000", "virtio_net"}, .limitSeconds = 180},
      {.suite = "net", .name = "namespace_is_kept", .group = "state", .on = {"e1000", "virtio_net"}, .limitSeconds = 120},
      {.suite = "net", .name = "bridge_and_bond", .group = "stacked", .on = {"e1000", "virtio_net"}, .limitSeconds = 240,
       .checkCount = 2, .soakCount = 20, .wires = 2},
      {.suite = "net", .name = "config_storm", .group = "storm", .on = all, .limitSeconds = 240,
       .checkCount = 3, .soakCount = 20},
      {.suite = "input", .name = "bad_commands", .group = "input", .on = {"e1000"}, .limitSeconds = 180},
      {.suite = "input", .name = "bad_files", .group = "input", .on = {"e1000"}, .limitSeconds = 240},
      {.suite = "input", .name = "bad_writes", .group = "input", .on = {"e1000"}, .limitSeconds = 120},
      {.suite = "input", .name = "busy", .group = "input", .on = {"e1000"}, .limitSeconds = 180},
      {.suite = "input", .name = "no_sleep_during_update", .group = "input", .on = {"e1000"}, .limitSeconds = 120},
      {.suite = "input", .name = "concurrent_updates", .group = "input", .on = {"e1000"}, .limitSeconds = 180,
       .checkCount = 3, .soakCount = 30},
      {.suite = "input", .name = "loaded_before_managed", .group = "input", .on = {"e1000"}, .limitSeconds = 120},
      {.suite = "rollback", .name = "each_kind", .group = "rollback", .on = all, .limitSeconds = 400,
       .allow = {unmapsNull}},
      {.suite = "rollback", .name = "force_goes_on", .group = "rollback", .on = {"e1000"}, .limitSeconds = 120},
      {.suite = "rollback", .name = "several_cards_all_or_none", .group = "several", .on = {"e1000", "virtio_net"},
       .limitSeconds = 180, .wires = 4, .allow = {unmapsNull}},
      {.suite = "rollback", .name = "fewer_queues", .group = "queues", .on = {"virtio_net"}, .limitSeconds = 120,
       .wideCard = true},
      {.suite = "inject", .name = "every_step_rolls_back", .group = "inject", .on = {"e1000", "virtio_net"}, .limitSeconds = 300,
       .allow = {unmapsNull}},
      {.suite = "inject", .name = "failed_and_recovered", .group = "inject", .on = {"e1000", "virtio_net"}, .limitSeconds = 180,
       .allow = {unmapsNull}},
      {.suite = "fault", .name = "remove_leaks", .group = "fault", .on = {"e1000"}, .limitSeconds = 180},
      {.suite = "fault", .name = "slow_probe", .group = "fault", .on = {"e1000"}, .limitSeconds = 180},
      {.suite = "fault", .name = "probe_hangs", .group = "probe-hangs", .on = {"e1000"}, .limitSeconds = 240,
       .allow = {"blocked for more than"}, .mayNotPowerOff = true},
      {.suite = "fault", .name = "probe_hangs_on_hardware", .group = "probe-hangs-hw", .on = {"e1000"}, .limitSeconds = 240,
       .allow = {"blocked for more than"}, .mayNotPowerOff = true},
      {.suite = "fault", .name = "probe_oopses", .group = "probe-oopses", .on = {"e1000"}, .limitSeconds = 240,
       .allow = {"BUG: kernel NULL pointer dereference", "Oops", "general protection fault",
                 "KASAN: null-ptr-deref"},
       .mayNotPowerOff = true},
      {.suite = "fault", .name = "exit_hangs", .group = "exit-hangs", .on = {"e1000"}, .limitSeconds = 240,
       .allow = {"blocked for more than"}, .mayNotPowerOff = true},
      {.suite = "block", .name = "updates_under_io", .group = "disk", .on = disks, .limitSeconds = 900,
       .checkCount = 4, .soakCount = 100},
      {.suite = "block", .name = "rollback_after_success", .group = "disk", .on = disks, .limitSeconds = 180,
       .checkCount = 1, .soakCount = 20},
      {.suite = "block", .name = "set_goes_together", .group = "disk-set", .on = {"libata"}, .limitSeconds = 240},
      {.suite = "block", .name = "several_disks", .group = "disks", .on = {"virtio_blk", "sd_mod", "nvme"}, .limitSeconds = 240,
       .checkCount = 4, .soakCount = 20, .wires = 4},
      {.suite = "block", .name = "settings_and_users_stay", .group = "disk-settings", .on = {"virtio_blk", "sd_mod", "nvme"},
       .limitSeconds = 180, .wires = 2},
      {.suite = "block", .name = "each_kind_rolls_back", .group = "disk-rollback", .on = disks, .limitSeconds = 300,
       .allow = {freesLate}},
      {.suite = "block", .name = "more_queues_stay_idle", .group = "disk-queues", .on = {"virtio_blk", "virtio_scsi"},
       .limitSeconds = 180},
      {.suite = "block", .name = "another_disk_rolls_back", .group = "disk-two", .on = {"virtio_scsi"},
       .limitSeconds = 180, .wires = 2},
      {.suite = "block", .name = "several_namespaces_are_refused", .group = "disk-namespaces", .on = {"nvme", "nvme_core"},
       .limitSeconds = 120, .secondNamespace = true},
      {.suite = "block", .name = "ata_settings_stay", .group = "disk-ata", .on = {"ata_piix"}, .limitSeconds = 180},
      {.suite = "block", .name = "every_step_rolls_back", .group = "disk-inject", .on = disks, .limitSeconds = 300},
      {.suite = "block", .name = "requests_wait_for_a_driver", .group = "disk-inject", .on = disks, .limitSeconds = 180},
      {.suite = "block", .name = "root_and_swap", .group = "disk-root", .on = disks, .limitSeconds = 400,
       .checkCount = 2, .soakCount = 20, .wires = 2},
      {.suite = "block", .name = "fio_and_compiler", .group = "disk-tools", .on = disks, .limitSeconds = 400,
       .checkCount = 3, .soakCount = 50, .programs = {"fio", "tcc"}},
      {.suite = "block", .name = "root_outlives_failures", .group = "disk-root-failures", .on = {"virtio_blk"},
       .limitSeconds = 300},
      {.suite = "block", .name = "force_fails_what_reveals_the_loss", .group = "disk-force", .on = {"virtio_blk"},
       .limitSeconds = 180},
      {.suite = "block", .name = "root_outlives_oops", .group = "disk-root-oops",
       .on = {"virtio_blk", "virtio_scsi", "ata_piix"}, .limitSeconds = 240,
       .allow = {"BUG: kernel NULL pointer dereference", "Oops", "general protection fault",
                 "KASAN: null-ptr-deref"},
       .mayNotPowerOff = true},
      {.suite = "block", .name = "root_waits_for_a_hung_probe", .group = "disk-root-hangs", .on = {"virtio_blk"},
       .limitSeconds = 240, .allow = {"blocked for more than"}},
      {.suite = "block", .name = "stacked_devices", .group = "disk-stacked", .on = disks, .limitSeconds = 300,
       .checkCount = 4, .soakCount = 50},
      {.suite = "block", .name = "power_cut", .group = "disk-power", .on = disks, .limitSeconds = 240,
       .powerCut = true},
      {.suite = "block", .name = "pulled_in_mid_update", .group = "disk-pulled", .on = {"virtio_blk"},
       .limitSeconds = 240, .wires = 3, .machine = "pc"},
      {.suite = "block", .name = "controller_pulled_without_driver", .group = "disk-hba-pulled", .on = {"virtio_scsi"},
       .limitSeconds = 180, .machine = "pc"},
      {.suite = "block", .name = "controller_pulled_earlier", .group = "disk-hba-pulled3", .on = {"virtio_scsi"},
       .limitSeconds = 180, .machine = "pc"},
      {.suite = "block", .name = "controller_pulled_in_mid_update", .group = "disk-hba-pulled2", .on = {"virtio_scsi"},
       .limitSeconds = 180, .machine = "pc"},
      {.suite = "block", .name = "loss_is_detected", .group = "disk-loss", .on = {"virtio_blk"}, .limitSeconds = 120,
       .mayNotPowerOff = true},
      {.suite = "sound", .name = "updates_under_playback", .group = "sound", .on = cards, .limitSeconds = 900,
       .checkCount = 4, .soakCount = 100, .allow = {keepsBuffers}, .programs = soundFiles()},
      {.suite = "sound", .name = "rollback_after_success", .group = "sound", .on = cards, .limitSeconds = 300,
       .checkCount = 1, .soakCount = 20, .allow = {keepsBuffers}, .programs = soundFiles()},
      {.suite = "sound", .name = "states_stay", .group = "sound", .on = cardsForTwo, .limitSeconds = 120,
       .allow = {keepsBuffers}, .programs = soundFiles()},
      {.suite = "sound", .name = "everything_unloads", .group = "sound", .on = cards, .limitSeconds = 120,
       .allow = {keepsBuffers}, .programs = soundFiles()},
      {.suite = "sound", .name = "records_on", .group = "sound-record", .on = cards, .limitSeconds = 600,
       .checkCount = 2, .soakCount = 50, .allow = {keepsBuffers}, .programs = soundFiles(), .hears = false},
      {.suite = "sound", .name = "arecord_records_on", .group = "sound-record-tools", .on = cards, .limitSeconds = 180,
       .allow = {keepsBuffers}, .programs = withSoundTools(), .hears = false},
      {.suite = "sound", .name = "refused_while_in_use", .group = "sound-record", .on = cards, .limitSeconds = 120,
       .allow = {keepsBuffers}, .programs = soundFiles(), .hears = false},
      {.suite = "sound", .name = "several_clients", .group = "sound-tools", .on = cards, .limitSeconds = 300,
       .checkCount = 2, .soakCount = 4, .allow = {keepsBuffers}, .programs = withSoundTools()},
      {.suite = "sound", .name = "controls_change_throughout", .group = "sound-tools", .on = cards, .limitSeconds = 600,
       .checkCount = 2, .soakCount = 50, .allow = {keepsBuffers}, .programs = withSoundTools()},
      {.suite = "sound", .name = "midi_stays_open", .group = "sound-midi", .on = cardsWithMidi, .limitSeconds = 400,
       .checkCount = 2, .soakCount = 50, .allow = {keepsBuffers}, .programs = soundFiles()},
      {.suite = "sound", .name = "each_kind_rolls_back", .group = "sound-rollback", .on = cards, .limitSeconds = 240,
       .allow = {keepsBuffers}, .programs = soundFiles()},
      {.suite = "sound", .name = "every_step_rolls_back", .group = "sound-inject", .on = cards, .limitSeconds = 240,
       .allow = {keepsBuffers}, .programs = soundFiles()},
      {.suite = "sound", .name = "clients_go_on_without_a_driver", .group = "sound-inject", .on = cards, .limitSeconds = 120,
       .allow = {keepsBuffers}, .programs = soundFiles()},
      {.suite = "sound", .name = "force_fails_what_reveals_the_loss", .group = "sound-force", .on = {"snd_ens1370"},
       .limitSeconds = 240, .allow = {keepsBuffers}, .programs = soundFiles()},
      {.suite = "sound", .name = "probe_oopses", .group = "sound-oops",
       .on = {"snd_ens1370", "snd_intel8x0"}, .limitSeconds = 120,
       .allow = {keepsBuffers, "BUG: kernel NULL pointer dereference", "Oops", "general protection fault",
                 "KASAN: null-ptr-deref"},
       .mayNotPowerOff = true, .programs = soundFiles()},
      {.suite = "sound", .name = "clients_outlive_a_hung_probe", .group = "sound-hangs",
       .on = {"snd_ens1370", "snd_intel8x0"}, .limitSeconds = 240, .allow = {keepsBuffers, "blocked for more than"}, .programs = soundFiles()},
      {.suite = "sound", .name = "loss_is_detected", .group = "sound-loss", .on = cardsForTwo, .limitSeconds = 120,
       .allow = {keepsBuffers}, .mayNotPowerOff = true, .programs = soundFiles()},
  };
  return rows;
}

std::string mac(unsigned side, unsigned index) {
  char text[18];
  std::snprintf(text, sizeof text, "52:54:00:00:%02x:%02x", side & 0xff, (index + 1) & 0xff);
  return text;
}

}  // namespace

std::string Scenario::fullName(std::string_view driver) const {
  return std::string(suite) + "." + std::string(name) + "[" + std::string(driver) + "]";
}

std::span<const Scenario> scenarios() { return table(); }

const Driver* findDriver(std::string_view name) {
  for (const auto& driver : drivers)
    if (driver.name == name) return &driver;
  return nullptr;
}

std::vector<std::string_view> diskDriversOf(std::string_view driver) {
  std::vector<std::string_view> parts;
  for (const auto module : findDriver(driver)->modules)
    if (module != driver && findDriver(module) != nullptr) parts.push_back(module);
  return parts.empty() ? std::vector{driver} : parts;
}

unsigned disksFor(std::string_view driver, unsigned wanted) {
  const auto parts = static_cast<unsigned>(diskDriversOf(driver).size());
  return (wanted + parts - 1) / parts * parts;
}

std::string dutMac(unsigned index) { return mac(1, index); }
std::string peerMac(unsigned index) { return mac(2, index); }
std::string diskSerial(unsigned index) { return "LUDISK" + std::to_string(index); }

}  // namespace luq
