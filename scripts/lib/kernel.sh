# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# testenv kernel 6.1|6.12: Debian's stock kernels, unpacked, never installed.
#
# A kernel directory holds
#   release   version string as uname -r prints it
#   package   version of the Debian package it was made from
#   vmlinuz config
#   vmlinux.pvh  the stock kernels: what vmlinuz unpacks to, for QEMU to start
#   root/lib/modules/<release>/   as shipped, with depmod's files
#   modules   symbolic link to that
#   kdir      symbolic link to what external modules build against

# kernel_dir TARGET - where the kernel for TARGET is, or will be.
kernel_dir() {
	case $1 in
	debug) debug_kernel_dir ;;
	6.1 | 6.12)
		local image version
		image=$(archive_image "$1")
		version=$(archive_newest "$image")
		printf '%s/kernels/%s_%s\n' "$lu_cache" "${image#linux-image-}" "$version"
		;;
	*) die "no kernel '$1'" "use 6.1, 6.12 or debug" ;;
	esac
}

cmd_kernel() {
	[ $# = 1 ] || die "which kernel?" "testenv kernel 6.1|6.12|debug"
	local dir
	dir=$(kernel_dir "$1")
	[ -f "$dir/release" ] || with_lock "kernel-$1" kernel_make "$1" "$dir"
	if [ "$1" != debug ]; then
		# The cache may be older than the machine, and than this script.
		ensure_headers "$(cat "$dir/release")"
		[ -f "$dir/vmlinux.pvh" ] || with_lock "kernel-$1" kernel_unpack_image "$1" "$dir"
	fi
	printf '%s\n' "$dir"
}

# Another process may have made it while this one waited for the lock.
kernel_make() {
	[ ! -f "$2/release" ] || return 0
	case $1 in
	debug) debug_kernel_build "$2" ;;
	*) stock_kernel_unpack "$1" "$2" ;;
	esac
}

stock_kernel_unpack() {
	local image release version work deb
	image=$(archive_image "$1")
	release=${image#linux-image-}
	version=$(archive_newest "$image")
	note "fetching $image $version"
	fresh_log "kernel-$1"
	work=$(work_dir "kernel-$1")
	mkdir "$work/deb" "$work/out"
	deb=$(archive_fetch "$image" "$version" "$work")
	run_logged "kernel-$1" dpkg-deb -x "$deb" "$work/deb"
	mv "$work/deb/boot/vmlinuz-$release" "$work/out/vmlinuz"
	mv "$work/deb/boot/config-$release" "$work/out/config"
	mkdir -p "$work/out/root/lib/modules"
	mv "$work/deb/lib/modules/$release" "$work/out/root/lib/modules/"
	kernel_finish "$work/out" "$release" "$version" \
		"/usr/src/linux-headers-$release" "kernel-$1"
	publish "$work/out" "$2"
	rm -rf "$work"
}

# field FILE OFFSET SIZE - a little-endian number of a header.
field() { od -An -v -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '; }

# kernel_unpack_image TARGET DIR - the ELF image inside DIR/vmlinuz. QEMU starts
# it by its PVH entry, which saves each guest five seconds of unpacking. Where
# it lies: Documentation/arch/x86/boot.rst of the kernel, "payload_offset".
kernel_unpack_image() {
	local file=$2/vmlinuz sectors start length unpack
	[ ! -f "$2/vmlinux.pvh" ] || return 0
	grep -qx CONFIG_PVH=y "$2/config" || die "the kernel in $2 has no PVH entry" \
		"its CONFIG_PVH has to be set"
	sectors=$(field "$file" $((0x1f1)) 1)
	start=$(((sectors + 1) * 512 + $(field "$file" $((0x248)) 4)))
	# The kernel's build has put the unpacked size behind it.
	length=$(($(field "$file" $((0x24c)) 4) - 4))
	case $(field "$file" "$start" 4) in
	$((0x587a37fd))) unpack="xz -dc" ;;
	$((0xfd2fb528))) unpack="zstd -dcq" ;;
	*) die "$file is packed in a way that is not known here" "add it to kernel_unpack_image" ;;
	esac
	fresh_log "image-$1"
	# shellcheck disable=SC2016
	run_logged "image-$1" bash -o pipefail -c \
		'head -c "$(($2 + $3))" "$1" | tail -c "$3" | $4 >"$5"' - \
		"$file" "$start" "$length" "$unpack" "$2/vmlinux.pvh.new"
	mv "$2/vmlinux.pvh.new" "$2/vmlinux.pvh"
}

# kernel_finish DIR RELEASE VERSION KDIR STEP - what all kernels have.
kernel_finish() {
	run_logged "$5" depmod -b "$1/root" "$2"
	ln -s "root/lib/modules/$2" "$1/modules"
	ln -s "$4" "$1/kdir"
	printf '%s\n' "$3" >"$1/package"
	printf '%s\n' "$2" >"$1/release"
}
