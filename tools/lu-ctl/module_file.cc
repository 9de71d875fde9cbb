// SPDX-License-Identifier: GPL-2.0-or-later
#include "module_file.h"

#include <elf.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "driver.h"

namespace luctl {
namespace {

constexpr std::string_view kSignatureMarker = "~Module signature appended~\n";
/// Offset of module.name in struct module on 64-bit: state, padding, list head.
constexpr size_t kModuleNameOffset = 24;
/// One entry of __versions: the CRC in a long, and the name.
constexpr size_t kVersionEntry = 64, kVersionName = 8;

Error bad_file(const std::string& path, const std::string& why, const std::string& remedy = "") {
  return {Exit::kError, fmt::format("{}: {}", path, why), remedy, 0, nullptr};
}

struct Machine {
  const char* uname;
  int elf;
};
constexpr Machine kMachines[] = {
    {"x86_64", EM_X86_64}, {"aarch64", EM_AARCH64}, {"riscv64", EM_RISCV},
    {"s390x", EM_S390},    {"ppc64le", EM_PPC64},
};

std::string machine_name(int elf) {
  for (const Machine& machine : kMachines)
    if (machine.elf == elf) return machine.uname;
  if (elf == EM_386) return "i386";
  if (elf == EM_ARM) return "arm";
  return fmt::format("ELF machine {}", elf);
}

/// Says what is wrong with the header of a file that is supposed to be a 64-bit kernel module.
Result<void> check_header(const std::string& image, const std::string& path,
                          const std::string& machine) {
  if (image.empty()) return bad_file(path, "the file is empty");
  if (image.size() < sizeof(Elf64_Ehdr) || image.compare(0, SELFMAG, ELFMAG) != 0)
    return bad_file(path, "not an ELF file, so not a kernel module");
  Elf64_Ehdr header;
  std::memcpy(&header, image.data(), sizeof(header));
  if (header.e_ident[EI_CLASS] != ELFCLASS64)
    return bad_file(path, "a 32-bit ELF file; this kernel is " + machine);
  // Comparing e_machine needs the host's byte order; a foreign one is a foreign machine anyway.
  constexpr int kHostOrder = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
  if (header.e_ident[EI_DATA] != kHostOrder)
    return bad_file(path, "built for a machine of the other byte order; this kernel is " + machine);
  if (machine_name(header.e_machine) != machine)
    return bad_file(
        path,
        fmt::format("built for {}; this kernel is {}", machine_name(header.e_machine), machine),
        "take the driver's package for this architecture");
  if (header.e_type != ET_REL)
    return bad_file(path, "an ELF file, but not a kernel module (not relocatable)");
  return {};
}

struct ElfCloser {
  void operator()(Elf* elf) const { elf_end(elf); }
};
using ElfPtr = std::unique_ptr<Elf, ElfCloser>;

std::string_view section_bytes(Elf_Scn* section) {
  Elf_Data* data = elf_getdata(section, nullptr);
  if (!data || !data->d_buf) return {};
  return {static_cast<const char*>(data->d_buf), data->d_size};
}

/// A NUL-terminated string at the start of @p bytes, however short they are.
std::string c_string(std::string_view bytes) {
  return std::string(bytes.substr(0, bytes.find('\0')));
}

void read_modinfo(ModuleFile& file, std::string_view bytes) {
  for (const std::string& entry : split(bytes, '\0')) {
    size_t equals = entry.find('=');
    if (equals == std::string::npos) continue;
    std::string key = entry.substr(0, equals), value = entry.substr(equals + 1);
    if (key == "name") file.name = value;
    if (key == "version") file.version = value;
    if (key == "srcversion") file.srcversion = value;
    if (key == "vermagic") file.vermagic = value;
    if (key == "alias") file.aliases.insert(value);
    if (key == "depends" && !value.empty())
      for (const std::string& one : split(value, ',')) file.depends.push_back(plain_name(one));
  }
}

void read_versions(ModuleFile& file, std::string_view bytes) {
  for (; bytes.size() >= kVersionEntry; bytes.remove_prefix(kVersionEntry)) {
    uint64_t crc = 0;
    std::memcpy(&crc, bytes.data(), sizeof(crc));
    std::string name = c_string(bytes.substr(kVersionName, kVersionEntry - kVersionName));
    if (!name.empty()) file.crcs[name] = static_cast<uint32_t>(crc);
  }
}

void read_build_id(ModuleFile& file, Elf_Scn* section) {
  Elf_Data* data = elf_getdata(section, nullptr);
  if (!data) return;
  GElf_Nhdr note;
  size_t name_at = 0, desc_at = 0;
  if (!gelf_getnote(data, 0, &note, &name_at, &desc_at) || note.n_type != NT_GNU_BUILD_ID) return;
  if (desc_at + note.n_descsz > data->d_size) return;
  const auto* bytes = static_cast<const unsigned char*>(data->d_buf) + desc_at;
  for (size_t i = 0; i < note.n_descsz; i++) file.build_id += fmt::format("{:02x}", bytes[i]);
}

void read_symbols(ModuleFile& file, Elf* elf, Elf_Scn* section, const GElf_Shdr& header) {
  Elf_Data* data = elf_getdata(section, nullptr);
  if (!data || header.sh_entsize == 0) return;
  constexpr std::string_view kExport = "__ksymtab_";
  for (size_t i = 1; i < header.sh_size / header.sh_entsize; i++) {
    GElf_Sym symbol;
    if (!gelf_getsym(data, static_cast<int>(i), &symbol)) return;
    const char* text = elf_strptr(elf, header.sh_link, symbol.st_name);
    std::string name = text ? text : "";
    if (name.empty()) continue;
    if (symbol.st_shndx == SHN_UNDEF)
      file.imports.push_back({name, GELF_ST_BIND(symbol.st_info) == STB_WEAK});
    else if (name.starts_with(kExport))
      file.exports.insert(name.substr(kExport.size()));
  }
}

/// Walks the sections; false when the file has no struct module, that is: is no module.
bool read_sections(ModuleFile& file, Elf* elf, size_t names) {
  bool is_module = false;
  std::string linked_name;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section));) {
    GElf_Shdr header;
    if (!gelf_getshdr(section, &header)) continue;
    const char* text = elf_strptr(elf, names, header.sh_name);
    std::string_view name = text ? text : "";
    if (header.sh_type == SHT_SYMTAB) read_symbols(file, elf, section, header);
    if (name == ".modinfo") read_modinfo(file, section_bytes(section));
    if (name == "__versions") read_versions(file, section_bytes(section));
    if (name == ".note.gnu.build-id") read_build_id(file, section);
    if (name == ".gnu.linkonce.this_module") {
      is_module = true;
      std::string_view bytes = section_bytes(section);
      if (bytes.size() > kModuleNameOffset) linked_name = c_string(bytes.substr(kModuleNameOffset));
    }
  }
  // Modules built before 4.13 have no name= of their own.
  if (file.name.empty()) file.name = linked_name;
  file.name = plain_name(file.name);
  return is_module;
}

}  // namespace

Result<ModuleFile> parse_module(std::string image, const std::string& path,
                                const std::string& machine) {
  if (auto header = check_header(image, path, machine); !header) return header.error();

  ModuleFile file;
  file.path = path;
  file.is_signed = std::string_view(image).ends_with(kSignatureMarker);
  elf_version(EV_CURRENT);
  // libelf wants a writable buffer, though it writes nothing there unless told to.
  ElfPtr elf(elf_memory(image.data(), image.size()));
  size_t names = 0;
  if (!elf || elf_getshdrstrndx(elf.get(), &names) != 0)
    return bad_file(path, "damaged: its section table cannot be read");
  if (!read_sections(file, elf.get(), names) || file.name.empty())
    return bad_file(path, "an object file, but not a kernel module (no struct module in it)",
                    "give the linked NAME.ko, not an object file of it");
  std::sort(file.imports.begin(), file.imports.end(),
            [](const Import& a, const Import& b) { return a.symbol < b.symbol; });
  elf.reset();
  file.image = std::move(image);
  return file;
}

Result<ModuleFile> read_module(Kernel& kernel, const std::string& path) {
  if (!kernel.exists(path)) return sys_error(ENOENT, path);
  // A device such as /dev/zero would never end.
  if (!kernel.is_regular(path)) return bad_file(path, "not an ordinary file");
  auto data = kernel.read(path);
  if (!data) return data.error();
  auto image = decompress(*data, path);
  if (!image) return image.error();
  return parse_module(std::move(*image), path, kernel.machine());
}

bool matches_device(const ModuleFile& file, const std::string& modalias) {
  return std::any_of(file.aliases.begin(), file.aliases.end(), [&](const std::string& alias) {
    return fnmatch(alias.c_str(), modalias.c_str(), 0) == 0;
  });
}

}  // namespace luctl
