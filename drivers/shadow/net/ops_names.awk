# SPDX-License-Identifier: GPL-2.0
# Names of the functions in a table of operations, from the kernel's header:
# lines "{ offset, name }" with the header's own conditionals around them.
#   awk -v table=net_device_ops -f ops_names.awk netdevice.h
# With table=features, the names of feature bits from netdev_features.h.
BEGIN { inside = 0 }
table == "features" {
	if (match($0, /^\tNETIF_F_[A-Z0-9_]+_BIT/)) {
		bit = substr($0, 2, RLENGTH - 1)
		name = substr(bit, 1, length(bit) - 4)
		print "\t{ " bit ", \"" name "\" },"
	}
	next
}
$0 ~ "^struct " table " \\{" { inside = 1; next }
inside && /^};/ { inside = 0 }
!inside { next }
/^#(if|ifdef|ifndef|else|elif|endif)/ { print; next }
match($0, /\(\*[a-z0-9_]+\) *\(/) {
	name = substr($0, RSTART + 2)
	sub(/\).*/, "", name)
	print "\t{ offsetof(struct " table ", " name "), \"" name "\" },"
}
