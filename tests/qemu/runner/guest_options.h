// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Command-line options that decide what a guest is made of; shared by all commands.
 */
#pragma once

#include <CLI/CLI.hpp>

#include "common/catalogue.h"
#include "initramfs.h"
#include "kernel_dir.h"
#include "machine.h"

namespace luq {

/** The options as given. */
struct GuestOptions {
  std::string modules;               ///< folder with our .ko files; empty: beside this program
  std::string luCtl;                 ///< lu-ctl binary; empty: beside this program
  std::vector<std::string> files;    ///< extra files, placed in /m
  std::vector<std::string> programs; ///< extra programs of this machine
  std::vector<std::string> stock;    ///< extra stock modules
  unsigned cpus = 2;
  unsigned memoryMiB = 0;            ///< 0: as the kernel needs
  std::string kernelArguments;
  std::vector<std::string> qemuArguments;
};

/** Add the options of @p options to @p command. */
void addGuestOptions(CLI::App& command, GuestOptions& options);

/** Guest contents for @p kernel: base, our modules and lu-ctl where they exist, what was asked. */
GuestContents guestContents(const KernelDir& kernel, const GuestOptions& options);

/** A boot plan with everything but cards, initramfs and command filled in. */
BootPlan basePlan(const KernelDir& kernel, const GuestOptions& options, const fs::path& folder);

/** @p count disks as @p driver drives them. */
std::vector<Disk> disksFor(const Driver& driver, unsigned count);

/** "virtio_blk,ahci" -> a disk for each driver named; throws Error for one that is not known. */
std::vector<Disk> parseDisks(const std::string& text);

/** "e1000,virtio-net-pci" -> cards on hub 0 with fixed addresses; "MODEL@HUB" picks a hub. */
std::vector<Nic> parseNics(const std::string& text);

/** A guest program that was built beside this one; throws Error when it was not. */
fs::path guestProgram(const char* name);

}  // namespace luq
