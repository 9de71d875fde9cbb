# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Sources of real drivers, out of Debian's linux-source packages. A package has
# 140 MB; only the folders of the drivers are kept, in
#   sources/<package version>-<hash of the list below>/{drivers,sound}/...

source_paths=(
	drivers/ata/Makefile
	'drivers/ata/ahci.[ch]'
	drivers/ata/ata_piix.c
	'drivers/ata/libata*'
	drivers/ata/libahci.c
	drivers/block/virtio_blk.c
	drivers/net/ethernet/amd/pcnet32.c
	drivers/net/ethernet/intel/e1000
	drivers/net/ethernet/intel/e1000e
	drivers/net/virtio_net.c
	drivers/nvme/host
	drivers/scsi/scsi_logging.h
	drivers/scsi/scsi_priv.h
	drivers/scsi/scsi_transport_api.h
	'drivers/scsi/sd[._]*'
	drivers/scsi/virtio_scsi.c
	sound/hda
	sound/pci/ac97
	sound/pci/ak4531_codec.c
	sound/pci/ens1370.c
	'sound/pci/hda/hda*'
	sound/pci/hda/Makefile
	sound/pci/intel8x0.c
)

# source_series VERSION - 6.1 for 6.1.170-3.
source_series() { printf '%s\n' "$1" | cut -d. -f1,2; }

# source_label VERSION - 6.12.107 for 6.12.107-1~deb12u1.
source_label() { printf '%s\n' "${1%%-*}"; }

source_dir() {
	local hash
	hash=$(printf '%s\n' "${source_paths[@]}" | sha256sum)
	printf '%s/sources/%s-%s\n' "$lu_cache" "$1" "${hash:0:8}"
}

# ensure_source VERSION - print the folder with that version's drivers.
ensure_source() {
	local dir
	dir=$(source_dir "$1")
	[ -d "$dir" ] || with_lock "source-$1" source_unpack "$1" "$dir"
	printf '%s\n' "$dir"
}

source_unpack() {
	[ ! -d "$2" ] || return 0
	local package work deb
	package=linux-source-$(source_series "$1")
	note "fetching $package $1"
	fresh_log "source-$1"
	work=$(work_dir "source-$1")
	mkdir "$work/out"
	deb=$(archive_fetch "$package" "$1" "$work")
	run_logged "source-$1" dpkg-deb -x "$deb" "$work/deb"
	rm "$deb"
	run_logged "source-$1" tar -C "$work/out" --strip-components=1 --wildcards \
		-xf "$work/deb/usr/src/$package.tar.xz" \
		"${source_paths[@]/#/$package/}"
	publish "$work/out" "$2"
	rm -rf "$work"
}
