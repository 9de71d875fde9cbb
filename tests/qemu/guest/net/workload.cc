// SPDX-License-Identifier: GPL-2.0
#include "workload.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace lug {

namespace {

constexpr std::size_t problemsInWords = 30;
constexpr int workloadNice = 5;
constexpr auto errorPause = milliseconds(1);

std::int64_t nowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
}

}  // namespace

std::vector<std::string> Workload::problems() const {
  std::lock_guard guard(lock_);
  std::vector<std::string> list;
  for (const auto& [text, times] : problems_)
    list.push_back(times == 1 ? text : fmt::format("{} ({} times)", text, times));
  return list;
}

Json Workload::measured() const {
  return Json{{"progress", progress()},
              {"longest_gap_ms", static_cast<double>(longestGap_.load()) / 1e6}};
}

void Workload::spawn(Side side, std::function<void()> body) {
  threads_.emplace_back([this, side, run = std::move(body)] {
    try {
      // Below what controls the test: on a busy machine the update must not wait for its own load.
      setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), workloadNice);
      InNamespace inside(side);
      run();
    } catch (const std::exception& e) {
      problem(e.what());
    }
  });
}

void Workload::joinAll() {
  stopping_ = true;
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void Workload::advance(std::uint64_t units) {
  const auto now = nowNs();
  const auto before = lastAdvance_.exchange(now, std::memory_order_relaxed);
  if (before != 0 && now - before > longestGap_.load(std::memory_order_relaxed))
    longestGap_.store(now - before, std::memory_order_relaxed);
  progress_.fetch_add(units, std::memory_order_relaxed);
}

void Workload::problem(const std::string& text) {
  std::lock_guard guard(lock_);
  for (auto& [known, times] : problems_)
    if (known == text) {
      ++times;
      return;
    }
  if (problems_.size() < problemsInWords) problems_.emplace_back(text, 1);
}

void Workload::sendProblem() {
  const int error = errno;
  if (isRetry(error) || error == ENOBUFS) return;  // a full queue is back-pressure, not a fault
  problem(fmt::format("send: {}", std::strerror(error)));
  std::this_thread::sleep_for(errorPause);
}

void Workload::receiveProblem() {
  const int error = errno;
  if (isRetry(error)) return;
  problem(fmt::format("receive: {}", std::strerror(error)));
  std::this_thread::sleep_for(errorPause);
}

void WorkloadSet::start() {
  running_ = true;
  for (auto& item : items_) item->start();
}

void WorkloadSet::abandon() {
  for (auto& item : items_) item->giveUp();
  stop();
}

void WorkloadSet::stop() {
  if (!running_) return;
  running_ = false;
  // All at once: where nothing arrives any more, each waits for its last bytes until its limit.
  for (auto& item : items_) item->askToStop();
  for (auto& item : items_) item->stop();
}

std::vector<std::string> WorkloadSet::awaitProgress(milliseconds limit) {
  std::vector<std::pair<Workload*, std::uint64_t>> waiting;
  for (auto& item : items_)
    if (item->progresses()) waiting.emplace_back(item.get(), item->progress());
  waitUntil(limit, [&] {
    std::erase_if(waiting, [](const auto& w) { return w.first->progress() > w.second; });
    return waiting.empty();
  });
  std::vector<std::string> stalled;
  for (const auto& [item, at] : waiting)
    stalled.push_back(fmt::format("{} made no progress within {} ms", item->name(), limit.count()));
  return stalled;
}

std::vector<std::string> WorkloadSet::problems() const {
  std::vector<std::string> all;
  for (const auto& item : items_)
    for (const auto& text : item->problems()) all.push_back(item->name() + ": " + text);
  return all;
}

Json WorkloadSet::measured() const {
  Json all = Json::object();
  for (const auto& item : items_) all[item->name()] = item->measured();
  return all;
}

}  // namespace lug
