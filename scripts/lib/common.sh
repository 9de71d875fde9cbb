# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What all parts of testenv share: messages, the cache directory, locks,
# logged commands, and the "build in a work folder, then rename" publication.

# All output of the programs that testenv runs goes to one log per step.
lu_cache=${LU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/driver-liveupdate}
lu_jobs=${LU_JOBS:-$(nproc)}

note() { printf 'testenv: %s\n' "$*" >&2; }

# die TEXT [REMEDY] - name the thing that failed and what to do about it.
die() {
	printf 'testenv: error: %s\n' "$1" >&2
	[ $# -lt 2 ] || printf 'testenv: remedy: %s\n' "$2" >&2
	exit 1
}

cache_init() {
	mkdir -p "$lu_cache"/{kernels,logs,locks,sources,work} 2>/dev/null ||
		die "cannot create the cache directory $lu_cache" \
			"set LU_CACHE to a folder that you may write to"
}

# run_logged STEP COMMAND... - quiet on success; on failure the end of the log.
run_logged() {
	local step=$1 log
	shift
	log=$lu_cache/logs/$step.log
	mkdir -p "${log%/*}"
	printf '+ %s\n' "$*" >>"$log"
	"$@" >>"$log" 2>&1 </dev/null && return 0
	tail -n 15 "$log" | sed 's/^/  | /' >&2
	die "step '$step' failed: ${*:1:4} ..." "read $log"
}

# A step's log holds its last run only.
fresh_log() { rm -f "$lu_cache/logs/$1.log"; }

# as_root COMMAND... - apt and dpkg change the machine, nothing else does.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo -n "$@"
	else
		die "'$1' needs root and sudo is not installed" "run as root"
	fi
}

# with_lock NAME COMMAND... - one builder for each thing; others wait for it.
# Runs in a subshell, so that the lock goes with it.
with_lock() {
	local lock=$lu_cache/locks/$1.lock
	shift
	(
		exec 9>"$lock"
		flock 9
		"$@"
	)
}

# work_dir NAME - an empty work folder on the cache's file system.
work_dir() {
	local dir=$lu_cache/scratch/$1
	rm -rf "$dir"
	mkdir -p "$dir"
	printf '%s\n' "$dir"
}

# publish WORK FINAL - from now on FINAL exists, and is complete.
publish() {
	[ ! -e "$2" ] || die "$2 appeared while it was being built" \
		"remove it and try again"
	mkdir -p "${2%/*}"
	mv -T "$1" "$2"
}

need_command() {
	command -v "$1" >/dev/null ||
		die "program '$1' is not installed" "run: scripts/testenv install"
}
