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

/* A command that reads, sent also while users' requests are kept out. */
static inline int bh_execute_awake(struct scsi_device *sdev, const u8 *cmd, void *buf,
				   unsigned int len, int timeout, int retries)
{
#if BS_SCSI_EXECUTE_CMD
	const struct scsi_exec_args args = { .req_flags = BLK_MQ_REQ_PM };

	return scsi_execute_cmd(sdev, cmd, REQ_OP_DRV_IN, buf, len, timeout, retries, &args);
#else
	return __scsi_execute(sdev, cmd, DMA_FROM_DEVICE, buf, len, NULL, NULL, timeout,
			      retries, 0, RQF_PM, NULL);
#endif
}

/* May a command enter the queue as one of power management? */
static inline bool bh_awake(const struct request_queue *q)
{
#ifdef CONFIG_PM
	return !q->dev || q->rpm_status != RPM_SUSPENDED;
#else
	return true;
#endif
}

#endif /* _LU_HOST_COMPAT_H */
