#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs in the guest: loads the suites and turns what KUnit wrote into the kernel
# log into one line for each case and parameter, and "N passed, N failed".
set -u

dmesg -c >/tmp/before
# A glob of suites, where not all are to run.
suites='*'
[ ! -e /m/kunit-suites ] || suites=$(cat /m/kunit-suites)
modprobe -a scsi_mod snd-pcm snd-rawmidi
insmod /m/lu_kunit.ko suite="$suites"
dmesg >/tmp/log
# The core has to go as cleanly as it came.
rmmod lu_kunit && echo "lu_kunit: gone" >>/tmp/log

# A suite or a case that said how many there would be and then stopped counts as
# a failure, as does a run that did not come to its end.
sed 's/^\(<[0-9]*>\)\{0,1\}\[ *[0-9.]*\] //' /tmp/log | awk '
function verdict(name) {
	if (ok) {
		passed++
		print "pass " name
	} else {
		failed++
		print "FAIL " name
		printf "%s", why
	}
	why = ""
}
function text(line) {
	sub(/^ *(not )?ok [0-9]+ (- )?/, "", line)
	return line
}
{ ok = $1 == "ok" }
/^    # Subtest: / { suite = $3; cases = 0; plan = 0; next }
/^    1\.\.[0-9]+$/ { plan = substr($1, 4) + 0; next }
/^        # Subtest: / { params = 0; next }
/^        (not )?ok [0-9]+ / {
	params++
	param = text($0)
	held = held (ok ? "P" : "F") param "\n"
	if (!ok)
		reasons[param] = why
	why = ""
	next
}
/^    (not )?ok [0-9]+ / {
	cases++
	name = suite "." text($0)
	if (held == "") {
		verdict(name)
	} else {
		n = split(held, list, "\n")
		for (i = 1; i < n; i++) {
			ok = substr(list[i], 1, 1) == "P"
			param = substr(list[i], 2)
			why = reasons[param]
			delete reasons[param]
			verdict(name ": " param)
		}
	}
	held = ""
	next
}
/^(not )?ok [0-9]+ / {
	suites++
	if (cases != plan || !plan) {
		failed++
		print "FAIL " text($0) ": " cases " of " plan " cases ran"
	}
	next
}
/^lu_kunit: [0-9]+ suites$/ { expected = $2 }
/^lu_kunit: gone$/ { gone = 1 }
/EXPECTATION FAILED|ASSERTION FAILED/ { failing = 1 }
failing && /^ / { why = why "  " $0 "\n"; next }
{ failing = 0 }
END {
	if (!suites || suites != expected) {
		failed++
		print "FAIL " suites + 0 " of " expected + 0 " suites ran"
	}
	if (!gone) {
		failed++
		print "FAIL the module cannot be unloaded"
	}
	print passed + 0 " passed, " failed + 0 " failed"
	exit failed != 0
}'
