# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# testenv install: the Debian packages that building and testing need.

lu_packages=(
	# compilers and build tools: modules, tools, the debug kernel
	build-essential cmake pkg-config bc bison flex cpio dwarves kmod
	libelf-dev libssl-dev rsync xz-utils zstd
	# libraries of lu-ctl and of the test runner
	libasound2-dev libbpf-dev libcli11-dev libelf-dev libfmt-dev libgmock-dev libgtest-dev
	libkmod-dev libsqlite3-dev nlohmann-json3-dev
	# the guests: emulator and what goes into their initramfs
	alsa-utils busybox-static dmsetup e2fsprogs ethtool fio iperf3 iproute2 iputils-ping
	libasound2-data qemu-system-x86 tcc tcpdump
	# checkers
	shellcheck sparse
	# the archive itself
	ca-certificates
)

apt_quiet=(apt-get -q -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=600)

# packages_missing NAME... - those that are not fully installed.
packages_missing() {
	local name state
	for name in "$@"; do
		state=$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) || true
		[ "$state" = installed ] || printf '%s\n' "$name"
	done
}

packages_install() {
	fresh_log apt-install
	run_logged apt-install as_root env DEBIAN_FRONTEND=noninteractive \
		"${apt_quiet[@]}" install --no-install-recommends "$@"
}

require_bookworm() {
	local codename
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
	[ "$codename" = bookworm ] ||
		die "this is not Debian 12 (bookworm) but '${codename:-unknown}'" \
			"use a Debian 12 machine, container or virtual machine"
}

# The lists on a fresh machine may be empty, or too old to download from.
packages_update_lists() {
	fresh_log apt-update
	run_logged apt-update as_root "${apt_quiet[@]}" update
	rm -rf "$lu_cache/archive"
}

header_packages() {
	local series
	for series in 6.1 6.12; do
		printf 'linux-headers-%s\n' "$(archive_release "$series")"
	done
}

cmd_install() {
	local headers missing
	require_bookworm
	# Fast path: the lists are there and name nothing that is not installed.
	if headers=$(header_packages 2>/dev/null); then
		# shellcheck disable=SC2086 # one word per line
		missing=$(packages_missing "${lu_packages[@]}" $headers)
		[ -n "$missing" ] || return 0
	fi
	with_lock apt packages_install_missing
}

packages_install_missing() {
	local headers missing
	packages_update_lists
	headers=$(header_packages)
	# shellcheck disable=SC2086
	missing=$(packages_missing "${lu_packages[@]}" $headers)
	[ -n "$missing" ] || return 0
	note "installing ${missing//$'\n'/ }"
	# shellcheck disable=SC2086
	packages_install $missing
}

# ensure_headers RELEASE - external modules for RELEASE can be built.
ensure_headers() {
	[ -z "$(packages_missing "linux-headers-$1")" ] ||
		with_lock apt packages_install "linux-headers-$1"
	[ -f "/usr/src/linux-headers-$1/Module.symvers" ] ||
		die "package linux-headers-$1 has no Module.symvers" \
			"run: apt-get install --reinstall linux-headers-$1"
}
