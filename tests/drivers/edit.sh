# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# How the variants of drivers are made: small edits to a driver's source, in the
# current folder, at build time. Each edit must find its line exactly once (tabs
# and blanks at both ends do not count), or the build of the variant fails.

# edit_line HOW FILE LINE [TEXT] - HOW is before, after, replace or delete.
edit_line() {
	local status=0
	EDIT_HOW=$1 EDIT_LINE=$3 EDIT_TEXT=${4:-} awk '
		function trimmed(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
		trimmed($0) != ENVIRON["EDIT_LINE"] { print; next }
		{
			found++
			if (ENVIRON["EDIT_HOW"] == "after") print
			if (ENVIRON["EDIT_HOW"] != "delete") print ENVIRON["EDIT_TEXT"]
			if (ENVIRON["EDIT_HOW"] == "before") print
		}
		END { exit found != 1 }' "$2" >"$2.edited" || status=1
	if [ "$status" != 0 ]; then
		printf 'edit: %s: not exactly one line "%s"\n' "$2" "$3" >&2
		exit 1
	fi
	mv "$2.edited" "$2"
}

insert_before() { edit_line before "$@"; }
insert_after() { edit_line after "$@"; }
replace_line() { edit_line replace "$@"; }
delete_line() { edit_line delete "$@"; }

# substitute FILE SCRIPT - a sed script, where a line alone is not enough to go
# by; it must change something.
substitute() {
	sed "$2" "$1" >"$1.edited"
	if cmp -s "$1" "$1.edited"; then
		printf 'edit: %s: "%s" changes nothing\n' "$1" "$2" >&2
		exit 1
	fi
	mv "$1.edited" "$1"
}

# The statement at which a variant waits for ever.
wait_for_ever() {
	printf '%s\n' '	{
		static DECLARE_COMPLETION(never);

		wait_for_completion(&never);
	}'
}
