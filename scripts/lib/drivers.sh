# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# testenv drivers: real versions of each driver, and faulty variants of them,
# built as external modules for one of the kernels. No driver source is in the
# tree: real ones are built as Debian ships them, variants are made by the
# edits in tests/drivers/<driver>/<label>.sh at build time.

# libata, nvme_core, snd_ac97_codec and snd_hda_core stand for sets: the library, and
# drivers that link against it, built together. Their files are in one folder.
lu_drivers=(e1000 e1000e pcnet32 virtio_net virtio_blk virtio_scsi ata_piix ahci libata
	sd_mod nvme nvme_core snd_ens1370 snd_intel8x0 snd_ac97_codec snd_hda_intel
	snd_hda_core)
edits_dir=$lu_top/tests/drivers

# Where a driver from the other kernel series has a chance to build as it is.
# The others are known to be hundreds of lines apart.
cross_series_drivers=" e1000 pcnet32 snd_ens1370 snd_intel8x0 snd_ac97_codec "

# A driver that was written for another kernel must not get by with a warning:
# such a module loads, and then faults at the first call.
fit_flags="-Werror=incompatible-pointer-types -Werror=discarded-qualifiers"
fit_flags+=" -Werror=implicit-function-declaration -Werror=int-conversion"

# driver_flags KERNEL - debug information is only of use for making BTF from it,
# and for that the build directory must have a vmlinux (6.12's has, 6.1's not).
driver_flags() {
	local flags=$fit_flags
	[ -f "$1/kdir/vmlinux" ] || flags+=" -g0"
	printf '%s\n' "$flags"
}

driver_source() {
	case $1 in
	e1000 | e1000e) printf 'drivers/net/ethernet/intel/%s\n' "$1" ;;
	pcnet32) printf 'drivers/net/ethernet/amd/pcnet32.c\n' ;;
	virtio_net) printf 'drivers/net/virtio_net.c\n' ;;
	virtio_blk) printf 'drivers/block/virtio_blk.c\n' ;;
	virtio_scsi) printf 'drivers/scsi/virtio_scsi.c\n' ;;
	ata_piix | ahci) printf 'drivers/ata/%s.c\n' "$1" ;;
	libata) printf 'drivers/ata\n' ;;
	sd_mod) printf 'drivers/scsi/sd.c\n' ;;
	nvme) printf 'drivers/nvme/host/pci.c\n' ;;
	nvme_core) printf 'drivers/nvme/host\n' ;;
	snd_ens1370 | snd_intel8x0) printf 'sound/pci/%s.c\n' "${1#snd_}" ;;
	snd_ac97_codec) printf 'sound/pci/ac97\n' ;;
	snd_hda_intel) printf 'sound/pci/hda/hda_intel.c\n' ;;
	snd_hda_core) printf 'sound/hda\n' ;;
	esac
}

# Where the rest of a set is.
driver_rest() {
	case $1 in
	snd_ac97_codec) driver_source snd_intel8x0 ;;
	snd_hda_core) printf 'sound/pci/hda\n' ;;
	esac
}

# The modules of a driver, libraries first, as their files are called.
driver_modules() {
	case $1 in
	libata) printf 'libata\nlibahci\nahci\nata_piix\n' ;;
	nvme_core) printf 'nvme-core\nnvme\n' ;;
	snd_ac97_codec) printf 'snd-ac97-codec\nsnd-intel8x0\n' ;;
	snd_hda_core) printf 'snd-hda-%s\n' core codec codec-generic intel ;;
	snd_*) printf '%s\n' "${1//_/-}" ;;
	*) printf '%s\n' "$1" ;;
	esac
}

# What a driver needs beside its source file, as far as its kernel has it.
driver_neighbours() {
	case $1 in
	ahci) printf 'ahci.h\n' ;;
	virtio_scsi) printf 'sd.h\n' ;;
	nvme) printf 'nvme.h\ntrace.h\n' ;;
	snd_ens1370) printf 'ak4531_codec.c\n' ;;
	snd_hda_intel) printf '%s\n' hda_intel.h hda_intel_trace.h hda_controller.h ;;
	sd_mod) printf '%s\n' sd.h scsi_priv.h scsi_logging.h sd_dif.c sd_zbc.c sd_trace.h ;;
	esac
}

# driver_kbuild DRIVER - of a driver whose source is not a folder.
driver_kbuild() {
	printf 'obj-m := %s.o\n' "$(driver_modules "$1")"
	case $1 in
	nvme) printf 'nvme-y := pci.o\n' ;;
	snd_ens1370) printf 'snd-ens1370-y := ens1370.o ak4531_codec.o\n' ;;
	snd_intel8x0) printf 'snd-intel8x0-y := intel8x0.o\n' ;;
	snd_hda_intel) printf 'snd-hda-intel-y := hda_intel.o\nCFLAGS_hda_intel.o := -I$(src)\n' ;;
	esac
	[ "$1" = sd_mod ] || return 0
	cat <<-'EOF'
	sd_mod-y := sd.o
	sd_mod-$(CONFIG_BLK_DEV_INTEGRITY) += sd_dif.o
	sd_mod-$(CONFIG_BLK_DEV_ZONED) += sd_zbc.o
	CFLAGS_sd_zbc.o := -I$(src)
	EOF
}

# The file of each module that takes its version string.
driver_main_files() {
	case $1 in
	e1000) printf 'e1000_main.c\n' ;;
	e1000e) printf 'netdev.c\n' ;;
	libata) printf 'libata-core.c\nlibahci.c\nahci.c\nata_piix.c\n' ;;
	sd_mod) printf 'sd.c\n' ;;
	nvme) printf 'pci.c\n' ;;
	nvme_core) printf 'core.c\npci.c\n' ;;
	snd_ens1370 | snd_intel8x0 | snd_hda_intel) printf '%s.c\n' "${1#snd_}" ;;
	snd_ac97_codec) printf 'ac97_codec.c\nintel8x0.c\n' ;;
	snd_hda_core) printf 'hda%s.c\n' _bus_type _codec _generic _intel ;;
	*) printf '%s.c\n' "$1" ;;
	esac
}

# target_series TARGET - the series that TARGET's own drivers come from.
target_series() {
	case $1 in
	6.12) printf '6.12\n' ;;
	*) printf '6.1\n' ;;
	esac
}

other_series() {
	case $1 in
	6.12) printf '6.1\n' ;;
	*) printf '6.12\n' ;;
	esac
}

# real_versions DRIVER TARGET - candidates among the archive's sources.
real_versions() {
	local series
	series=$(target_series "$2")
	archive_oldest "linux-source-$series"
	archive_newest "linux-source-$series"
	case $cross_series_drivers in
	*" $1 "*) archive_oldest "linux-source-$(other_series "$series")" ;;
	esac
}

cmd_drivers() {
	[ $# = 1 ] || die "for which kernel?" "testenv drivers 6.1|6.12|debug"
	local kernel key
	kernel=$(cmd_kernel "$1")
	key=$(drivers_key "$1" "$kernel")
	# Where all of them have been built, some of them are there.
	if [ -n "${LU_DRIVERS:-}" ] && [ "$(readlink "$kernel/drivers")" != ".drivers-$key" ]; then
		drivers_choose "$LU_DRIVERS"
		key=$(drivers_key "$1" "$kernel")
	fi
	if [ "$(readlink "$kernel/drivers")" != ".drivers-$key" ]; then
		with_lock "drivers-$1" drivers_make "$1" "$kernel" "$key"
	fi
	printf '%s/drivers\n' "$kernel"
}

# drivers_choose NAMES - build no others.
drivers_choose() {
	local name
	for name in $1; do
		[[ " ${lu_drivers[*]} " == *" $name "* ]] ||
			die "LU_DRIVERS: no driver '$name'" "choose from ${lu_drivers[*]}"
	done
	read -ra lu_drivers <<<"$1"
}

drivers_key() {
	local driver
	{
		printf '%s\n' "${lu_drivers[@]}"
		cat "$2/release" "$2/package" "$lu_top"/scripts/lib/{drivers,sources}.sh
		find "$edits_dir" -type f | sort | xargs sha256sum
		for driver in "${lu_drivers[@]}"; do
			real_versions "$driver" "$1"
		done
	} | sed "s,$lu_top/,," | sha256sum | cut -c1-12
}

drivers_make() {
	local target=$1 kernel=$2 key=$3 work old
	[ "$(readlink "$kernel/drivers")" != ".drivers-$key" ] || return 0
	note "building drivers for kernel $target"
	rm -rf "$lu_cache/logs/drivers-$target"
	work=$(work_dir "drivers-$target")
	mkdir "$work/out" "$work/jobs"
	drivers_plan "$target" "$kernel" "$work"
	drivers_run_jobs "$work"
	drivers_check_and_list "$target" "$kernel" "$work"
	rm -rf "${kernel:?}/.drivers-$key"
	publish "$work/out" "$kernel/.drivers-$key"
	ln -sfn ".drivers-$key" "$kernel/.drivers-new"
	mv -T "$kernel/.drivers-new" "$kernel/drivers"
	for old in "$kernel"/.drivers-*; do
		[ "$old" = "$kernel/.drivers-$key" ] || rm -rf "$old"
	done
	rm -rf "$work"
}

# drivers_plan TARGET KERNEL WORK - one folder in WORK/jobs for each module:
# src/ ready to be built, and one file for each property of the manifest.
drivers_plan() {
	local driver script own
	own=$(archive_newest "linux-source-$(target_series "$1")")
	for driver in "${lu_drivers[@]}"; do
		plan_stock "$driver" "$1" "$2" "$3" "$own"
		plan_real "$driver" "$1" "$2" "$3" "$own"
		for script in "$edits_dir/$driver"/*.sh; do
			plan_variant "$driver" "$1" "$2" "$3" "$own" "$script"
		done
	done
}

# new_job WORK DRIVER LABEL KIND VERSION KERNEL DESCRIPTION - print its folder.
new_job() {
	local job=$1/jobs/$2-$3
	mkdir "$job"
	printf '%s' "$2" >"$job/driver"
	printf '%s' "$3" >"$job/label"
	printf '%s' "$4" >"$job/kind"
	printf '%s' "$5" >"$job/package"
	printf '%s' "$6" >"$job/kernel"
	printf '%s' "$7" >"$job/description"
	printf '%s\n' "$job"
}

plan_stock() {
	local job from=Debian\'s
	[ "$2" != debug ] || from="the debug kernel's"
	job=$(new_job "$4" "$1" stock real "$(cat "$3/package")" "$3" \
		"$from own binary of that kernel")
	: >"$job/stock"
}

# Of versions whose source is the same, one is enough.
plan_real() {
	local driver=$1 target=$2 kernel=$3 work=$4 own=$5
	local version dir hash own_hash seen=" " job
	dir=$(ensure_source "$own")
	own_hash=$(driver_hash "$driver" "$dir")
	for version in $(real_versions "$driver" "$target"); do
		dir=$(ensure_source "$version")
		hash=$(driver_hash "$driver" "$dir")
		case $seen in *" $hash "*) continue ;; esac
		seen+="$hash "
		job=$(new_job "$work" "$driver" "$(source_label "$version")" real \
			"$version" "$kernel" "source of $version, built as it is")
		if [ "$hash" = "$own_hash" ]; then
			: >"$job/same-as-stock"
			printf '%s' "$job" >"$work/base-$driver"
		fi
		: >"$job/may-not-fit"
		driver_prepare "$driver" "$dir" "$job" "$(ensure_source "$own")"
	done
}

# driver_hash DRIVER SOURCES
driver_hash() {
	local part
	for part in $(driver_source "$1") $(driver_rest "$1"); do
		source_hash "$2/$part"
	done
}

source_hash() {
	(cd "${1%/*}" && find "${1##*/}" -type f | sort | xargs sha256sum) |
		sha256sum | cut -c1-16
}

# A variant's edits run in its source folder; the first "Description:" comment
# of the script goes to the manifest.
plan_variant() {
	local driver=$1 work=$4 own=$5 script=$6 label text job
	[ -f "$script" ] || return 0
	label=$(basename "$script" .sh)
	text=$(sed -n 's/^# Description: //p' "$script")
	[ -n "$text" ] || die "${script#"$lu_top"/} has no 'Description:' line"
	job=$(new_job "$work" "$driver" "$label" variant "$own" "$3" "$text")
	driver_prepare "$driver" "$(ensure_source "$own")" "$job" "$(ensure_source "$own")"
	(
		cd "$job/src" || exit
		# shellcheck source=tests/drivers/edit.sh
		. "$edits_dir/edit.sh"
		# shellcheck source=/dev/null
		. "$script"
	) || die "the edits of ${script#"$lu_top"/} do not fit $driver of $own" \
		"adapt the script to that source"
}

is_set() { [ "$(driver_modules "$1" | wc -l)" -gt 1 ]; }

# rest_prepare PLACE FOLDER - what of a set is elsewhere, a file or a folder.
rest_prepare() {
	if [ ! -d "$1" ]; then
		cp -p "$1" "$2/"
		return
	fi
	cp -np "$1"/*.[ch] "$2/"
	cat "$1/Makefile" >>"$2/Makefile"
}

# driver_prepare DRIVER SOURCES JOB OWN - a folder that Kbuild takes, with the label
# as the module's version: /sys/module/<driver>/version then tells which runs.
# Headers that are shared with a library that stays are those of OWN, the
# kernel's own source: versions of symbols do not tell that a structure grew.
driver_prepare() {
	local from main label file headers
	from=$2/$(driver_source "$1")
	label=$(cat "$3/label")
	if is_set "$1"; then
		cp -rp "$from" "$3/src"
		for file in $(driver_rest "$1"); do
			rest_prepare "$2/$file" "$3/src"
		done
		set_kbuild "$1" "$3/src"
		if [ "$1" = libata ]; then
			mkdir "$3/scsi"
			cp -p "$2/drivers/scsi/scsi_transport_api.h" "$3/scsi/"
		fi
	elif [ -d "$from" ]; then
		cp -rp "$from" "$3/src"
	else
		mkdir "$3/src"
		cp -p "$from" "$3/src/"
		headers=${from%/*}
		[ "$1" != nvme ] || headers=$4/drivers/nvme/host
		for file in $(driver_neighbours "$1"); do
			[ ! -e "$headers/$file" ] || cp -p "$headers/$file" "$3/src/"
		done
		driver_kbuild "$1" >"$3/src/Kbuild"
	fi
	# Trace events include themselves, by a path in the kernel's tree.
	for file in $(grep -l '^#define TRACE_INCLUDE_PATH ' "$3"/src/*.[ch]); do
		sed -i 's,^#define TRACE_INCLUDE_PATH .*,#define TRACE_INCLUDE_PATH .,' "$file"
	done
	for main in $(driver_main_files "$1"); do
		sed -i '/^MODULE_VERSION(/d' "$3/src/$main"
		printf 'MODULE_VERSION("%s");\n' "$label" >>"$3/src/$main"
	done
}

# set_kbuild DRIVER FOLDER - of the kernel's Makefile what says what the modules
# of a set consist of.
set_kbuild() {
	local module keep
	case $1 in
	libata) keep='^libata-' ;;
	nvme_core) keep='^\(ccflags-y\|nvme-core-\|nvme-y\)' ;;
	snd_ac97_codec) keep='^snd-ac97-codec-' ;;
	snd_hda_core) keep='^\(snd-hda-\(core\|intel\|codec-generic\)-\|snd-hda-codec-[y$]\|CFLAGS_\)' ;;
	esac
	{
		for module in $(driver_modules "$1"); do
			printf 'obj-m += %s.o\n' "$module"
		done
		sed -n "/$keep/{:more;/\\\\\$/{N;b more};p}" "$2/Makefile"
		[ "$1" != snd_ac97_codec ] || printf 'snd-intel8x0-y := intel8x0.o\n'
	} >"$2/Kbuild"
	rm "$2/Makefile"
}

# The base of the variants first: they take over most of its objects.
drivers_run_jobs() {
	local work=$1 job bases=()
	for job in "$work"/base-*; do
		bases+=("$(cat "$job")")
	done
	drivers_run "$work" "${bases[@]}"
	for job in "$work"/jobs/*; do
		[ -e "$job/done" ] || set -- "$@" "$job"
	done
	shift
	drivers_run "$work" "$@"
}

# As many at a time as there are CPUs: each has serial steps (modpost, BTF).
drivers_run() {
	local work=$1 job running=0 failed=0
	shift
	for job in "$@"; do
		if [ "$running" -ge "$lu_jobs" ]; then
			wait -n || failed=1
			running=$((running - 1))
		fi
		driver_job "$job" "$work" &
		running=$((running + 1))
	done
	while [ "$running" -gt 0 ]; do
		wait -n || failed=1
		running=$((running - 1))
	done
	[ "$failed" = 0 ] || die "not all drivers could be built"
}

# driver_job JOB WORK - build WORK/out/<driver>/<label>/<driver>.ko. Files are
# called as the modules are.
driver_job() {
	local driver label kernel out module
	driver=$(cat "$1/driver")
	label=$(cat "$1/label")
	kernel=$(cat "$1/kernel")
	out=$2/out/$driver/$label
	mkdir -p "$out"
	if [ -e "$1/stock" ]; then
		for module in $(driver_modules "$driver"); do
			driver_copy_stock "$kernel" "$module" "$out/${module//-/_}.ko"
		done
	elif driver_reuse_module "$1" "$kernel/drivers/$driver/$label" "$out"; then
		:
	elif driver_build "$1" "$kernel" "$driver" "$2/base-$driver"; then
		for module in $(driver_modules "$driver"); do
			mv "$1/src/$module.ko" "$out/${module//-/_}.ko"
		done
	elif [ -e "$1/may-not-fit" ]; then
		: >"$1/does-not-fit"
		rm -r "$out"
		return 0
	else
		tail -n 15 "$(driver_log "$1")" | sed 's/^/  | /' >&2
		die "variant $driver/$label does not build" "read $(driver_log "$1")"
	fi
	for module in $(driver_modules "$driver"); do
		driver_check_vermagic "$out/${module//-/_}.ko" "$(cat "$kernel/release")"
	done
	: >"$1/done"
}

# driver_reuse_objects BASEFILE JOB - a variant differs from its base in a file
# or two. Objects of the others are taken over, with their .cmd files (which
# name the folder), so that Kbuild sees nothing to do for them.
driver_reuse_objects() {
	local base name file
	[ "$(cat "$2/kind")" = variant ] && [ -f "$1" ] || return 0
	base=$(cat "$1")/src
	for file in "$base"/*.h; do
		[ ! -e "$file" ] || cmp -s "$file" "$2/src/${file##*/}" || return 0
	done
	for file in "$base"/*.c; do
		name=$(basename "$file" .c)
		cmp -s "$file" "$2/src/$name.c" && [ -f "$base/.$name.o.cmd" ] || continue
		cp -p "$base/$name.o" "$2/src/"
		sed "s,$base,$2/src,g" "$base/.$name.o.cmd" >"$2/src/.$name.o.cmd"
	done
}

driver_copy_stock() {
	local found
	found=$(find "$1/modules/kernel" -name "$2.ko*" -print -quit)
	case $found in
	*.ko) cp "$found" "$3" ;;
	*.ko.xz) xz -dc "$found" >"$3" ;;
	*) die "kernel $(cat "$1/release") has no module $2" ;;
	esac
}

driver_log() {
	local kernel
	kernel=$(basename "$(cat "$1/kernel")")
	printf '%s/logs/drivers-%s/%s.log\n' "$lu_cache" "${kernel%%_*}" "$(basename "$1")"
}

# driver_reuse_module JOB OLD OUT - an earlier run may have built just this.
driver_reuse_module() {
	{
		driver_flags "$(cat "$1/kernel")"
		source_hash "$1/src"
	} >"$3/.key"
	cmp -s "$2/.key" "$3/.key" && cp "$2"/*.ko "$3/"
}

# driver_build JOB KERNEL DRIVER BASEFILE - each .ko is left in JOB/src, without
# debug information, which would only make each guest's initramfs bigger.
driver_build() {
	local log module
	log=$(driver_log "$1")
	mkdir -p "${log%/*}"
	driver_reuse_objects "$4" "$1"
	nice make -C "$2/kdir" M="$1/src" KCFLAGS="$(driver_flags "$2")" modules \
		>"$log" 2>&1 </dev/null || return 1
	for module in $(driver_modules "$3"); do
		strip --strip-debug "$1/src/$module.ko" >>"$log" 2>&1 || return 1
	done
}

driver_check_vermagic() {
	local magic
	magic=$(modinfo -F vermagic "$1")
	[ "${magic%% *}" = "$2" ] ||
		die "$1 was built for '${magic%% *}', not for $2" \
			"remove the kernel's directory from $lu_cache/kernels and try again"
}

# Tests update between two real binaries at least; where the archive has but
# one source, a rebuild of it must stand in.
drivers_check_and_list() {
	local job driver other
	for driver in "${lu_drivers[@]}"; do
		other=0
		for job in "$3"/jobs/"$driver"-*; do
			if [ -e "$job/does-not-fit" ]; then
				note "$driver of $(cat "$job/package") does not build on $1, left out"
			elif [ "$(cat "$job/kind")" = real ] && [ ! -e "$job/same-as-stock" ] &&
				[ ! -e "$job/stock" ]; then
				other=1
			fi
		done
		[ "$other" = 1 ] || [ -e "$3/jobs/$driver-rebuilt" ] ||
			die "no second version of $driver builds on $1" \
				"add tests/drivers/$driver/rebuilt.sh"
	done
	drivers_manifest "$3" >"$3/out/manifest.json"
}

drivers_manifest() {
	local job separator=
	printf '['
	for job in "$1"/jobs/*; do
		[ ! -e "$job/does-not-fit" ] || continue
		printf '%s\n' "$separator"
		manifest_entry "$job" "$1/out"
		separator=,
	done
	printf '\n]\n'
}

manifest_entry() {
	local driver label same=false
	driver=$(cat "$1/driver")
	label=$(cat "$1/label")
	[ ! -e "$1/same-as-stock" ] && [ ! -e "$1/stock" ] || same=true
	printf '  {"driver": "%s", "label": "%s", "kind": "%s", "path": "%s",\n' \
		"$driver" "$label" "$(cat "$1/kind")" "$driver/$label/$driver.ko"
	printf '   "srcversion": "%s", "version": "%s", "source": "%s",\n' \
		"$(modinfo -F srcversion "$2/$driver/$label/$driver.ko")" \
		"$(modinfo -F version "$2/$driver/$label/$driver.ko")" "$(cat "$1/package")"
	printf '   "kernel": "%s", "source_of_stock": %s,\n' \
		"$(cat "$(cat "$1/kernel")/release")" "$same"
	printf '   "description": "%s"}' "$(sed 's/[\\"]/\\&/g' "$1/description")"
}
