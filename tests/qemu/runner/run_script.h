// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * The `run` command: a script, or named scenarios, in one kernel.
 */
#pragma once

#include <CLI/CLI.hpp>

#include "initramfs.h"
#include "kernel_dir.h"
#include "machine.h"

namespace luq {

/** Register `lu-qemu run` with @p app; @p code receives the exit status. */
void addRunCommand(CLI::App& app, int& code);

/** Options that decide what a guest is made of; shared by `run` and `check`. */
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

/** A boot plan with everything but NICs and command filled in. */
BootPlan basePlan(const KernelDir& kernel, const GuestOptions& options, const fs::path& folder);

/** "e1000,virtio-net-pci" -> cards on hub 0 with fixed addresses; "MODEL@HUB" picks a hub. */
std::vector<Nic> parseNics(const std::string& text);

}  // namespace luq
