// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * What host runner and guest agree on.
 *
 * Four virtio-serial ports, each for one purpose:
 *   lu.cmd     host -> guest, one line of JSON: the command to run
 *   lu.out     guest -> host, lines of JSON: the test events (start, end), and for a guest whose power
 *              is to be cut: what was committed to disk, and where in an update it is (commit, update);
 *              and what is to be done to the machine (unplug)
 *   lu.log     guest -> host, plain text: standard output and error of the command
 *   lu.status  guest -> host, one line of JSON: how the command ended
 */
#pragma once

namespace luq::port {

inline constexpr const char* command = "lu.cmd";
inline constexpr const char* events = "lu.out";
inline constexpr const char* log = "lu.log";
inline constexpr const char* status = "lu.status";

/** File descriptor on which the guest's command finds the events port open. */
inline constexpr int eventsFd = 3;

}  // namespace luq::port
