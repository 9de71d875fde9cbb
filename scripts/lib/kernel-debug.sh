# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# testenv kernel debug: a small guest kernel with KASAN, lockdep and the like,
# built from Debian's newest linux-source-6.1 and tests/kunit/debug.config.

debug_config=$lu_top/tests/kunit/debug.config

debug_kernel_dir() {
	local version hash
	version=$(archive_newest linux-source-6.1)
	hash=$(sha256sum <"$debug_config")
	printf '%s/kernels/debug_%s_%s\n' "$lu_cache" "$version" "${hash:0:12}"
}

# The work folder outlives an interrupted build on purpose: make goes on where
# it was. Its name carries the key, so it never mixes two configurations.
debug_kernel_build() {
	local key version work source
	key=${1##*/}
	version=$(archive_newest linux-source-6.1)
	work=$lu_cache/scratch/$key
	source=$work/source
	fresh_log kernel-debug
	note "building the debug kernel from linux-source-6.1 $version, about 15 minutes"
	[ -d "$source" ] || debug_source_unpack "$version" "$source"
	debug_configure "$source"
	run_logged kernel-debug nice make -C "$source" -j"$lu_jobs" bzImage modules
	debug_collect "$source" "$work/out" "$version"
	publish "$work/out" "$1"
	rm -rf "$work"
}

debug_source_unpack() {
	local work deb
	work=$(work_dir debug-source)
	deb=$(archive_fetch linux-source-6.1 "$1" "$work")
	run_logged kernel-debug dpkg-deb -x "$deb" "$work/deb"
	mkdir "$work/source"
	run_logged kernel-debug tar -C "$work/source" --strip-components=1 \
		-xf "$work/deb/usr/src/linux-source-6.1.tar.xz"
	publish "$work/source" "$2"
	rm -rf "$work"
}

# Kconfig drops what it cannot satisfy without a word; this does not.
debug_configure() {
	local line lost=
	[ ! -f "$1/.config" ] || return 0
	run_logged kernel-debug make -C "$1" \
		KCONFIG_ALLCONFIG="$debug_config" alldefconfig
	while read -r line; do
		case $line in
		CONFIG_*=* | '# CONFIG_'*' is not set') ;;
		*) continue ;;
		esac
		grep -qxF "$line" "$1/.config" || lost+="$line; "
	done <"$debug_config"
	if [ -n "$lost" ]; then
		rm "$1/.config"
		die "not in force in the debug kernel: $lost" "correct ${debug_config#"$lu_top"/}"
	fi
}

debug_collect() {
	local source=$1 out=$2 release
	rm -rf "$out"
	mkdir -p "$out"
	release=$(cat "$source/include/config/kernel.release")
	run_logged kernel-debug make -C "$source" modules_install \
		INSTALL_MOD_PATH="$out/root" DEPMOD=true
	rm -f "$out/root/lib/modules/$release"/{build,source}
	cp "$source/arch/x86/boot/bzImage" "$out/vmlinuz"
	cp "$source/.config" "$out/config"
	cp "$source"/{System.map,vmlinux} "$out/"
	debug_export_kdir "$source" "$out/build"
	kernel_finish "$out" "$release" "$3" build kernel-debug
}

# The part of the tree that "make -C kdir M=..." reads; the rest is 2 GB.
debug_export_kdir() {
	local list
	list=$(mktemp -p "$lu_cache/scratch")
	(
		cd "$1" || exit
		find . arch arch/x86 -maxdepth 1 -name 'Makefile*'
		find . -name 'Kconfig*' -not -path './Documentation/*' -type f
		find arch/x86 -name Kbuild.platforms -o -name Platform
		find include scripts arch/x86/include tools/include \
			-not -name '.*.cmd' \( -type f -o -type l \)
		find arch/x86 -path '*/scripts/*' -type f
		printf '%s\n' .config Module.symvers System.map
		printf '%s\n' tools/objtool/objtool certs/signing_key.pem certs/signing_key.x509
	) | sort -u >"$list"
	mkdir -p "$2"
	tar -C "$1" -c -T "$list" | tar -C "$2" -x
	rm -f "$list"
}
