// SPDX-License-Identifier: GPL-2.0
#include "sound/sound_state.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>

#include "sound/alsa.h"
#include "support/process.h"

namespace lug {

namespace {

namespace fs = std::filesystem;

/** The controls of the card, open. */
class Controls {
 public:
  Controls() {
    mustAlsa(snd_hctl_open(&hctl_, soundCard, 0), "open the controls");
    const int error = snd_hctl_load(hctl_);
    if (error >= 0) return;
    snd_hctl_close(hctl_);
    mustAlsa(error, "load the controls");
  }
  ~Controls() { snd_hctl_close(hctl_); }
  Controls(const Controls&) = delete;
  Controls& operator=(const Controls&) = delete;

  snd_hctl_elem_t* first() const { return snd_hctl_first_elem(hctl_); }
  snd_hctl_elem_t* find(const std::string& name) const {
    for (auto* at = first(); at != nullptr; at = snd_hctl_elem_next(at))
      if (name == snd_hctl_elem_get_name(at)) return at;
    return nullptr;
  }

 private:
  snd_hctl_t* hctl_ = nullptr;
};

std::string rangeOf(const snd_ctl_elem_info_t* info) {
  switch (snd_ctl_elem_info_get_type(info)) {
    case SND_CTL_ELEM_TYPE_INTEGER:
      return fmt::format("{}..{} step {}", snd_ctl_elem_info_get_min(info), snd_ctl_elem_info_get_max(info), snd_ctl_elem_info_get_step(info));
    case SND_CTL_ELEM_TYPE_ENUMERATED: return fmt::format("{} items", snd_ctl_elem_info_get_items(info));
    default: return "";
  }
}

std::string valueText(const snd_ctl_elem_info_t* info, const snd_ctl_elem_value_t* value, unsigned index) {
  switch (snd_ctl_elem_info_get_type(info)) {
    case SND_CTL_ELEM_TYPE_BOOLEAN: return std::to_string(snd_ctl_elem_value_get_boolean(value, index));
    case SND_CTL_ELEM_TYPE_INTEGER: return std::to_string(snd_ctl_elem_value_get_integer(value, index));
    case SND_CTL_ELEM_TYPE_INTEGER64: return std::to_string(snd_ctl_elem_value_get_integer64(value, index));
    case SND_CTL_ELEM_TYPE_ENUMERATED: return std::to_string(snd_ctl_elem_value_get_enumerated(value, index));
    case SND_CTL_ELEM_TYPE_BYTES: return std::to_string(snd_ctl_elem_value_get_byte(value, index));
    default: return "?";
  }
}

/** All values of one control, or why they cannot be read. */
std::string valuesOf(snd_hctl_elem_t* elem, const snd_ctl_elem_info_t* info) {
  snd_ctl_elem_value_t* value;
  snd_ctl_elem_value_alloca(&value);
  if (const int error = snd_hctl_elem_read(elem, value); error < 0) return snd_strerror(error);
  std::string text;
  for (unsigned i = 0; i < snd_ctl_elem_info_get_count(info); ++i) text += (i == 0 ? "" : " ") + valueText(info, value, i);
  return text;
}

Json controlState(snd_hctl_elem_t* elem) {
  snd_ctl_elem_info_t* info;
  snd_ctl_elem_info_alloca(&info);
  if (const int error = snd_hctl_elem_info(elem, info); error < 0) return snd_strerror(error);
  return Json{{"number", snd_hctl_elem_get_numid(elem)},
              {"type", snd_ctl_elem_type_name(snd_ctl_elem_info_get_type(info))},
              {"range", rangeOf(info)},
              {"access", fmt::format("{}{}{}", snd_ctl_elem_info_is_readable(info), snd_ctl_elem_info_is_writable(info),
                                     snd_ctl_elem_info_is_tlv_readable(info))},
              {"values", valuesOf(elem, info)}};
}

/** Places in sysfs and device nodes of everything that is about sound. */
void addDevices(Json& state) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator("/sys/class/sound", failed)) {
    const auto name = entry.path().filename().string();
    state["devices"][name] = fs::canonical(entry.path(), failed).string();
    struct stat node {};
    if (stat(("/dev/snd/" + name).c_str(), &node) == 0)
      state["nodes"][name] = fmt::format("{}:{} {:o}", major(node.st_rdev), minor(node.st_rdev), node.st_mode);
  }
}

}  // namespace

Json takeSoundState() {
  Json state;
  addDevices(state);
  for (const char* name : {"cards", "devices", "pcm"}) state[name] = split(slurp(std::string("/proc/asound/") + name).value_or(""), '\n');
  const Controls controls;
  for (auto* at = controls.first(); at != nullptr; at = snd_hctl_elem_next(at)) {
    const auto key = fmt::format("{} {} {}.{}", static_cast<int>(snd_hctl_elem_get_interface(at)), snd_hctl_elem_get_name(at),
                                 snd_hctl_elem_get_device(at), snd_hctl_elem_get_index(at));
    state["controls"][key] = controlState(at);
  }
  return state;
}

std::optional<std::string> controlValue(const std::string& name) {
  const Controls controls;
  auto* elem = controls.find(name);
  if (elem == nullptr) return std::nullopt;
  return controlState(elem).value("values", "");
}

namespace {

/** Sets all values to what @p choose makes of the control's description. */
template <typename Choose>
int setValues(const std::string& name, Choose choose) {
  const Controls controls;
  auto* elem = controls.find(name);
  if (elem == nullptr) return ENOENT;
  snd_ctl_elem_info_t* info;
  snd_ctl_elem_info_alloca(&info);
  snd_ctl_elem_value_t* values;
  snd_ctl_elem_value_alloca(&values);
  if (const int error = snd_hctl_elem_info(elem, info); error < 0) return -error;
  const long value = choose(info);
  for (unsigned i = 0; i < snd_ctl_elem_info_get_count(info); ++i) snd_ctl_elem_value_set_integer(values, i, value);
  const int error = snd_hctl_elem_write(elem, values);
  return error < 0 ? -error : 0;
}

}  // namespace

int setControl(const std::string& name, long value) {
  return setValues(name, [&](const snd_ctl_elem_info_t*) { return value; });
}

int setControlToMost(const std::string& name) {
  return setValues(name, [](const snd_ctl_elem_info_t* info) {
    return snd_ctl_elem_info_get_type(info) == SND_CTL_ELEM_TYPE_INTEGER ? snd_ctl_elem_info_get_max(info) : 1;
  });
}

std::string streamState(unsigned device, char direction) {
  const auto text = slurp(fmt::format("/proc/asound/card0/pcm{}{}/sub0/status", device, direction)).value_or("");
  for (const auto& line : split(text, '\n'))
    if (line.starts_with("state: ")) return line.substr(7);
  return text;
}

}  // namespace lug
