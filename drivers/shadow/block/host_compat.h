/* SPDX-License-Identifier: GPL-2.0 */
/* Shadow driver for disks, SCSI hosts: differences between kernel versions. */
#ifndef _LU_HOST_COMPAT_H
#define _LU_HOST_COMPAT_H

#include <linux/version.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
typedef const struct scsi_host_template bs_sht_t;
#define BS_SCSI_EXECUTE_CMD	1
#else
typedef struct scsi_host_template bs_sht_t;
#define BS_SCSI_EXECUTE_CMD	0
#endif

/*
 * The driver's function that sets up a device, in a queue that keeps its
 * limits as they are in use. @max_hw_sectors: what the driver would have.
 */
static inline int bh_configure(const struct scsi_host_template *sht,
			       struct scsi_device *sdev, const struct queue_limits *kept,
			       unsigned int *max_hw_sectors)
{
	struct request_queue *q = sdev->request_queue;
	int err = 0;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	if (sht->device_configure) {
		struct queue_limits lim = *kept;

		/* Where it lowers it, it starts from what the host can do. */
		lim.max_hw_sectors = UINT_MAX;
		err = sht->device_configure(sdev, &lim);
		*max_hw_sectors = lim.max_hw_sectors;
		return err;
	}
#endif
	if (sht->slave_configure)
		err = sht->slave_configure(sdev);
	*max_hw_sectors = q->limits.max_hw_sectors;
	q->limits = *kept;
	return err;
}

#endif /* _LU_HOST_COMPAT_H */
