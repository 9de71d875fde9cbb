// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// Small kernel module files, made on the spot.
#pragma once

#include <elf.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace luctl {

/// What a generated module file is to hold. The defaults fit FakeKernel.
struct ImageSpec {
  std::string name = "e1000";
  std::string version = "2.0";
  std::string srcversion;
  std::string build_id = "\xbb";
  std::string vermagic = "6.1.0-56-amd64 SMP preempt mod_unload modversions ";
  std::string depends;
  std::vector<std::string> aliases = {"pci:v00008086d0000100Esv*sd*bc*sc*i*"};
  std::vector<std::string> imports = {"register_netdev", "_printk"};
  std::vector<std::string> weak_imports;
  std::vector<std::string> exports;
  std::map<std::string, uint32_t> crcs;
  bool is_signed = true;
  bool name_in_modinfo = true;
  bool has_this_module = true;
  unsigned char elf_class = ELFCLASS64;
  unsigned char elf_data = ELFDATA2LSB;
  uint16_t machine = EM_X86_64;
  uint16_t type = ET_REL;
};

/// An ELF file to the specification.
std::string make_module(const ImageSpec& spec);

}  // namespace luctl
