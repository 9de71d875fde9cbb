/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shadow driver for disks: SCSI hosts.
 *
 * DOC: objects
 *
 * Below a SCSI disk there is the host adapter's driver. What stays is the
 * Scsi_Host with its devices: disks, their drivers and users never notice. The
 * host's template is a copy of ours, so that an ioctl can wait and the module
 * that users hold references on can change at one moment; functions of the
 * data path are the driver's own.
 */
#ifndef _LU_HOST_SHADOW_H
#define _LU_HOST_SHADOW_H

#include "block_shadow.h"
#include "host_compat.h"

#include <scsi/scsi.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>
#include <scsi/scsi_transport.h>

/* Freed when no task can be between fetching the template and calling it. */
struct bh_template {
	struct scsi_host_template sht;
	unsigned int cmd_room;	/* bytes behind each command */
	struct rcu_head rcu;
};

/**
 * struct bh_unit - a device on a host, during a transaction
 * @list: in the host's list
 * @sdev: the kept object, referenced
 * @attached: the driver that is bound now has it
 * @frozen: its requests wait because of us
 * @reclaim: meanwhile: not those of who makes memory free
 * @asked: it is being asked who it is
 * @settings: values of the driver's attributes before the update
 * @ata: an ATA disk's answer to IDENTIFY DEVICE before the update, or NULL
 * @limits: limits of its queue as they were
 * @depth: queue depth as the user has it
 * @drv_depth: queue depth that the incoming driver can do, or 0
 */
struct bh_unit {
	struct list_head list;
	struct scsi_device *sdev;
	bool attached;
	bool frozen;
	struct bs_reclaim *reclaim;
	bool asked;
	struct list_head settings;
	__le16 *ata;
	struct queue_limits limits;
	int depth;
	int drv_depth;
};

/* Fields of a host that its driver sets, as one value. */
struct bh_fields {
	unsigned int max_channel;
	unsigned int max_id;
	u64 max_lun;
	unsigned short max_cmd_len;
	int can_queue;
	unsigned short sg_tablesize;
	unsigned int max_sectors;
	unsigned int max_segment_size;
	unsigned int nr_hw_queues;
	unsigned int nr_maps;
	unsigned int host_tagset;
	unsigned int prot;
};

/**
 * struct bh_host - shadow of a SCSI host
 * @node: in the table that taps search by @shost
 * @rcu: readers of the table
 * @list: in the list of all, oldest first
 * @id: position in that list
 * @ref: the object's life, each walk of the list, each call under way
 * @shost: the kept object
 * @ldev: the bus device that it stands for
 * @set: driver's set of a host that is removed, or NULL
 * @room: bytes of private area that @shost was allocated with
 * @mode: see &enum bs_mode
 * @handed: @shost is in the hands of a driver
 * @adopted: that driver registered it
 * @buried: nothing of a driver is in it, and no driver will ever have it
 * @tmpl: template that the kernel sees
 * @drv_sht: template of the driver
 * @was_sht: template of the driver that was there before the transaction
 * @parent_name: name of the device above the host
 * @fresh_transport: transport's template that a fresh host has
 * @transport: copy of the transport's template, without scanning
 * @units: devices, during a transaction
 * @settings: values of the driver's attributes before the update
 * @timers: standby timers of its ATA disks, under @timers_lock
 * @timers_lock: innermost, taken in any context
 * @was: what the driver before the transaction set
 * @gate: see &struct bs_gate
 */
struct bh_host {
	struct hlist_node node;
	struct rcu_head rcu;
	struct list_head list;
	u64 id;
	struct kref ref;
	struct Scsi_Host *shost;
	struct lu_device *ldev;
	struct lu_set *set;
	unsigned int room;
	enum bs_mode mode;
	bool handed;
	bool adopted;
	bool buried;
	struct bh_template *tmpl;
	const struct scsi_host_template *drv_sht;
	const struct scsi_host_template *was_sht;
	char *parent_name;
	struct scsi_transport_template *fresh_transport;
	struct scsi_transport_template transport;
	struct list_head units;
	struct list_head settings;
	struct list_head timers;
	raw_spinlock_t timers_lock;	/* of @timers */
	struct bh_fields was;
	struct bs_gate gate;
};

static inline bool bh_in_update(const struct bh_host *h)
{
	return READ_ONCE(h->mode) == BS_ACTIVE;
}

/* host.c: life cycle, hand-over */
struct bh_host *bh_find(const struct Scsi_Host *shost);
struct bh_host *bh_get(const struct Scsi_Host *shost);
void bh_put(struct bh_host *h);
struct bh_host *bh_next(struct lu_txn *txn, struct bh_host *prev);
struct bh_host *bh_next_to_hand_out(struct lu_device *ldev);
void bh_track(struct Scsi_Host *shost, struct lu_device *ldev, unsigned int room);
void bh_untrack(struct bh_host *h);
int bh_leaver(struct lu_txn *txn);
struct bh_host *bh_take_gone(const struct device *dev);
void bh_buried_each(struct lu_txn *txn);
bool bh_all_adopted(const struct lu_device *ldev);
unsigned int bh_slack(void);

#define bh_for_each(h, txn)						\
	for ((h) = bh_next(txn, NULL); (h); (h) = bh_next(txn, h))

/* hand.c: a host changes hands */
struct Scsi_Host *bh_hand_out(struct bh_host *h, const struct scsi_host_template *sht,
			      int privsize);
int bh_adopt(struct bh_host *h, struct device *parent, struct device *dma_dev);
void bh_conceal_remove(struct bh_host *h);
void bh_conceal_put(struct bh_host *h);
void bh_transport_take(struct bh_host *h);
void bh_fields_of(const struct Scsi_Host *shost, struct bh_fields *f);

/* unit.c: devices on a host */
int bh_units_note(struct bh_host *h);
void bh_units_forget(struct bh_host *h);
struct bh_unit *bh_unit_find(struct bh_host *h, unsigned int channel, unsigned int id,
			     u64 lun);
struct bh_unit *bh_unit_of(struct bh_host *h, const struct scsi_device *sdev);
int bh_unit_attach(struct bh_host *h, struct bh_unit *u);
void bh_unit_detach(struct bh_host *h, struct bh_unit *u);
void bh_units_attach(struct bh_host *h);
void bh_units_detach(struct bh_host *h);
void bh_groups_remove(struct bh_host *h);
unsigned int bh_groups_create(struct bh_host *h);

/* identity.c */
int bh_identify_all(struct lu_txn *txn);
void bh_commands_begin(struct lu_txn *txn, bool (*wanted)(const struct bh_unit *u));
void bh_commands_end(struct lu_txn *txn);

/* ata.c: what users set in ATA disks */
bool bh_ata_wanted(const struct bh_unit *u);
void bh_ata_note(struct bh_unit *u);
void bh_ata_hold(struct bh_host *h);
unsigned int bh_ata_replay(struct bh_host *h);
void bh_timer_note(const struct scsi_device *sdev, u8 count);
void bh_ata_forget(struct bh_host *h, const struct scsi_device *sdev);

/* template.c */
int bh_template_install(struct bh_host *h);
void bh_template_settle(struct bh_host *h);
void bh_template_restore(struct bh_host *h);
void bh_template_bury(struct bh_host *h);
void bh_template_take(struct bh_host *h, const struct scsi_host_template *sht);

/* hosts.c: what the core calls, for hosts */
int bh_no_scan(struct Scsi_Host *shost, uint channel, uint id, u64 lun);

#endif /* _LU_HOST_SHADOW_H */
