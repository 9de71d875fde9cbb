// SPDX-License-Identifier: GPL-2.0-or-later
// The pre-flight check's questions about the running kernel: version, signature, symbols.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_set>

#include "check_parts.h"
#include "classify.h"

namespace luctl {
namespace {

constexpr size_t kNamedAtMost = 5;  ///< of many symbols at fault, so many are named in a message

std::string some_of(const std::vector<std::string>& names) {
  size_t shown = std::min(names.size(), kNamedAtMost);
  std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + shown, ", "));
  if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

bool is_of_this_kernel(Kernel& kernel, const ModuleFile& file) {
  return file.release() == kernel.release();
}

std::optional<ModuleFile> installed_module(Kernel& kernel, const std::string& module) {
  auto path = kernel.module_file(module);
  if (!path) return std::nullopt;
  auto file = read_module(kernel, *path);
  if (!file || !is_of_this_kernel(kernel, *file)) return std::nullopt;
  return std::move(*file);
}

/// CRCs of the kernel's symbols, as far as they can be known, and where from.
struct KnownCrcs {
  std::map<std::string, uint32_t> crcs;
  std::vector<std::string> sources;
};

/// "0xCRC<TAB>symbol<TAB>module<TAB>EXPORT_SYMBOL..." for each symbol.
void add_symvers(KnownCrcs& known, const std::string& text) {
  for (const std::string& line : lines_of(text)) {
    std::vector<std::string> fields = split(line, '\t');
    if (fields.size() < 2) continue;
    known.crcs[fields[1]] = static_cast<uint32_t>(std::strtoul(fields[0].c_str(), nullptr, 16));
  }
}

KnownCrcs known_crcs(Kernel& kernel, const Reference& reference) {
  KnownCrcs known;
  std::string symvers = fmt::format("/lib/modules/{}/build/Module.symvers", kernel.release());
  if (auto text = kernel.read(symvers)) {
    add_symvers(known, *text);
    known.sources.push_back(symvers);
  }
  for (const auto* file : {&reference.installed, &reference.kernels}) {
    if (!*file) continue;
    known.crcs.insert((*file)->crcs.begin(), (*file)->crcs.end());
    known.sources.push_back((*file)->path);
  }
  std::sort(known.sources.begin(), known.sources.end());
  known.sources.erase(std::unique(known.sources.begin(), known.sources.end()), known.sources.end());
  return known;
}

/// What the other files given export: their versions are those that the file is bound to.
std::unordered_set<std::string> exports_beside(const CheckReport& report, const ModuleFile& file) {
  std::unordered_set<std::string> names;
  for (const ModuleFile& other : report.files)
    if (&other != &file) names.insert(other.exports.begin(), other.exports.end());
  return names;
}

/// Imports that the running kernel does not have. Reading kallsyms is slow, so it is read only for
/// what the reference does not import already.
std::vector<std::string> missing_symbols(Kernel& kernel, const Reference& reference,
                                         const ModuleFile& file,
                                         std::unordered_set<std::string> there, bool& checked) {
  for (const auto* known : {&reference.installed, &reference.kernels})
    if (*known)
      for (const Import& import : (*known)->imports) there.insert(import.symbol);
  // Kernels without CONFIG_KALLSYMS_ALL list no variables: those cannot be missed.
  auto lacks = [&](const Import& import) {
    return !import.weak && !there.contains(import.symbol) &&
           classify(import.symbol).klass != ImportClass::kData;
  };
  checked = true;
  if (std::none_of(file.imports.begin(), file.imports.end(), lacks)) return {};

  auto kallsyms = kernel.read("/proc/kallsyms");
  checked = kallsyms.ok() && !kallsyms->empty();
  if (!checked) return {};
  for (const std::string& line : lines_of(*kallsyms)) {
    size_t name = line.rfind(' ', line.find('\t'));
    if (name != std::string::npos) there.insert(line.substr(name + 1, line.find('\t') - name - 1));
  }
  std::vector<std::string> missing;
  for (const Import& import : file.imports)
    if (lacks(import)) missing.push_back(import.symbol);
  return missing;
}

bool signature_required(Kernel& kernel) {
  if (read_line(kernel, "/sys/module/module/parameters/sig_enforce") == "Y") return true;
  std::string lockdown = read_line(kernel, "/sys/kernel/security/lockdown");
  return lockdown.find('[') != std::string::npos && lockdown.find("[none]") == std::string::npos;
}

}  // namespace

Reference find_reference(Kernel& kernel, const std::string& module) {
  Reference reference;
  reference.installed = installed_module(kernel, module);
  // liveupdate is loaded, or will be: its file fits this kernel by construction.
  reference.kernels =
      reference.installed ? reference.installed : installed_module(kernel, "liveupdate");
  return reference;
}

void check_vermagic(Kernel& kernel, const Reference& reference, const ModuleFile& file,
                    CheckReport& report) {
  std::string release = kernel.release();
  if (file.release() != release) {
    report.problems.push_back(
        {file.path, "other-kernel",
         fmt::format("was built for kernel {}; {} runs",
                     file.release().empty() ? "of no name" : file.release(), release),
         fmt::format("build it against the headers of {}", release)});
    return;
  }
  if (!reference.kernels) {
    report.warnings.push_back(fmt::format(
        "{}: no module file of this kernel found, so only the release of its vermagic was compared",
        file.path));
  } else if (reference.kernels->vermagic != file.vermagic) {
    report.problems.push_back({file.path, "other-kernel",
                               fmt::format("has vermagic '{}', this kernel's modules have '{}'",
                                           file.vermagic, reference.kernels->vermagic),
                               fmt::format("build it with the configuration of {}", release)});
  }
}

void check_signature(Kernel& kernel, const ModuleFile& file, CheckReport& report) {
  if (file.is_signed) return;
  if (signature_required(kernel))
    report.problems.push_back({file.path, "unsigned",
                               "is not signed, and this kernel loads signed modules only",
                               "sign it with a key this kernel trusts (kmodsign, mokutil)"});
  else
    report.warnings.push_back(file.path + ": not signed, loading it taints the kernel");
}

Value check_symbols(Kernel& kernel, const Reference& reference, const ModuleFile& file,
                    CheckReport& report) {
  bool checked = false;
  const std::unordered_set<std::string> beside = exports_beside(report, file);
  std::vector<std::string> missing = missing_symbols(kernel, reference, file, beside, checked);
  if (!checked)
    report.warnings.push_back(file.path + ": /proc/kallsyms cannot be read, symbols not checked");
  if (!missing.empty())
    report.problems.push_back(
        {file.path, "symbols", "needs symbols that this kernel does not have: " + some_of(missing),
         file.depends.empty() ? "take a version made for this kernel"
                              : fmt::format("load {} first", fmt::join(file.depends, ", "))});

  KnownCrcs known = known_crcs(kernel, reference);
  std::vector<std::string> differ;
  size_t compared = 0;
  for (const auto& [symbol, crc] : file.crcs) {
    if (beside.contains(symbol)) {
      compared++;  // by the kernel, with the file beside it
      continue;
    }
    auto it = known.crcs.find(symbol);
    if (it == known.crcs.end()) continue;
    compared++;
    if (it->second != crc) differ.push_back(symbol);
  }
  if (!differ.empty())
    report.problems.push_back(
        {file.path, "crcs", "was built against other versions of: " + some_of(differ),
         fmt::format("build it against the headers of {}", kernel.release())});
  if (compared < file.crcs.size())
    report.warnings.push_back(
        fmt::format("{}: versions of {} of {} imports not checked here (no CRC of them at hand); "
                    "the kernel checks them when the file is staged",
                    file.path, file.crcs.size() - compared, file.crcs.size()));
  return {{"release", kernel.release()}, {"symbols_checked", checked}, {"symbols_missing", missing},
          {"crcs", file.crcs.size()},    {"crcs_compared", compared},  {"crcs_differ", differ},
          {"crcs_from", known.sources}};
}

}  // namespace luctl
