// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * All scenarios, known to both sides: the host plans boots with it, the guest registers tests.
 */
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace luq {

/** A driver under test, QEMU's model of its card, and the partner on the other end of the wire. For a
 *  driver of disks: QEMU's model of a disk, where {} stands for its number, and of what it hangs on. For a
 *  driver of sound cards: QEMU's model of what is heard, and of the bus that it hangs on. */
struct Driver {
  std::string_view name;
  std::string_view model;
  std::string_view peerModel = {};
  std::string_view peerModule = {};
  std::string_view options = {};  ///< further properties of the card
  bool disk = false;
  bool sound = false;
  std::string_view controller = {};  ///< one for all disks; empty: none, or the machine has it
  std::string_view machine = {};     ///< QEMU's machine, where only one kind has the controller
  /** Modules that make disks or parts of cards on the driver's behalf, as they are loaded. */
  std::array<std::string_view, 3> libraries = {};
  /** Modules that are replaced together, as they are loaded; each that is a driver of disks has one. */
  std::array<std::string_view, 4> modules = {};
  std::string_view host = {};        ///< module that finds the devices that the driver drives
  std::string_view bound = {};       ///< the driver's name on its bus, where it is not the module's
  unsigned playing = 1;              ///< PCMs that can play
  bool midi = false;                 ///< the card has a raw MIDI device
  std::array<std::string_view, 2> knobs = {};  ///< controls of two channels, up to 15 at least, that change nothing of what is played
};

inline constexpr std::array drivers = std::to_array<Driver>({
    {"e1000", "e1000", "virtio-net-pci", "virtio_net"},
    {"e1000e", "e1000e", "virtio-net-pci", "virtio_net"},
    {"pcnet32", "pcnet", "virtio-net-pci", "virtio_net"},
    {"virtio_net", "virtio-net-pci", "e1000", "e1000"},
    {.name = "virtio_blk", .model = "virtio-blk-pci,num-queues=2", .disk = true},
    {.name = "ata_piix", .model = "ide-hd,bus=ide.{}", .disk = true, .machine = "pc", .libraries = {"libata"}},
    {.name = "ahci", .model = "ide-hd,bus=hba.{}", .disk = true, .controller = "ich9-ahci,id=hba",
     .machine = "pc", .libraries = {"libata"}},
    {.name = "libata", .model = "", .disk = true, .machine = "pc", .modules = {"libata", "libahci", "ahci", "ata_piix"}},
    {.name = "virtio_scsi", .model = "scsi-hd,bus=hba.0,scsi-id={}", .disk = true,
     .controller = "virtio-scsi-pci,id=hba,num_queues=2"},
    {.name = "sd_mod", .model = "scsi-hd,bus=hba.0,scsi-id={}", .disk = true,
     .controller = "virtio-scsi-pci,id=hba,num_queues=2", .host = "virtio_scsi", .bound = "sd"},
    {.name = "nvme", .model = "nvme", .disk = true, .libraries = {"nvme_core"}},
    {.name = "nvme_core", .model = "", .disk = true, .modules = {"nvme_core", "nvme"}},
    {.name = "snd_ens1370", .model = "ES1370", .sound = true, .playing = 2, .midi = true,
     .knobs = {"CD Volume", "Line Volume"}},
    {.name = "snd_intel8x0", .model = "AC97", .sound = true, .libraries = {"snd_ac97_codec"},
     .knobs = {"Capture Volume"}},
    {.name = "snd_ac97_codec", .model = "AC97", .sound = true, .modules = {"snd_ac97_codec", "snd_intel8x0"},
     .knobs = {"Capture Volume"}},
    {.name = "snd_hda_intel", .model = "hda-duplex,use-timer=off", .sound = true, .controller = "intel-hda",
     .libraries = {"snd_hda_core", "snd_hda_codec", "snd_hda_codec_generic"}, .knobs = {"Capture Volume"}},
    {.name = "snd_hda_core", .model = "hda-duplex,use-timer=off", .sound = true, .controller = "intel-hda",
     .modules = {"snd_hda_core", "snd_hda_codec", "snd_hda_codec_generic", "snd_hda_intel"}, .knobs = {"Capture Volume"}},
});

/** How a scenario is run; the catalogue's rows are in catalogue.cc. */
struct Scenario {
  std::string_view suite;
  std::string_view name;
  std::string_view group;            ///< scenarios of one group and driver share a boot
  std::vector<std::string_view> on;  ///< drivers it runs with
  unsigned limitSeconds;             ///< time limit on a stock kernel
  unsigned checkCount = 0;           ///< repetitions in `check`; 0 where the word has no meaning
  unsigned soakCount = 0;            ///< repetitions in `soak`
  unsigned wires = 1;                ///< cards under test, each with a partner, or disks
  std::vector<std::string_view> allow = {};  ///< console texts that are no fault in this scenario
  bool mayNotPowerOff = false;  ///< something hangs for good: the guest is reset instead
  bool wideCard = false;   ///< one more card, with several queues and nothing on its wire
  bool secondNamespace = false;  ///< of the first disk's controller, as one more disk
  std::string_view machine = {};     ///< QEMU's machine, where only one kind will do
  bool powerCut = false;             ///< QEMU is killed in mid-update, and a second boot finds the disks

  std::vector<std::string> programs = {};  ///< of the host's, besides those that every guest has; other files by their path
  bool hears = true;  ///< what a sound card plays is recorded and judged; otherwise it can record, silence

  /** Full name with the driver, as GoogleTest and the reports know it. */
  std::string fullName(std::string_view driver) const;
};

std::span<const Scenario> scenarios();
const Driver* findDriver(std::string_view name);

/** How many disks @p driver gets where a scenario wants @p wanted: for a set, as many for each of its drivers. */
unsigned disksFor(std::string_view driver, unsigned wanted);

/** Drivers of disks in the set @p driver, by name; itself where it is none. */
std::vector<std::string_view> diskDriversOf(std::string_view driver);

/** Address of card @p index: the guest tells its interfaces apart by it. */
std::string dutMac(unsigned index);
std::string peerMac(unsigned index);

/** Serial number of disk @p index. */
std::string diskSerial(unsigned index);

}  // namespace luq
