// SPDX-License-Identifier: GPL-2.0
#include "sound/tools.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "common/numbered_sound.h"
#include "sound/player.h"

namespace lug {

namespace {

using namespace std::chrono_literals;
namespace sound = luq::sound;

constexpr auto toolLimit = 600s;
constexpr unsigned highestValue = 15;
constexpr std::size_t blockFrames = 1024;
constexpr const char* recordPipe = "/tmp/record.raw";
constexpr double leastPace = 0.9, mostPace = 1.1;
constexpr int pipeWaitMs = 100;

void makePipe(const std::string& path) {
  std::filesystem::remove(path);
  if (mkfifo(path.c_str(), 0600) != 0) throw Failure(fmt::format("mkfifo {}: {}", path, std::strerror(errno)));
}

/** One end of a pipe, whoever has the other one, or nobody. */
class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC)) {
    if (fd_ < 0) throw Failure(fmt::format("open {}: {}", path, std::strerror(errno)));
  }
  ~Descriptor() { close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  /** Writes everything, unless @p end comes first. */
  void writeAll(const void* data, std::size_t bytes, const std::atomic<bool>& end) const {
    for (const char* at = static_cast<const char*>(data); bytes != 0 && !end;) {
      const ssize_t n = write(fd_, at, bytes);
      if (n < 0) await(POLLOUT);
      else at += n, bytes -= static_cast<std::size_t>(n);
    }
  }
  /** What is there, after a while nothing. */
  std::size_t readSome(void* data, std::size_t bytes) const {
    await(POLLIN);
    const ssize_t n = read(fd_, data, bytes);
    return n < 0 ? 0 : static_cast<std::size_t>(n);
  }

 private:
  void await(short events) const {
    pollfd one{fd_, events, 0};
    poll(&one, 1, pipeWaitMs);
  }

  int fd_;
};

/** The format of all streams, as both programs want it. */
Argv withFormat(Argv argv) {
  for (const auto& word : {std::string("-q"), std::string("-t"), std::string("raw"), std::string("-f"), std::string("S16_LE"),
                           std::string("-c"), std::string("2"), std::string("-r"), std::to_string(sound::rate),
                           std::string("--fatal-errors")})
    argv.push_back(word);
  return argv;
}

}  // namespace

void configureMixing() {
  std::ofstream file("/etc/asound.conf");
  file << fmt::format("pcm.{} {{ type plug slave.pcm \"mix\" }}\n"
                      "pcm.mix {{ type dmix ipc_key 4711 ipc_perm 0600 slave {{ pcm \"hw:0,0\" rate {} format S16_LE channels 2\n"
                      " period_size 2048 buffer_size {} }} }}\n", mixedDevice, sound::rate, mixedBuffer);
  if (!file.flush()) throw Failure("cannot write /etc/asound.conf");
}

AplayWork::AplayWork(std::string name, Setup setup)
    : Workload(std::move(name)), setup_(std::move(setup)), first_(setup_.numbers ? takeFrameNumbers() : 0), next_(first_) {
  static std::atomic<unsigned> pipes{0};
  pipe_ = fmt::format("/tmp/play{}.raw", pipes++);
}

void AplayWork::start() {
  makePipe(pipe_);
  spawn(Side::dut, [this] { play(); });
  spawn(Side::dut, [this] { feed(); });
}

void AplayWork::play() {
  auto argv = withFormat({"aplay", "-D", setup_.device, "--buffer-size=16384", "--period-size=2048"});
  if (setup_.mmap) argv.emplace_back("-M");
  argv.push_back(pipe_);
  const auto result = run(argv, toolLimit);
  ended_ = true;
  if (result.exitCode != 0 || !result.err.empty())
    problem(fmt::format("exit code {}: {}{}", result.exitCode, result.err, result.out));
}

void AplayWork::feed() {
  const Descriptor pipe(pipe_, O_RDWR | O_NONBLOCK);
  std::vector<sound::Frame> block(blockFrames);
  const auto beSilent = [&](unsigned frames) {
    std::fill(block.begin(), block.end(), sound::silence);
    for (unsigned done = 0; done < frames; done += blockFrames)
      pipe.writeAll(block.data(), block.size() * sizeof(sound::Frame), ended_);
  };
  beSilent(setup_.leadIn);
  while (!stopping() && !ended_) {
    const auto at = next_.load();
    for (std::size_t i = 0; i < block.size(); ++i) block[i] = setup_.numbers ? sound::numbered(at + i) : sound::silence;
    pipe.writeAll(block.data(), block.size() * sizeof(sound::Frame), ended_);
    next_ += block.size();
    advance(block.size());
  }
  beSilent(closingFrames);
}

void ArecordWork::start() {
  makePipe(recordPipe);
  spawn(Side::dut, [this] { record(); });
  spawn(Side::dut, [this] { count(); });
}

void ArecordWork::record() {
  auto argv = withFormat({"arecord", "-D", "hw:0,0", "--buffer-size=16384", "--period-size=2048"});
  if (mmap_) argv.emplace_back("-M");
  argv.push_back(recordPipe);
  const auto result = run(argv, toolLimit);
  ended_ = true;
  // What it says when it is told to end is its own affair.
  if (!stopping() || result.err.find("run") != std::string::npos) problem(fmt::format("exit code {}: {}{}", result.exitCode, result.err, result.out));
}

void ArecordWork::count() {
  const Descriptor pipe(recordPipe, O_RDWR | O_NONBLOCK);
  std::vector<char> block(blockFrames * sizeof(sound::Frame));
  std::uint64_t frames = 0;
  Clock::time_point begin{};
  while (!stopping() && !ended_) {
    const auto bytes = pipe.readSome(block.data(), block.size());
    if (bytes != 0 && frames == 0) begin = Clock::now();
    frames += bytes / sizeof(sound::Frame);
    if (bytes != 0) advance(bytes / sizeof(sound::Frame));
  }
  const std::chrono::duration<double> took = Clock::now() - begin;
  const double pace = static_cast<double>(frames) / sound::rate / took.count();
  if (pace < leastPace || pace > mostPace) problem(fmt::format("{} frames in {:.1f} s, {:.2f} of what it should be", frames, took.count(), pace));
  while (!ended_) {
    run({"killall", "-q", "-INT", "arecord"});
    while (pipe.readSome(block.data(), block.size()) != 0) {}
  }
}

void AmixerWork::start() {
  spawn(Side::dut, [this] {
    for (unsigned value = 0; !stopping(); value = (value + 1) % (highestValue + 1)) change(value);
  });
}

void AmixerWork::change(unsigned value) {
  const auto name = fmt::format("name={}", control_);
  const auto set = run({"amixer", "-q", "-c", "0", "cset", name, std::to_string(value)}, toolLimit);
  const auto get = run({"amixer", "-c", "0", "cget", name}, toolLimit);
  if (set.exitCode != 0 || get.exitCode != 0)
    return problem(fmt::format("exit codes {} and {}: {}{}", set.exitCode, get.exitCode, set.err, get.err));
  if (get.out.find(fmt::format(": values={0},{0}", value)) == std::string::npos)
    return problem(fmt::format("set to {}, and then it is: {}", value, get.out));
  advance();
}

}  // namespace lug
