// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/module_image.h"

#include <cstring>

namespace luctl {
namespace {

constexpr size_t kNameOffset = 24, kVersionName = 56;

template <class T>
std::string bytes_of(const T& value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof(value));
}

struct Section {
  std::string name;
  uint32_t type;
  std::string data;
  uint32_t link = 0;
  uint64_t entsize = 0;
};

std::string modinfo(const ImageSpec& spec) {
  std::string text;
  auto add = [&](const std::string& key, const std::string& value) {
    text += key + "=" + value + '\0';
  };
  if (!spec.version.empty()) add("version", spec.version);
  if (!spec.srcversion.empty()) add("srcversion", spec.srcversion);
  add("license", "GPL");
  for (const std::string& alias : spec.aliases) add("alias", alias);
  add("depends", spec.depends);
  if (spec.name_in_modinfo) add("name", spec.name);
  add("vermagic", spec.vermagic);
  return text;
}

std::string versions(const ImageSpec& spec) {
  std::string data;
  for (const auto& [symbol, crc] : spec.crcs) {
    std::string name = symbol;
    name.resize(kVersionName);
    data += bytes_of(uint64_t{crc}) + name;
  }
  return data;
}

std::string build_id_note(const std::string& id) {
  std::string padding((4 - id.size() % 4) % 4, '\0');
  return bytes_of(uint32_t{4}) + bytes_of(static_cast<uint32_t>(id.size())) +
         bytes_of(uint32_t{NT_GNU_BUILD_ID}) + std::string("GNU\0", 4) + id + padding;
}

void add_symbol(std::string& table, std::string& names, const std::string& name, int bind,
                uint16_t section) {
  Elf64_Sym symbol = {};
  symbol.st_name = static_cast<uint32_t>(names.size());
  symbol.st_info = ELF64_ST_INFO(bind, STT_NOTYPE);
  symbol.st_shndx = section;
  names += name + '\0';
  table += bytes_of(symbol);
}

std::vector<Section> sections_of(const ImageSpec& spec) {
  std::string names(1, '\0'), symbols = bytes_of(Elf64_Sym{});
  for (const std::string& import : spec.imports)
    add_symbol(symbols, names, import, STB_GLOBAL, SHN_UNDEF);
  for (const std::string& import : spec.weak_imports)
    add_symbol(symbols, names, import, STB_WEAK, SHN_UNDEF);
  for (const std::string& name : spec.exports)
    add_symbol(symbols, names, "__ksymtab_" + name, STB_LOCAL, 1);

  std::vector<Section> all = {{"", SHT_NULL, ""}};
  all.push_back({".modinfo", SHT_PROGBITS, modinfo(spec)});
  if (!spec.build_id.empty())
    all.push_back({".note.gnu.build-id", SHT_NOTE, build_id_note(spec.build_id)});
  if (!spec.crcs.empty()) all.push_back({"__versions", SHT_PROGBITS, versions(spec)});
  if (spec.has_this_module) {
    std::string name = spec.name;
    name.resize(64);
    all.push_back(
        {".gnu.linkonce.this_module", SHT_PROGBITS, std::string(kNameOffset, '\0') + name});
  }
  auto strings = static_cast<uint32_t>(all.size() + 1);
  all.push_back({".symtab", SHT_SYMTAB, symbols, strings, sizeof(Elf64_Sym)});
  all.push_back({".strtab", SHT_STRTAB, names});
  return all;
}

}  // namespace

std::string make_module(const ImageSpec& spec) {
  std::vector<Section> sections = sections_of(spec);
  sections.push_back({".shstrtab", SHT_STRTAB, ""});
  std::string& names = sections.back().data;
  std::string body;
  std::vector<Elf64_Shdr> headers;
  for (Section& section : sections) {
    Elf64_Shdr header = {};
    header.sh_name = static_cast<uint32_t>(names.size());
    names += section.name + '\0';
    header.sh_type = section.type;
    header.sh_link = section.link;
    header.sh_entsize = section.entsize;
    header.sh_addralign = section.type == SHT_NOTE ? 4 : 8;
    body.resize((body.size() + 7) & ~size_t{7});
    header.sh_offset = section.type == SHT_NULL ? 0 : sizeof(Elf64_Ehdr) + body.size();
    header.sh_size = section.data.size();
    body += section.data;
    headers.push_back(header);
  }
  body.resize((body.size() + 7) & ~size_t{7});

  Elf64_Ehdr elf = {};
  std::memcpy(elf.e_ident, ELFMAG, SELFMAG);
  elf.e_ident[EI_CLASS] = spec.elf_class;
  elf.e_ident[EI_DATA] = spec.elf_data;
  elf.e_ident[EI_VERSION] = EV_CURRENT;
  elf.e_type = spec.type;
  elf.e_machine = spec.machine;
  elf.e_version = EV_CURRENT;
  elf.e_ehsize = sizeof(elf);
  elf.e_shentsize = sizeof(Elf64_Shdr);
  elf.e_shnum = static_cast<uint16_t>(headers.size());
  elf.e_shstrndx = static_cast<uint16_t>(headers.size() - 1);
  elf.e_shoff = sizeof(elf) + body.size();

  std::string image = bytes_of(elf) + body;
  for (const Elf64_Shdr& header : headers) image += bytes_of(header);
  if (spec.is_signed) image += "~Module signature appended~\n";
  return image;
}

}  // namespace luctl
