// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * What users set in ATA disks, as hdparm does: by commands that pass through.
 */
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/hdreg.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "scenarios/block_common.h"
#include "support/process.h"
#include "support/register.h"

namespace lug {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t commandIdentify = 0xec;
constexpr std::uint8_t commandSetFeatures = 0xef;
constexpr std::uint8_t commandIdle = 0xe3;
constexpr std::uint8_t cacheOff = 0x82;
constexpr std::uint8_t cacheOn = 0x02;
constexpr unsigned timeoutMs = 20000;
constexpr auto modeLimit = 30s;

using Sector = std::array<std::uint16_t, 256>;

/** An ATA disk, commanded through SG_IO. */
class AtaDisk {
 public:
  explicit AtaDisk(const std::string& node) : fd_(open(node.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK)) {
    if (fd_ < 0) throw Failure(fmt::format("{}: {}", node, strerror(errno)));
  }
  ~AtaDisk() { close(fd_); }
  AtaDisk(const AtaDisk&) = delete;
  AtaDisk& operator=(const AtaDisk&) = delete;

  void tell(std::uint8_t command, std::uint8_t feature, std::uint8_t count) const { pass(command, feature, count, nullptr); }

  /** By the older way, as hdparm does where there is no SG_IO. */
  void setTimerByDriveCommand(std::uint8_t count) const {
    std::uint8_t args[4] = {commandIdle, count, 0, 0};
    if (ioctl(fd_, HDIO_DRIVE_CMD, args) != 0) throw Failure(fmt::format("HDIO_DRIVE_CMD: {}", strerror(errno)));
  }

  bool cacheIsOn() const {
    Sector id{};
    pass(commandIdentify, 0, 1, &id);
    return (id[85] & (1 << 5)) != 0;
  }

 private:
  void pass(std::uint8_t command, std::uint8_t feature, std::uint8_t count, Sector* in) const {
    std::uint8_t cdb[16] = {0x85};
    std::uint8_t sense[32] = {};
    cdb[1] = static_cast<std::uint8_t>((in ? 4 : 3) << 1);
    cdb[2] = in ? 0x0e : 0;
    cdb[4] = feature;
    cdb[6] = count;
    cdb[14] = command;
    sg_io_hdr_t request{};
    request.interface_id = 'S';
    request.dxfer_direction = in ? SG_DXFER_FROM_DEV : SG_DXFER_NONE;
    request.dxfer_len = in ? sizeof *in : 0;
    request.dxferp = in;
    request.cmdp = cdb;
    request.cmd_len = sizeof cdb;
    request.sbp = sense;
    request.mx_sb_len = sizeof sense;
    request.timeout = timeoutMs;
    if (ioctl(fd_, SG_IO, &request) != 0) throw Failure(fmt::format("command {:#x}: {}", command, strerror(errno)));
    if (request.status || request.host_status || request.driver_status)
      throw Failure(fmt::format("command {:#x}: status {:#x}, host {:#x}, driver {:#x}", command, request.status,
                                request.host_status, request.driver_status));
  }

  int fd_;
};

/** Settings that the last update had to make again. */
unsigned replayed(const ManagedDriver& driver) {
  return static_cast<unsigned>(std::stoul(driver.attribute("last/replayed")));
}

unsigned replayedBy(const ManagedDriver& driver, const Version& version) {
  driver.replaceBy(version);
  return replayed(driver);
}

/** libata lets the kernel look again after such a command, in its own time. */
void expectCacheMode(DiskSession& session, const DiskUnderTest& disk, const std::string& mode) {
  const auto file = "/sys/block/" + disk.name + "/queue/write_cache";
  EXPECT_TRUE(waitUntil(modeLimit, [&] { return mustRead(file).starts_with(mode); })) << file << ": " << mustRead(file);
  session.settle();
}

/** The write cache that a user switched off stays off, also if the disk forgot it; so does the standby timer. */
LU_SCENARIO(block, ata_settings_stay) {
  DiskWorld world(context.driver, {});
  auto& driver = world.managed();
  const auto own = versionNamed(context.driver, "stock");
  const auto resets = versionNamed(context.driver, "resets-disks");
  DiskSession session(world);
  {
    const AtaDisk disk(world.disks().at(0).node);
    ASSERT_TRUE(disk.cacheIsOn());
    const auto none = replayedBy(driver, resets);
    EXPECT_TRUE(disk.cacheIsOn());
    replayedBy(driver, own);

    disk.tell(commandSetFeatures, cacheOff, 0);
    disk.tell(commandIdle, 0, 120);
    ASSERT_FALSE(disk.cacheIsOn());
    expectCacheMode(session, world.disks().at(0), "write through");
    EXPECT_EQ(replayedBy(driver, resets), none + 2) << "cache and timer: " << driver.story();
    EXPECT_FALSE(disk.cacheIsOn()) << "who believed the disk would lose data";
    session.check("with the cache off");
    EXPECT_EQ(replayedBy(driver, own), none + 1) << "the timer, as nobody can ask for it: " << driver.story();
    EXPECT_FALSE(disk.cacheIsOn());

    disk.setTimerByDriveCommand(0);
    driver.updateTo(resets);
    EXPECT_EQ(replayed(driver), none + 1) << "the cache alone: " << driver.story();
    EXPECT_FALSE(disk.cacheIsOn());
    driver.mustCtl("rollback");
    EXPECT_TRUE(driver.runs(own)) << driver.story();
    EXPECT_FALSE(disk.cacheIsOn());

    disk.tell(commandSetFeatures, cacheOn, 0);
    expectCacheMode(session, world.disks().at(0), "write back");
    EXPECT_EQ(replayedBy(driver, resets), none) << driver.story();
    EXPECT_TRUE(disk.cacheIsOn());
  }
  endSession(session);
  world.close();
}

}  // namespace
}  // namespace lug
