# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# testenv kernel 6.1|6.12: Debian's stock kernels, unpacked, never installed.
#
# A kernel directory holds
#   release   version string as uname -r prints it
#   package   version of the Debian package it was made from
#   vmlinuz config
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
	# The cache may be older than the machine.
	[ "$1" = debug ] || ensure_headers "$(cat "$dir/release")"
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

# kernel_finish DIR RELEASE VERSION KDIR STEP - what all kernels have.
kernel_finish() {
	run_logged "$5" depmod -b "$1/root" "$2"
	ln -s "root/lib/modules/$2" "$1/modules"
	ln -s "$4" "$1/kdir"
	printf '%s\n' "$3" >"$1/package"
	printf '%s\n' "$2" >"$1/release"
}
