// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <thread>
#include <utility>

#include "block/disk_world.h"
#include "common/catalogue.h"
#include "disks.h"
#include "emit.h"
#include "support/process.h"
#include "update.h"

namespace lub {

namespace {

using namespace std::chrono_literals;
using lug::Clock;
using lug::Failure;

constexpr std::size_t requestBytes = 4096;
constexpr std::uint64_t fileBlocks = 1024;
constexpr std::uint64_t steady = 30;  ///< requests of each disk that show that all is well
constexpr auto recoverLimit = 60s;
constexpr auto quietTime = 500ms;

/** Writes one block after the other, past the page cache, and remembers the longest that one took. */
class Writer {
 public:
  explicit Writer(const std::string& folder) : path_(folder + "/stalls"), thread_([this] { loop(); }) {}
  ~Writer() {
    stop_ = true;
    thread_.join();
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  std::uint64_t done() const { return done_; }
  void forget() { longest_ = 0; }
  /** Milliseconds of the longest request that ended since forget(). */
  double longestMs() const { return static_cast<double>(longest_) / 1e6; }
  /** Throws Failure when a request failed. */
  void check() const {
    if (const int error = error_) throw Failure(fmt::format("{}: {}", path_, std::strerror(error)));
  }

 private:
  void loop() {
    const std::unique_ptr<void, void (*)(void*)> data(std::aligned_alloc(requestBytes, requestBytes), std::free);
    std::memset(data.get(), 0x5a, requestBytes);
    const int fd = open(path_.c_str(), O_CREAT | O_RDWR | O_DIRECT | O_CLOEXEC, 0600);
    if (fd < 0) {
      error_ = errno;
      return;
    }
    std::mt19937_64 random(1);
    // First in order, so that all blocks exist and what is timed later allocates nothing.
    for (std::uint64_t i = 0; !stop_ && error_ == 0; ++i) {
      const auto block = i < fileBlocks ? i : random() % fileBlocks;
      const auto began = Clock::now();
      if (pwrite(fd, data.get(), requestBytes, static_cast<off_t>(block * requestBytes)) != static_cast<ssize_t>(requestBytes))
        error_ = errno;
      const std::int64_t took = std::chrono::nanoseconds(Clock::now() - began).count();
      if (took > longest_) longest_ = took;
      ++done_;
    }
    close(fd);
  }

  std::string path_;
  std::atomic<bool> stop_{false};
  std::atomic<int> error_{0};
  std::atomic<std::int64_t> longest_{0};
  std::atomic<std::uint64_t> done_{0};
  std::thread thread_;  ///< last: it uses the others
};

/** A writer for each disk. */
class Writers {
 public:
  explicit Writers(const lug::DiskWorld& world) {
    for (const auto& disk : world.disks()) writers_.push_back(std::make_unique<Writer>(disk.folder));
    awaitMore(fileBlocks);
  }

  /** Wait until each disk has done @p count requests from now on. */
  void awaitMore(std::uint64_t count) {
    std::vector<std::uint64_t> until;
    for (const auto& writer : writers_) until.push_back(writer->done() + count);
    const bool all = lug::waitUntil(recoverLimit, [&] {
      for (std::size_t i = 0; i < writers_.size(); ++i) {
        writers_[i]->check();
        if (writers_[i]->done() < until[i]) return false;
      }
      return true;
    });
    if (!all) throw Failure("requests do not end");
  }

  /** The longest request of all disks from before @p action until all is well again. */
  Json during(const std::function<Json()>& action) {
    awaitMore(steady);
    for (const auto& writer : writers_) writer->forget();
    Json result = action();
    awaitMore(steady);
    double longest = 0;
    for (const auto& writer : writers_) longest = std::max(longest, writer->longestMs());
    result["longest_ms"] = longest;
    return result;
  }

 private:
  std::vector<std::unique_ptr<Writer>> writers_;
};

/** What an administrator can do without live update, once nobody uses the disk any more. */
Json reload(const lug::DiskWorld& world, const lug::Version& version) {
  const auto& disk = world.disks().front();
  const auto began = Clock::now();
  lug::must({"sh", "-c",
             fmt::format("set -e\numount {0}\nrmmod {1}\ninsmod {2}\nuntil mount {3} {0} 2>/dev/null; do :; done\n", disk.folder,
                         world.driver(), version.path, disk.node)});
  Writer writer(disk.folder);
  if (!lug::waitUntil(recoverLimit, [&] { writer.check(); return writer.done() > 0; })) throw Failure("the disk did not come back");
  return Json{{"longest_ms", std::chrono::duration<double, std::milli>(Clock::now() - began).count()}};
}

void report(const StallPlan& plan, const char* what, unsigned run, Json measured) {
  measured["kind"] = "stall";
  measured["driver"] = plan.driver;
  measured["disks"] = luq::disksFor(plan.driver, plan.disks);
  measured["what"] = what;
  measured["run"] = run;
  emit(measured);
  lug::note(fmt::format("{} with {} disks, {} run {}: {:.1f} ms", plan.driver, plan.disks, what, run,
                        measured["longest_ms"].get<double>()));
}

}  // namespace

void measureStalls(const StallPlan& plan) {
  lug::DiskWorld world(plan.driver, {.disks = luq::disksFor(plan.driver, plan.disks)});
  const bool canReload = plan.disks == 1 && world.modules().size() == 1;
  auto [running, next] = lug::acceptedVersions(world.managed());
  for (unsigned run = 0; run < plan.runs; ++run) {
    {
      Writers writers(world);
      report(plan, "quiet", run, writers.during([] {
        const auto end = Clock::now() + quietTime;
        lug::waitUntil(quietTime + 1s, [&] { return Clock::now() >= end; });
        return Json::object();
      }));
      report(plan, "update", run, writers.during([&] { return update(world.managed(), next); }));
    }
    world.managed().mustCtl("commit");
    std::swap(running, next);
    if (canReload) report(plan, "reload", run, reload(world, running));
  }
  world.close();
}

}  // namespace lub
