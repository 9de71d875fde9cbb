// SPDX-License-Identifier: GPL-2.0
#include "disk_act.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <filesystem>

#include "block/disk_io.h"
#include "block/disk_root.h"
#include "block/disk_world.h"
#include "emit.h"
#include "report.h"

namespace lud {

namespace {

using namespace std::chrono_literals;

constexpr auto progressLimit = 30s;

/** What an application on the machine would notice if it changed. */
std::string identityOf(const lug::DiskUnderTest& disk) {
  struct stat node {};
  if (stat(disk.node.c_str(), &node) != 0) return "gone";
  return fmt::format("{} {}:{} at {}, {} sectors", disk.name, major(node.st_rdev), minor(node.st_rdev),
                     std::filesystem::canonical("/sys/block/" + disk.name).string(),
                     lug::mustRead("/sys/block/" + disk.name + "/size"));
}

class DiskAct {
 public:
  explicit DiskAct(const Play& play)
      : play_(play), world_(play.diskDriver, {}), disk_(world_.disks().at(0)), versions_(lug::acceptedVersions(world_.managed())) {
    files_ = &work_.add<lug::FileWork>("files", disk_.folder);
    work_.add<lug::BlockWork>("blocks", disk_.folder + "/blocks");
    work_.add<lug::DiskReader>("reader", disk_.node);
    work_.add<lug::DiskWatch>("uevents", std::vector<std::string>{disk_.name});
  }

  void perform() {
    {
      const lug::DiskRoot root(disk_.folder, play_.diskDriver);
      const auto identity = identityOf(disk_);
      work_.start();
      expectWork("before");
      update(root);
      expectWork("after");
      work_.stop();
      const auto problems = work_.problems();
      check("every file and every block was read back as it was written, and no request failed", problems.empty(),
            problems.empty() ? fmt::format("{} files", verified()) : fmt::format("{}", fmt::join(problems, "; ")));
      check("device number, place and size of the disk are as before", identityOf(disk_) == identity, identityOf(disk_));
    }
    report();
    world_.close();
    check("the file system is clean", true, "e2fsck found nothing");
  }

 private:
  void expectWork(const char* when) {
    const auto idle = work_.awaitProgress(progressLimit);
    check(fmt::format("the disk is worked on {} its driver's update", when), idle.empty(),
          idle.empty() ? "it is" : fmt::format("{}", fmt::join(idle, "; ")));
  }

  void update(const lug::DiskRoot& root) {
    before_ = runningVersion(play_.diskDriver);
    command(root.luCtl({"update", play_.diskDriver, versions_.second.path}), 0);
    check("the new version of the disk's driver runs", world_.managed().runs(versions_.second), runningVersion(play_.diskDriver));
  }

  std::uint64_t verified() const { return files_->measured().value("verified", std::uint64_t{0}); }

  void report() {
    double wait = 0;
    const auto measured = work_.measured();
    for (const auto& [name, figures] : measured.items()) wait = std::max(wait, figures.at("longest_gap_ms").get<double>());
    lub::emit({{"kind", "disk"}, {"driver", play_.diskDriver}, {"disk", disk_.name}, {"before", before_},
               {"after", runningVersion(play_.diskDriver)}, {"result", lastUpdate(play_.diskDriver, "result")},
               {"total_us", std::stol(lastUpdate(play_.diskDriver, "total_us"))},
               {"blackout_us", std::stol(lastUpdate(play_.diskDriver, "blackout_us"))},
               {"longest_wait_ms", wait}, {"files", verified()}});
  }

  Play play_;
  lug::DiskWorld world_;
  lug::DiskUnderTest disk_;
  std::pair<lug::Version, lug::Version> versions_;
  lug::WorkloadSet work_;
  lug::FileWork* files_ = nullptr;
  std::string before_;
};

}  // namespace

void performDiskAct(const Play& play) { DiskAct(play).perform(); }

}  // namespace lud
