// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/fake_kernel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "module_file.h"

namespace luctl {
namespace {

class FakeEvents : public UeventSource {
 public:
  FakeEvents(std::deque<Uevent> events, std::vector<int> errors)
      : events_(std::move(events)), errors_(std::move(errors)) {}

  Result<std::optional<Uevent>> next() override {
    if (!errors_.empty()) {
      int err = errors_.back();
      errors_.pop_back();
      return sys_error(err, "uevents");
    }
    if (events_.empty()) return std::optional<Uevent>();
    std::optional<Uevent> event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

 private:
  std::deque<Uevent> events_;
  std::vector<int> errors_;
};

}  // namespace

void FakeKernel::remove_tree(const std::string& dir) {
  std::erase_if(files, [&](const auto& file) {
    return file.first == dir || file.first.starts_with(dir + "/");
  });
}

Result<std::string> FakeKernel::read(const std::string& path) {
  auto it = files.find(path);
  if (it == files.end()) return sys_error(ENOENT, path);
  return it->second;
}

Result<void> FakeKernel::write(const std::string& path, std::string_view text) {
  actions.push_back(fmt::format("write {} {}", path, text));
  if (auto hook = on_write.find(path); hook != on_write.end()) {
    if (int err = hook->second(std::string(text))) return sys_error(err, path);
    return {};
  }
  if (!files.contains(path)) return sys_error(ENOENT, path);
  files[path] = std::string(text) + "\n";
  return {};
}

std::vector<std::string> FakeKernel::list(const std::string& dir) {
  std::set<std::string> names;
  for (const auto& [path, text] : files) {
    if (!path.starts_with(dir + "/")) continue;
    std::string rest = path.substr(dir.size() + 1);
    names.insert(rest.substr(0, rest.find('/')));
  }
  return {names.begin(), names.end()};
}

bool FakeKernel::exists(const std::string& path) {
  return files.contains(path) || is_directory(path);
}

bool FakeKernel::is_directory(const std::string& path) {
  return !list(path).empty();
}

std::string FakeKernel::link_name(const std::string& path) {
  auto it = links.find(path);
  return it == links.end() ? "" : it->second;
}

Result<void> FakeKernel::trigger(const std::string& path, const Note&) {
  return write(path, "1");
}

Result<void> FakeKernel::load_module(std::string_view image, const std::string& params) {
  actions.push_back("load " + params);
  int err = on_load ? on_load(image, params) : EPERM;
  if (err) return sys_error(err, "init_module");
  return {};
}

Result<void> FakeKernel::remove_module(const std::string& name) {
  actions.push_back("remove " + name);
  int err = on_remove ? on_remove(name) : 0;
  if (err) return sys_error(err, name);
  return {};
}

Result<void> FakeKernel::probe_module(const std::string& name) {
  actions.push_back("probe " + name);
  int err = on_probe ? on_probe(name) : 0;
  if (err) return sys_error(err, name);
  return {};
}

std::optional<std::string> FakeKernel::module_file(const std::string& name) {
  auto it = module_files.find(name);
  if (it == module_files.end()) return std::nullopt;
  return it->second;
}

Result<Lock> FakeKernel::lock(const std::string& path) {
  if (!locked.contains(path)) return Lock(std::make_shared<int>(0));
  Error error = sys_error(EWOULDBLOCK, path);
  error.exit = Exit::kBusy;
  return error;
}

std::vector<std::string> FakeKernel::addresses(const std::string& interface) {
  return interface_addresses[interface];
}

bool FakeKernel::confirm(const std::string&) {
  questions++;
  return answer;
}

Result<std::unique_ptr<UeventSource>> FakeKernel::uevents() {
  return std::unique_ptr<UeventSource>(
      std::make_unique<FakeEvents>(std::move(events), std::move(event_errors)));
}

FakeDriver::FakeDriver(FakeKernel& kernel, std::string name)
    : kernel_(kernel), name_(std::move(name)), dir_("/sys/kernel/liveupdate/drivers/" + name_) {
  kernel_.files["/sys/kernel/liveupdate/manage"] += name_ + "\n";
  kernel_.files["/sys/kernel/liveupdate/unmanage"] = "";
  kernel_.files["/sys/module/" + name_ + "/initstate"] = "live\n";
  const std::pair<const char*, const char*> values[] = {
      {"class", "net"},          {"state", "running"},    {"policy", "rollback"},
      {"method", "auto"},        {"release", "graceful"}, {"timeout_ms", "10000"},
      {"generation", "1"},       {"log_entries", "3"},    {"log_bytes", "120"},
      {"objects", "7"},          {"last/result", "none"}, {"last/errno", "0"},
      {"last/blackout_us", "0"}, {"last/mismatches", ""},
  };
  for (const auto& [file, value] : values) kernel_.files[path(file)] = std::string(value) + "\n";
  put_generation("running", "1.0", "aa");
  kernel_.on_load = [this](std::string_view image, const std::string&) { return load(image); };
  kernel_.on_write[path("update")] = [this](const std::string&) { return update(); };
  kernel_.on_write[path("rollback")] = [this](const std::string&) { return rollback(); };
  kernel_.on_write[path("commit")] = [this](const std::string&) {
    if (!has("kept")) return ENOENT;
    kernel_.remove_tree(path("kept"));
    return 0;
  };
  kernel_.on_write[path("discard")] = [this](const std::string&) {
    if (!has("staged")) return ENOENT;
    kernel_.remove_tree(path("staged"));
    kernel_.files[path("state")] = "running\n";
    return 0;
  };
}

void FakeDriver::put_generation(const std::string& role, const std::string& version,
                                const std::string& build_id) {
  std::string dir = path(role);
  kernel_.files[dir + "/module"] = name_ + (role == "running" ? "" : "__2") + "\n";
  kernel_.files[dir + "/version"] = version + "\n";
  kernel_.files[dir + "/srcversion"] = "\n";
  kernel_.files[dir + "/build_id"] = build_id + "\n";
}

bool FakeDriver::has(const std::string& role) const {
  return kernel_.files.contains(path(role) + "/module");
}

int FakeDriver::load(std::string_view image) {
  if (has("staged")) return EBUSY;
  auto file = parse_module(std::string(image), "image", "x86_64");
  if (!file) return ENOEXEC;
  put_generation("staged", file->version, file->build_id);
  kernel_.files[path("state")] = "staged\n";
  return 0;
}

void FakeDriver::move(const std::string& from, const std::string& to) {
  for (const char* file : {"/module", "/version", "/srcversion", "/build_id"})
    kernel_.files[path(to) + file] = kernel_.files[path(from) + file];
  kernel_.remove_tree(path(from));
}

void FakeDriver::record(const std::string& result, int err) {
  kernel_.files[path("last/result")] = result + "\n";
  kernel_.files[path("last/errno")] = std::to_string(err) + "\n";
  kernel_.files[path("last/blackout_us")] = "41250\n";
  kernel_.files[path("last/reason")] = err ? "verify failed (-95)\n" : "\n";
  kernel_.files[path("last/devices")] = "2\n";
  kernel_.files[path("last/phases")] = "quiesce 700\nattach 40000\n";
  std::string text;
  for (const std::string& mismatch : mismatches) text += mismatch + "\n";
  kernel_.files[path("last/mismatches")] = text;
}

int FakeDriver::update() {
  if (!has("staged")) return ENOENT;
  if (update_errno == EBUSY || update_errno == EINVAL) return update_errno;
  if (update_errno) {
    bool failed = update_errno == EIO;
    record(failed ? "failed" : "rolled-back", update_errno);
    kernel_.files[path("state")] = (failed ? "failed" : state_after_failure) + "\n";
    return update_errno;
  }
  kernel_.remove_tree(path("kept"));
  move("running", "kept");
  move("staged", "running");
  record("updated", 0);
  kernel_.files[path("state")] = "running\n";
  kernel_.files[path("generation")] = "2\n";
  return 0;
}

int FakeDriver::rollback() {
  if (!has("kept")) return ENOENT;
  if (update_errno) return update_errno;
  move("kept", "tmp");
  move("running", "kept");
  move("tmp", "running");
  record("updated", 0);
  return 0;
}

}  // namespace luctl
