# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Questions to Debian's archive, and downloads from it. Nothing here names a
# version: the archive moves on, and the newest kernel of each series is meant.

archive_stale="run: scripts/testenv install (it runs apt-get update)"

# archive_query COMMAND PACKAGE - what apt-cache says; remembered, for it takes
# half a second each time, until the package lists or sources change.
archive_query() {
	local stamp folder answer
	stamp=$(stat -c %Y /var/lib/apt/lists /etc/apt/sources.list* 2>/dev/null |
		tr '\n' -) || true
	folder=$lu_cache/archive/$stamp
	if [ ! -s "$folder/$1-$2" ]; then
		answer=$(apt-cache "$1" "$2" 2>/dev/null) || true
		[ -n "$answer" ] || return 0
		mkdir -p "$folder"
		printf '%s\n' "$answer" >"$folder/$1-$2.$BASHPID"
		mv "$folder/$1-$2.$BASHPID" "$folder/$1-$2"
	fi
	cat "$folder/$1-$2"
}

# archive_versions PACKAGE - the versions that can be downloaded, newest first.
archive_versions() {
	archive_query madison "$1" | awk -F'|' \
		'$3 !~ /Sources/ { gsub(/ /, "", $2); if (!seen[$2]++) print $2 }'
}

# Both read the whole list: a closed pipe would look like a failed apt-cache.
archive_newest() { archive_pick newest "$1"; }
archive_oldest() { archive_pick oldest "$1"; }

archive_pick() {
	local versions
	versions=$(archive_versions "$2")
	[ -n "$versions" ] ||
		die "the package lists know no package $2" "$archive_stale"
	if [ "$1" = newest ]; then
		printf '%s\n' "${versions%%$'\n'*}"
	else
		printf '%s\n' "${versions##*$'\n'}"
	fi
}

# archive_image SERIES - the package with the newest kernel of 6.1 or 6.12,
# neither cloud nor rt; Debian's meta packages depend on just that one.
archive_image() {
	local meta shape image
	case $1 in
	6.1) meta=linux-image-amd64 shape='linux-image-6\.1\.0-[0-9]+-amd64' ;;
	6.12) meta=linux-image-6.12-amd64 shape='linux-image-6\.12\.[0-9]+\+deb12-amd64' ;;
	*) die "no kernel series '$1'" "use 6.1 or 6.12" ;;
	esac
	image=$(archive_query depends "$meta" | awk '$1 == "Depends:" { print $2 }' |
		grep -Ex "$shape" | sort -V | tail -n 1) || true
	[ -n "$image" ] ||
		die "package $meta does not lead to a $1 kernel" "$archive_stale"
	printf '%s\n' "$image"
}

# archive_release SERIES - the same kernel's release, as uname -r prints it.
archive_release() {
	local image
	image=$(archive_image "$1")
	printf '%s\n' "${image#linux-image-}"
}

# archive_fetch PACKAGE VERSION FOLDER - download one .deb, print its path.
archive_fetch() {
	local debs
	(cd "$3" && run_logged "fetch-$1" apt-get -q -o Acquire::Retries=3 \
		-o APT::Sandbox::User=root download "$1=$2")
	debs=("$3/$1"_*.deb)
	[ -f "${debs[0]}" ] || die "apt-get download left no file for $1=$2" "$archive_stale"
	printf '%s\n' "${debs[0]}"
}
