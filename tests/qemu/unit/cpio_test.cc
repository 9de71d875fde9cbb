// SPDX-License-Identifier: GPL-2.0
#include "cpio.h"

#include <gtest/gtest.h>

namespace luq {
namespace {

/** An entry as a reader of the format sees it. */
struct Entry {
  std::string name, data;
  unsigned long mode = 0, major = 0, minor = 0;
};

std::vector<Entry> parse(const std::string& archive) {
  std::vector<Entry> entries;
  const auto field = [&](std::size_t at, int index) {
    return std::stoul(archive.substr(at + 6 + 8 * static_cast<std::size_t>(index), 8), nullptr, 16);
  };
  const auto aligned = [](std::size_t at) { return (at + 3) / 4 * 4; };
  for (std::size_t at = 0; at < archive.size();) {
    EXPECT_EQ(archive.substr(at, 6), "070701");
    const auto nameSize = field(at, 11), size = field(at, 6);
    Entry entry;
    entry.name = archive.substr(at + 110, nameSize - 1);
    const auto data = aligned(at + 110 + nameSize);
    entry.data = archive.substr(data, size);
    entry.mode = field(at, 1);
    entry.major = field(at, 9);
    entry.minor = field(at, 10);
    entries.push_back(entry);
    at = aligned(data + size);
  }
  return entries;
}

TEST(Cpio, HoldsWhatWasAdded) {
  Cpio cpio;
  cpio.addFolder("dev");
  cpio.addCharDevice("dev/console", 5, 1);
  cpio.addFile("init", "hello", 0755);
  cpio.addSymlink("sbin", "usr/bin");
  const auto entries = parse(cpio.finish());
  ASSERT_EQ(entries.size(), 5u);
  EXPECT_TRUE(S_ISDIR(entries[0].mode));
  EXPECT_TRUE(S_ISCHR(entries[1].mode));
  EXPECT_EQ(entries[1].major, 5u);
  EXPECT_EQ(entries[1].minor, 1u);
  EXPECT_EQ(entries[2].data, "hello");
  EXPECT_EQ(entries[2].mode & 0777, 0755u);
  EXPECT_EQ(entries[3].data, "usr/bin");
  EXPECT_EQ(entries[4].name, "TRAILER!!!");
}

TEST(Cpio, TreeKeepsFoldersBeforeTheirContentsAndPermissions) {
  TempDir folder;
  fs::create_directories(folder.path() / "a/b");
  writeFile(folder.path() / "a/b/file", std::string("\0x", 2));
  fs::permissions(folder.path() / "a/b/file", fs::perms::owner_all);
  fs::create_symlink("b/file", folder.path() / "a/link");
  Cpio cpio;
  cpio.addTree(folder.path());
  const auto entries = parse(cpio.finish());
  ASSERT_EQ(entries.size(), 5u);
  EXPECT_EQ(entries[0].name, "a");
  EXPECT_EQ(entries[1].name, "a/b");
  EXPECT_EQ(entries[2].name, "a/b/file");
  EXPECT_EQ(entries[2].data, std::string("\0x", 2));
  EXPECT_EQ(entries[2].mode & 0777, 0700u);
  EXPECT_EQ(entries[3].data, "b/file");
}

}  // namespace
}  // namespace luq
