// SPDX-License-Identifier: GPL-2.0
#include "initramfs.h"

#include <fmt/format.h>

#include <set>

#include "cpio.h"

namespace luq {

namespace {

/** The folder that becomes an archive. */
class Tree {
 public:
  const fs::path& root() const { return folder_.path(); }

  void addProgram(const fs::path& program) {
    const auto real = fs::canonical(program);
    copyFile(real, root() / "usr/bin" / program.filename());
    const auto libraries = run({"sh", "-c", "LC_ALL=C ldd \"$1\" 2>/dev/null", "sh", real.string()});
    if (libraries.exitCode != 0) return;  // a static program or a script
    for (const auto& word : split(replaceSpace(libraries.out), ' '))
      if (word.front() == '/') addLibrary(word);
  }

  void addPath(const fs::path& from) {
    if (!fs::exists(from)) throw Error(fmt::format("the guest needs {}, which is not there", from.string()));
    const auto place = root() / from.relative_path();
    fs::create_directories(place.parent_path());
    fs::copy(from, place, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }

  void copyFile(const fs::path& from, const fs::path& to) {
    std::error_code failed;
    fs::create_directories(to.parent_path());
    if (!fs::copy_file(from, to, fs::copy_options::overwrite_existing, failed))
      throw Error(fmt::format("cannot copy {}: {}", from.string(), failed.message()));
  }

 private:
  static std::string replaceSpace(std::string text) {
    for (char& c : text)
      if (c == '\n' || c == '\t') c = ' ';
    return text;
  }

  /** In the guest the folders in the root are links to those in /usr, and an archive cannot replace a link by a folder. */
  void addLibrary(const fs::path& library) {
    if (!libraries_.insert(library).second) return;
    const auto place = library.relative_path();
    copyFile(fs::canonical(library), root() / (place.begin()->string() == "usr" ? place : "usr" / place));
  }

  TempDir folder_;
  std::set<fs::path> libraries_;
};

/** The staging folder of the guest's whole root. */
class Staging : public Tree {
 public:
  explicit Staging(const KernelDir& kernel) : kernel_(kernel) {
    for (const char* name : {"dev", "proc", "sys", "tmp", "run/netns", "root", "etc", "var", "mnt",
                             "m", "lu", "drivers", "usr/bin", "usr/lib", "usr/lib64", "bin"})
      fs::create_directories(root() / name);
    for (const char* name : {"lib", "lib64"}) fs::create_symlink(fmt::format("usr/{}", name), root() / name);
    fs::create_symlink("usr/bin", root() / "sbin");
    fs::create_symlink("bin", root() / "usr/sbin");
    fs::create_symlink("../run", root() / "var/run");
  }

  void addStockModules(const std::vector<std::string>& names) {
    const auto source = kernel_.moduleFolder();
    const auto target = moduleRoot();
    for (const auto& file : kernel_.moduleClosure(names)) {
      auto place = target / file.lexically_relative(source);
      fs::create_directories(place.parent_path());
      expandModule(file, place);
    }
    for (const char* name : {"modules.builtin", "modules.builtin.modinfo", "modules.order"})
      if (fs::exists(source / name)) copyFile(source / name, target / name);
  }

  void addOwnModule(const fs::path& file) {
    fs::create_directories(moduleRoot() / "extra");
    copyFile(file, moduleRoot() / "extra" / file.filename());
    copyFile(file, root() / "lu" / file.filename());
  }

  void indexModules() {
    fs::create_directories(moduleRoot());
    runOrThrow({findProgram("depmod").string(), "-b", root().string(), kernel_.release()});
  }

 private:
  fs::path moduleRoot() const { return root() / "lib/modules" / kernel_.release(); }

  /** Copy a module, decompressed: insmod and lu-ctl in the guest then see a plain file. */
  void expandModule(const fs::path& from, fs::path to) {
    const auto suffix = from.extension();
    if (suffix == ".ko") return copyFile(from, to);
    const char* tool = suffix == ".xz" ? "xz" : suffix == ".zst" ? "zstd" : "gzip";
    to.replace_extension();
    writeFile(to, runOrThrow({tool, "-dc", from.string()}));
  }

  const KernelDir& kernel_;
};

}  // namespace

const std::vector<std::string>& basePrograms() {
  static const std::vector<std::string> names = {"busybox", "dash", "kmod", "ip", "tc",
                                                 "bridge",  "ethtool", "mkfs.ext4", "e2fsck", "dmsetup"};
  return names;
}

const std::vector<std::string>& baseModules() {
  static const std::vector<std::string> names = {
      "virtio_pci", "virtio_console", "virtio_net",    "e1000",          "e1000e",
      "pcnet32",    "8021q",          "macvlan",       "bridge",         "bonding",
      "veth",       "dummy",          "sch_fq_codel",  "sch_htb",        "sch_ingress",
      "sch_prio",   "sch_fq",         "sch_tbf",       "sch_mqprio",     "cls_u32",
      "cls_matchall", "cls_basic",    "cls_flower",    "cls_bpf",        "act_gact",
      "act_mirred", "act_police",     "packet_diag",   "af_packet_diag", "ptp",
      "netconsole", "tun",            "ipvlan",        "virtio_blk",     "virtio_scsi",
      "ata_piix",   "ahci",           "ata_generic",   "sd_mod",         "nvme",
      "ext4",       "loop",           "dm_mod",        "dm_crypt",       "xts",
      "ecb",        "aes_generic",    "snd_ens1370",   "snd_intel8x0",   "snd_hda_intel",
      "snd_hda_codec_generic"};
  return names;
}

void buildInitramfs(const KernelDir& kernel, const GuestContents& contents, const fs::path& output) {
  Staging staging(kernel);
  for (const auto& name : basePrograms()) {
    const auto program = findProgram(name);
    if (program.empty()) throw Error(fmt::format("the guest needs '{}', which is not installed", name));
    staging.addProgram(program);
  }
  for (const char* name : {"modprobe", "insmod", "rmmod", "lsmod", "depmod", "modinfo"})
    fs::create_symlink("kmod", staging.root() / "usr/bin" / name);
  // busybox's own shell prefers its applets (ip, insmod ...) to the real programs in PATH.
  fs::create_symlink("../usr/bin/dash", staging.root() / "bin/sh");
  for (const auto& program : contents.programs) staging.addProgram(program);
  auto modules = baseModules();
  modules.insert(modules.end(), contents.modules.begin(), contents.modules.end());
  staging.addStockModules(modules);
  for (const auto& module : contents.ownModules) staging.addOwnModule(module);
  staging.indexModules();
  const auto recursive = fs::copy_options::recursive | fs::copy_options::overwrite_existing;
  if (!contents.driverVersions.empty())
    fs::copy(contents.driverVersions, staging.root() / "drivers", recursive);
  for (const auto& file : contents.files) {
    const auto clean = fs::canonical(file);
    fs::copy(clean, staging.root() / "m" / file.filename(), recursive);
  }
  staging.copyFile(contents.init, staging.root() / "init");
  Cpio archive;
  archive.addTree(staging.root());
  archive.addCharDevice("dev/console", 5, 1);
  writeFile(output, archive.finish());
}

void appendPrograms(const std::vector<std::string>& names, const fs::path& from, const fs::path& to) {
  Tree tree;
  for (const auto& name : names) {
    if (name.starts_with('/')) {
      tree.addPath(name);
      continue;
    }
    const auto program = findProgram(name);
    if (program.empty()) throw Error(fmt::format("the guest needs '{}', which is not installed", name));
    tree.addProgram(program);
  }
  Cpio archive;
  archive.addTree(tree.root());
  auto whole = readFile(from);
  whole.resize((whole.size() + 3) / 4 * 4);  // the kernel looks for the next archive at multiples of four
  writeFile(to, whole + archive.finish());
}

}  // namespace luq
