// SPDX-License-Identifier: GPL-2.0
/**
 * @file
 * Something that uses the network all the time and notices when the network does it wrong.
 */
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "net/sockets.h"
#include "support/process.h"

namespace lug {

using Json = nlohmann::json;

/** The addresses and names of one wire between the two sides. */
struct Wire {
  std::string device;      ///< interface under test
  int ifindex = 0;
  std::string dutAddress;  ///< IPv4, without prefix length
  std::string peerDevice;
  std::string peerAddress;
};

/** Base of all workloads: threads, progress, gaps, problems. */
class Workload {
 public:
  explicit Workload(std::string name) : name_(std::move(name)) {}
  virtual ~Workload() = default;
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  const std::string& name() const { return name_; }
  virtual void start() = 0;
  /** Ask all threads to end, and do not wait. */
  void askToStop() { stopping_ = true; }
  /** The same, and do not wait for what is still under way: it will not arrive. */
  void giveUp() {
    hopeless_ = true;
    askToStop();
  }
  /** Ask all threads to end, wait for them, do the closing checks. */
  virtual void stop() { joinAll(); }
  /** Work that is known to have reached the other side, in units of the workload's own. */
  std::uint64_t progress() const { return progress_.load(std::memory_order_relaxed); }
  /** False for what only watches or only acts when asked. */
  virtual bool progresses() const { return true; }
  /** What went wrong so far. */
  std::vector<std::string> problems() const;
  /** Figures for the report. */
  virtual Json measured() const;

 protected:
  /** Run @p body in a thread inside the namespace of @p side; an exception becomes a problem. */
  void spawn(Side side, std::function<void()> body);
  void joinAll();
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }
  bool hopeless() const { return hopeless_.load(std::memory_order_relaxed); }
  /** Record @p units of progress, and the gap since the last. Called by one thread only. */
  void advance(std::uint64_t units = 1);
  /** Record a problem; the same one again is only counted. */
  void problem(const std::string& text);
  /** Record the errno of a send or receive call, unless it only says "later". Waits a moment, so
   *  that a workload that carries on after an error does not spin. */
  void sendProblem();
  void receiveProblem();

 private:
  std::string name_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_{false}, hopeless_{false};
  std::atomic<std::uint64_t> progress_{0};
  std::atomic<std::int64_t> lastAdvance_{0};
  std::atomic<std::int64_t> longestGap_{0};  ///< nanoseconds
  mutable std::mutex lock_;
  std::vector<std::pair<std::string, std::size_t>> problems_;  ///< text, how often
};

/** All workloads of a test, started and judged together. */
class WorkloadSet {
 public:
  ~WorkloadSet() { stop(); }

  template <typename W, typename... Args>
  W& add(Args&&... args) {
    auto item = std::make_unique<W>(std::forward<Args>(args)...);
    W& reference = *item;
    items_.push_back(std::move(item));
    return reference;
  }

  void start();
  void stop();
  /** stop() for a network that is gone: nothing is waited for. */
  void abandon();

  /** Wait until each has got further than now; names those that did not within @p limit. */
  std::vector<std::string> awaitProgress(milliseconds limit);
  /** Problems of all, each with the name of its workload. */
  std::vector<std::string> problems() const;
  Json measured() const;

 private:
  std::vector<std::unique_ptr<Workload>> items_;
  bool running_ = false;
};

}  // namespace lug
