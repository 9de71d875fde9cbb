#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# tests/kunit/mutants.sh [NAME...]: puts each fault of mutants.list into a copy of
# the tree and runs the suite that has to notice it. The last line says how many
# did ("passed") and how many did not ("failed").
set -uo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
top=$(readlink -f "$here/../..")
copy=$top/build/mutants
passed=0 failed=0

wanted() {
	local name=$1
	shift
	[ $# -eq 0 ] && return
	printf '%s\n' "$@" | grep -qxF "$name"
}

# noticed SUITE: a fault that does not compile has not been noticed by a test.
noticed() {
	local log=$copy/build/mutant.log

	make --no-print-directory -C "$copy" test-modules-debug \
		KFLAGS="CONFIG_DRIVER_LIVEUPDATE_KUNIT_TEST=m" >"$log" 2>&1 || return 1
	make --no-print-directory -C "$copy" kunit KUNIT_SUITES="$1" >>"$log" 2>&1
	grep -qE '^[0-9]+ passed, [1-9][0-9]* failed' "$log"
}

while IFS=$'\t' read -r name suite file edit <&3; do
	case $name in '' | '#'*) continue ;; esac
	wanted "$name" "$@" || continue
	mkdir -p "$copy/build"
	rsync -a --delete --exclude=/build --exclude=/.git "$top/" "$copy/"
	sed -i -e "$edit" "$copy/$file"
	if cmp -s "$top/$file" "$copy/$file"; then
		echo "failed  $name: nothing in $file is as the list says"
		failed=$((failed + 1))
	elif noticed "$suite"; then
		echo "passed  $name: $suite notices it"
		passed=$((passed + 1))
	else
		echo "failed  $name: $suite does not notice it"
		failed=$((failed + 1))
	fi
done 3<"$here/mutants.list"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
