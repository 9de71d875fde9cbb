/* SPDX-License-Identifier: GPL-2.0 */
/* The fake driver as a driver of SCSI hosts, each with a disk in memory. */
#ifndef _KT_FAKE_HOST_H
#define _KT_FAKE_HOST_H

#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "lu_kunit.h"

#define KT_HOST_BLOCKS	64
#define KT_HOST_BLOCK	512

/**
 * struct kt_host_offer - what a version offers, and where it fails
 * @can_queue: commands at a time
 * @queues: hardware queues
 * @maps: kinds of queues
 * @sg_tablesize: segments of a command
 * @max_sectors: sectors of a command
 * @priv: bytes of its private area
 * @cmd_size: bytes of its part of a command
 * @no_ioctl: it has no ioctl
 * @no_abort: it cannot abort a command
 * @resets: when it finds a disk it resets it, and the disk forgets its settings
 * @alloc_err: what slave_alloc returns
 * @late_err: what probe returns after it allocated its host
 */
struct kt_host_offer {
	int can_queue;
	unsigned int queues;
	unsigned int maps;
	unsigned short sg_tablesize;
	unsigned int max_sectors;
	unsigned int priv;
	unsigned int cmd_size;
	bool no_ioctl;
	bool no_abort;
	bool resets;
	int alloc_err;
	int late_err;
};

/**
 * struct kt_host_seen - what a version was told, and did
 * @devices: devices that it was told of, less those that went
 * @configured: calls of slave_configure
 * @served: commands that it answered
 * @dirty: private areas that were not zero when it got them
 * @foreign: devices or commands in its hands that are not its own
 */
struct kt_host_seen {
	atomic_t devices;
	atomic_t configured;
	atomic_t served;
	atomic_t dirty;
	atomic_t foreign;
};

/**
 * struct kt_ata - what is set in an ATA disk
 * @is: it is one
 * @cache: its write cache is on
 * @apm: level of power management, 0 if that is off
 * @timer: count of its standby timer
 * @frozen: nobody may set a password
 * @deaf: it refuses to be set
 */
struct kt_ata {
	bool is;
	bool cache;
	u8 apm;
	u8 timer;
	bool frozen;
	bool deaf;
};

/**
 * struct kt_host_env - the stage of the suite
 * @offer: of each version
 * @seen: by each version
 * @store: contents of the disk on each device
 * @ata: settings of the disk on each device
 * @serial: serial number of the disk on each device
 * @pulled: the disk on that device does not answer any more
 */
struct kt_host_env {
	struct kt_host_offer offer[KT_VERSIONS];
	struct kt_host_seen seen[KT_VERSIONS];
	u8 store[KT_DEVICES][KT_HOST_BLOCKS * KT_HOST_BLOCK];
	struct kt_ata ata[KT_DEVICES];
	char serial[KT_DEVICES][12];
	bool pulled[KT_DEVICES];
};

extern struct kt_host_env kt_hosts;

void kt_host_reset(void);
struct Scsi_Host *kt_host_of(unsigned int device);

#endif /* _KT_FAKE_HOST_H */
