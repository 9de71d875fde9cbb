// SPDX-License-Identifier: GPL-2.0
#include "block/tools.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace lug {

namespace {

using namespace std::chrono_literals;

constexpr auto toolLimit = 300s;
constexpr unsigned functionsInSource = 400;

/** A source file that needs no headers. */
std::string sourceText() {
  std::string text;
  for (unsigned i = 0; i < functionsInSource; ++i)
    text += fmt::format("int f{0}(int a, int b)\n{{\n\tint i, sum = {0};\n\n\tfor (i = 0; i < b; i++)\n"
                        "\t\tsum += a * i ^ {1};\n\treturn sum;\n}}\n", i, i * 7919);
  return text;
}

/** What was written goes to the disk, and is not kept in memory: the next one to read it asks the disk. */
void forget(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  close(fd);
}

}  // namespace

void FioWork::start() {
  spawn(Side::dut, [this] { loop(); });
}

void FioWork::loop() {
  const Argv argv = {"fio", "--name=verified", "--filename=" + folder_ + "/fio", "--rw=randwrite", "--bs=4k", "--size=2m",
                     "--ioengine=io_uring", "--iodepth=32", "--direct=1", "--verify=crc32c", "--do_verify=1",
                     "--verify_backlog=128", "--verify_fatal=1", "--fsync=64", "--thread", "--minimal"};
  while (!stopping()) {
    const auto result = run(argv, toolLimit);
    if (result.exitCode != 0)
      return problem(fmt::format("exit code {}: {}{}", result.exitCode, result.err, result.out));
    advance();
  }
}

void CompilerWork::start() {
  std::ofstream(folder_ + "/source.c") << sourceText();
  spawn(Side::dut, [this] { loop(); });
}

void CompilerWork::loop() {
  const auto source = folder_ + "/source.c", object = folder_ + "/object.o";
  std::string first;
  while (!stopping()) {
    forget(source);
    std::filesystem::remove(object);
    const auto result = run({"tcc", "-c", source, "-o", object}, toolLimit);
    if (result.exitCode != 0)
      return problem(fmt::format("exit code {}: {}{}", result.exitCode, result.err, result.out));
    forget(object);
    const auto made = mustRead(object);
    if (first.empty()) first = made;
    if (made != first) return problem(fmt::format("{} bytes made, other ones than the first time", made.size()));
    advance();
  }
}

}  // namespace lug
