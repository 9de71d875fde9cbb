// SPDX-License-Identifier: GPL-2.0-or-later
#include "module_file.h"

#include <gtest/gtest.h>
#include <lzma.h>

#include "tests/fake_kernel.h"
#include "tests/module_image.h"

namespace luctl {
namespace {

Result<ModuleFile> parse(const ImageSpec& spec) {
  return parse_module(make_module(spec), "x.ko", "x86_64");
}

std::string message(const ImageSpec& spec) {
  auto file = parse(spec);
  return file ? "" : file.error().message;
}

std::string xz(const std::string& data) {
  std::string out(lzma_stream_buffer_bound(data.size()), '\0');
  size_t size = 0;
  lzma_ret status = lzma_easy_buffer_encode(
      0, LZMA_CHECK_CRC32, nullptr, reinterpret_cast<const uint8_t*>(data.data()), data.size(),
      reinterpret_cast<uint8_t*>(out.data()), &size, out.size());
  EXPECT_EQ(status, LZMA_OK);
  out.resize(size);
  return out;
}

TEST(ModuleFile, ReadsWhatIsInIt) {
  ImageSpec spec;
  spec.srcversion = "ABCDEF";
  spec.depends = "mii,virtio-ring";
  spec.weak_imports = {"maybe"};
  spec.exports = {"offered"};
  spec.crcs = {{"module_layout", 0x1234}, {"_printk", 0xdeadbeef}};
  auto file = parse(spec);
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(file->name, "e1000");
  EXPECT_EQ(file->version, "2.0");
  EXPECT_EQ(file->srcversion, "ABCDEF");
  EXPECT_EQ(file->build_id, "bb");
  EXPECT_EQ(file->release(), "6.1.0-56-amd64");
  EXPECT_EQ(file->depends, (std::vector<std::string>{"mii", "virtio_ring"}));
  EXPECT_EQ(file->aliases.size(), 1u);
  ASSERT_EQ(file->imports.size(), 3u);
  EXPECT_EQ(file->imports[0].symbol, "_printk");
  EXPECT_EQ(file->imports[1].symbol, "maybe");
  EXPECT_TRUE(file->imports[1].weak);
  EXPECT_FALSE(file->imports[2].weak);
  EXPECT_EQ(file->exports, std::set<std::string>{"offered"});
  EXPECT_EQ(file->crcs.at("_printk"), 0xdeadbeefu);
  EXPECT_TRUE(file->is_signed);
}

TEST(ModuleFile, TakesTheNameFromStructModuleInOldFiles) {
  ImageSpec spec;
  spec.name_in_modinfo = false;
  auto file = parse(spec);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->name, "e1000");
}

TEST(ModuleFile, SaysWhenItIsUnsigned) {
  ImageSpec spec;
  spec.is_signed = false;
  auto file = parse(spec);
  ASSERT_TRUE(file.ok());
  EXPECT_FALSE(file->is_signed);
}

TEST(ModuleFile, NamesWhatIsWrong) {
  ImageSpec spec;
  spec.machine = EM_AARCH64;
  EXPECT_NE(message(spec).find("built for aarch64; this kernel is x86_64"), std::string::npos);
  spec = {};
  spec.machine = EM_386;
  EXPECT_NE(message(spec).find("built for i386"), std::string::npos);
  spec = {};
  spec.elf_class = ELFCLASS32;
  EXPECT_NE(message(spec).find("32-bit"), std::string::npos);
  spec = {};
  spec.elf_data = ELFDATA2MSB;
  EXPECT_NE(message(spec).find("byte order"), std::string::npos);
  spec = {};
  spec.type = ET_EXEC;
  EXPECT_NE(message(spec).find("not relocatable"), std::string::npos);
  spec = {};
  spec.has_this_module = false;
  EXPECT_NE(message(spec).find("not a kernel module"), std::string::npos);
}

TEST(ModuleFile, RefusesWhatIsNoElf) {
  for (const std::string& text : {std::string(), std::string("hello\n"),
                                  std::string("\x7f"
                                              "ELF"),
                                  std::string(4096, '\0')})
    EXPECT_FALSE(parse_module(text, "x.ko", "x86_64").ok());
}

/// A file cut off anywhere is refused or read in part, but never read past its end.
TEST(ModuleFile, SurvivesTruncation) {
  ImageSpec spec;
  spec.crcs = {{"module_layout", 1}};
  std::string whole = make_module(spec);
  int refused = 0;
  for (size_t size = 0; size < whole.size(); size += 7) {
    auto file = parse_module(whole.substr(0, size), "x.ko", "x86_64");
    if (!file) refused++;
  }
  EXPECT_GT(refused, 100);
}

/// Any one byte of the file may be wrong.
TEST(ModuleFile, SurvivesDamage) {
  std::string whole = make_module({});
  for (size_t at = 0; at < whole.size(); at++) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(~damaged[at]);
    auto file = parse_module(damaged, "x.ko", "x86_64");
    if (!file) {
      EXPECT_FALSE(file.error().message.empty());
    }
  }
}

TEST(ModuleFile, ReadsXz) {
  FakeKernel kernel;
  kernel.files["/m/e1000.ko.xz"] = xz(make_module({}));
  auto file = read_module(kernel, "/m/e1000.ko.xz");
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(file->name, "e1000");
  EXPECT_EQ(file->image, make_module({}));
}

TEST(ModuleFile, RefusesDamagedXz) {
  FakeKernel kernel;
  kernel.files["/m/e1000.ko.xz"] = xz(make_module({})).substr(0, 100);
  auto file = read_module(kernel, "/m/e1000.ko.xz");
  ASSERT_FALSE(file.ok());
  EXPECT_NE(file.error().message.find("damaged xz"), std::string::npos);
}

TEST(ModuleFile, RefusesWhatIsNotThereOrADirectory) {
  FakeKernel kernel;
  kernel.files["/m/dir/file"] = "";
  EXPECT_EQ(read_module(kernel, "/m/none.ko").error().sys_errno, ENOENT);
  EXPECT_NE(read_module(kernel, "/m/dir").error().message.find("not an ordinary file"),
            std::string::npos);
}

TEST(MatchesDevice, AppliesGlobs) {
  auto file = parse({});
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(matches_device(*file, "pci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00"));
  EXPECT_FALSE(matches_device(*file, "pci:v00008086d000010D3sv00001AF4sd00001100bc02sc00i00"));
}

}  // namespace
}  // namespace luctl
