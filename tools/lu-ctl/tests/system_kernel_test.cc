// SPDX-License-Identifier: GPL-2.0-or-later
// The parts of the real Kernel that can be tried anywhere, on files of our own.
#include "system_kernel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "descriptor.h"

namespace luctl {
namespace {

class SystemKernelTest : public ::testing::Test {
 protected:
  SystemKernelTest() {
    // mkdtemp() replaces the last six characters, which have to be this one.
    std::string pattern = (std::filesystem::temp_directory_path() / "lu-ctl-test-").string() + std::string(6, 'X');
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    dir = pattern;
  }
  ~SystemKernelTest() override { std::filesystem::remove_all(dir); }
  std::string put(const std::string& name, const std::string& text) {
    std::ofstream(dir + "/" + name) << text;
    return dir + "/" + name;
  }

  SystemKernel kernel;
  std::string dir;
};

TEST_F(SystemKernelTest, ReadsAndWrites) {
  std::string big(200000, 'x');
  EXPECT_EQ(*kernel.read(put("big", big)), big);
  EXPECT_EQ(kernel.read(dir + "/none").error().sys_errno, ENOENT);
  EXPECT_EQ(kernel.read(dir).error().sys_errno, EISDIR);
  std::string path = put("file", "old");
  EXPECT_TRUE(kernel.write(path, "new").ok());
  EXPECT_EQ(*kernel.read(path), "new");
  EXPECT_EQ(kernel.write("/dev/full", "x").error().sys_errno, ENOSPC);
}

TEST_F(SystemKernelTest, LooksAtDirectories) {
  put("b", "");
  put("a", "");
  std::filesystem::create_directory(dir + "/d");
  std::filesystem::create_directory_symlink(dir + "/d", dir + "/link");
  EXPECT_EQ(kernel.list(dir), (std::vector<std::string>{"a", "b", "d", "link"}));
  EXPECT_TRUE(kernel.list(dir + "/none").empty());
  EXPECT_TRUE(kernel.is_directory(dir + "/d"));
  EXPECT_FALSE(kernel.is_directory(dir + "/link"));
  EXPECT_FALSE(kernel.is_directory(dir + "/a"));
  EXPECT_TRUE(kernel.is_regular(dir + "/a"));
  EXPECT_FALSE(kernel.is_regular(dir + "/d"));
  EXPECT_FALSE(kernel.is_regular("/dev/zero"));
  EXPECT_FALSE(kernel.is_regular(dir + "/none"));
  EXPECT_EQ(kernel.link_name(dir + "/link"), "d");
  EXPECT_EQ(kernel.link_name(dir + "/none"), "");
}

TEST_F(SystemKernelTest, LocksOneAtATime) {
  auto first = kernel.lock(dir);
  ASSERT_TRUE(first.ok());
  auto second = kernel.lock(dir);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().exit, Exit::kBusy);
  *first = nullptr;
  EXPECT_TRUE(kernel.lock(dir).ok());
}

TEST_F(SystemKernelTest, TriggerReturnsTheErrorOfTheWrite) {
  std::string path = put("trigger", "");
  EXPECT_TRUE(kernel.trigger(path, [](const std::string&) {}).ok());
  EXPECT_EQ(*kernel.read(path), "1");
  EXPECT_EQ(kernel.trigger("/dev/full", [](const std::string&) {}).error().sys_errno, ENOSPC);
  EXPECT_EQ(kernel.trigger(dir + "/none", [](const std::string&) {}).error().sys_errno, ENOENT);
}

/// A trigger that takes its time: a pipe without room. Ctrl-C meanwhile is answered with words, and
/// the write is seen through.
TEST_F(SystemKernelTest, TriggerIsNotInterrupted) {
  std::string fifo = dir + "/fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  Descriptor reader(::open(fifo.c_str(), O_RDWR));
  ASSERT_TRUE(reader);
  int room = ::fcntl(reader.get(), F_GETPIPE_SZ);
  std::string filling(static_cast<size_t>(room), 'x');
  ASSERT_EQ(::write(reader.get(), filling.data(), filling.size()), room);

  // A SIGINT that waits already when the trigger begins, as one that comes in later would.
  std::vector<std::string> notes;
  sigset_t set, before;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, &before);
  pthread_kill(pthread_self(), SIGINT);
  auto triggered = kernel.trigger(fifo, [&](const std::string& note) {
    notes.push_back(note);
    // Only now is there room: the answer cannot have come before the words.
    std::string drained(static_cast<size_t>(room), '\0');
    EXPECT_GT(::read(reader.get(), drained.data(), drained.size()), 0);
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_TRUE(triggered.ok());
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("update in progress, will finish"), std::string::npos);
}

TEST_F(SystemKernelTest, KnowsItsMachine) {
  EXPECT_FALSE(kernel.release().empty());
  EXPECT_FALSE(kernel.machine().empty());
  auto addresses = kernel.addresses("lo");
  for (const std::string& address : addresses)
    EXPECT_NE(address.find('/'), std::string::npos) << address;
}

TEST_F(SystemKernelTest, ModulesThatDoNotExist) {
  EXPECT_EQ(kernel.module_file("no_such_module_lu"), std::nullopt);
  EXPECT_FALSE(kernel.remove_module("no_such_module_lu").ok());
  EXPECT_FALSE(kernel.probe_module("no_such_module_lu").ok());
  EXPECT_FALSE(kernel.load_module("not a module", "").ok());
}

}  // namespace
}  // namespace luctl
