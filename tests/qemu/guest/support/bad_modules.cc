// SPDX-License-Identifier: GPL-2.0
#include "bad_modules.h"

#include <elf.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "support/process.h"

namespace lug {

namespace {

namespace fs = std::filesystem;

std::string readAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string data((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (data.size() < sizeof(Elf64_Ehdr)) throw Failure("cannot read " + path);
  return data;
}

/** @p data with every @p from replaced by @p to of the same length; throws when there is none. */
std::string replaced(std::string data, std::string_view from, std::string_view to) {
  if (from.size() != to.size()) throw Failure("a replacement has to keep the length");
  std::size_t count = 0;
  for (auto at = data.find(from); at != data.npos; at = data.find(from, at + to.size()), ++count)
    data.replace(at, to.size(), to);
  if (count == 0) throw Failure(fmt::format("the module does not hold '{}'", from));
  return data;
}

template <typename Change>
std::string withHeader(std::string data, Change change) {
  Elf64_Ehdr header;
  std::memcpy(&header, data.data(), sizeof header);
  change(header);
  std::memcpy(data.data(), &header, sizeof header);
  return data;
}

/**
 * A vermagic of another release and another configuration. With CONFIG_MODVERSIONS the kernel
 * itself compares only the latter.
 */
std::string otherKernel(const std::string& data) {
  constexpr std::string_view key = "vermagic=";
  const auto at = data.find(key);
  if (at == data.npos) throw Failure("the module has no vermagic");
  const auto magic = data.substr(at, data.find('\0', at) - at);
  auto other = magic;
  const auto release = other.find_first_of("0123456789", key.size());
  const auto configuration = other.find("SMP");
  if (release == other.npos || configuration == other.npos) throw Failure("what a vermagic: " + magic);
  other[release] = other[release] == '9' ? '8' : '9';
  other[configuration] = 'U';
  return replaced(data, magic, other);
}

}  // namespace

std::vector<BadModule> makeBadModules(const std::string& folder, const std::string& good) {
  const auto data = readAll(good);
  const auto name = fs::path(good).filename().string();
  std::vector<BadModule> made;
  const auto add = [&](const std::string& what, const std::string& contents) {
    // Each in a folder of its own, as the file has to have the driver's name.
    const auto place = fmt::format("{}/{}", folder, made.size());
    fs::create_directories(place);
    const auto path = place + "/" + name;
    std::ofstream(path, std::ios::binary) << contents;
    made.push_back({what, path});
  };
  add("an empty file", "");
  add("a text file", std::string(5000, 'x') + "\n");
  add("zeroes", std::string(100000, '\0'));
  add("an ELF header and nothing more", data.substr(0, sizeof(Elf64_Ehdr)));
  add("the first half", data.substr(0, data.size() / 2));
  add("a section table beyond the end", withHeader(data, [&](Elf64_Ehdr& h) { h.e_shoff = data.size() + 4096; }));
  add("a section table that wraps around", withHeader(data, [](Elf64_Ehdr& h) { h.e_shoff = ~0ULL - 32; }));
  add("too many sections", withHeader(data, [](Elf64_Ehdr& h) { h.e_shnum = 0xfff0; }));
  add("another machine", withHeader(data, [](Elf64_Ehdr& h) { h.e_machine = EM_AARCH64; }));
  add("a 32-bit file", withHeader(data, [](Elf64_Ehdr& h) {
        h.e_ident[EI_CLASS] = ELFCLASS32;
        h.e_machine = EM_386;  // the class alone means nothing to the kernel
      }));
  add("an executable", withHeader(data, [](Elf64_Ehdr& h) { h.e_type = ET_EXEC; }));
  add("a module of another kernel", otherKernel(data));
  add("a symbol that the kernel does not have", replaced(data, "free_netdev", "free_netxyz"));
  const auto directory = fmt::format("{}/{}/{}", folder, made.size(), name);
  fs::create_directories(directory);
  made.push_back({"a directory", directory});
  made.push_back({"a missing file", fmt::format("{}/none/{}", folder, name)});
  const auto loop = fmt::format("{}/loop.ko", folder);
  fs::create_symlink(loop, loop);
  made.push_back({"a link to itself", loop});
  made.push_back({"an endless device", "/dev/zero", false});
  return made;
}

}  // namespace lug
