# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Description: probe returns -EIO with the disk allocated and asked for all that it can do
insert_after sd.c 'sd_revalidate_disk(gd);' \
'	if (gd) {
		error = -EIO;
		device_unregister(&sdkp->disk_dev);
		put_disk(gd);
		goto out;
	}'
