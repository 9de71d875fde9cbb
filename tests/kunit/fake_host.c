// SPDX-License-Identifier: GPL-2.0
/*
 * A fake driver of SCSI hosts, in three versions, with one disk in memory on
 * each. It calls the midlayer through the taps, as the imports of a managed
 * driver would be bound.
 */
#include <scsi/scsi_eh.h>

#include "fake_host.h"

/* In the host's private area; more of it may follow. */
struct kt_host {
	u32 nr;
	u32 device;
};

struct kt_host_env kt_hosts;

static struct kt_host_seen *seen_of(const struct kt_host *p)
{
	return &kt_hosts.seen[p->nr];
}

static void reply(struct scsi_cmnd *cmd, const void *data, unsigned int len)
{
	scsi_sg_copy_from_buffer(cmd, (void *)data, min(len, scsi_bufflen(cmd)));
	scsi_set_resid(cmd, scsi_bufflen(cmd) - min(len, scsi_bufflen(cmd)));
}

static void refuse(struct scsi_cmnd *cmd, u8 asc)
{
	scsi_build_sense(cmd, 0, ILLEGAL_REQUEST, asc, 0);
}

static void inquiry_page(struct scsi_cmnd *cmd, const struct kt_host *p)
{
	const char *serial = kt_hosts.serial[p->device];
	bool ata = kt_hosts.ata[p->device].is;
	u8 page[64] = { 0, cmd->cmnd[2] };

	switch (cmd->cmnd[2]) {
	case 0x00:
		page[3] = 2 + ata;
		page[5] = 0x80;
		page[6] = 0x89;
		break;
	case 0x89:
		if (!ata) {
			refuse(cmd, 0x24);
			return;
		}
		page[3] = 56;	/* as far as anybody looks */
		break;
	case 0x80:
		page[3] = strlen(serial);
		memcpy(page + 4, serial, page[3]);
		break;
	default:
		refuse(cmd, 0x24);
		return;
	}
	reply(cmd, page, 4 + page[3]);
}

static void inquiry(struct scsi_cmnd *cmd, const struct kt_host *p)
{
	u8 data[36] = { TYPE_DISK, 0, 6, 2, 31 };

	if (cmd->cmnd[1] & 1) {
		inquiry_page(cmd, p);
		return;
	}
	memcpy(data + 8, "KUNIT   disk in memory  1.0 ", 28);
	reply(cmd, data, sizeof(data));
}

static void ata_identify(struct scsi_cmnd *cmd, const struct kt_ata *ata)
{
	__le16 id[256] = {};

	id[82] = cpu_to_le16(1 << 6);
	id[85] = id[82];
	id[82] |= cpu_to_le16(1 << 5);
	id[83] = cpu_to_le16(0x4000 | 1 << 3);
	if (ata->cache)
		id[85] |= cpu_to_le16(1 << 5);
	if (ata->apm)
		id[86] = cpu_to_le16(1 << 3);
	id[87] = cpu_to_le16(0x4000);
	id[91] = cpu_to_le16(0x4000 | ata->apm);
	if (ata->frozen)
		id[128] = cpu_to_le16(1 << 3);
	reply(cmd, id, sizeof(id));
}

static bool ata_set_feature(struct kt_ata *ata, u8 feature, u8 count)
{
	if (ata->deaf)
		return false;
	switch (feature) {
	case 0x02:
	case 0x82:
		ata->cache = feature == 0x02;
		return true;
	case 0x05:
		ata->apm = count;
		return true;
	case 0x85:
		ata->apm = 0;
		return true;
	}
	return false;
}

static void ata_command(struct scsi_cmnd *cmd, struct kt_ata *ata)
{
	bool done = ata->is;

	switch (ata->is ? cmd->cmnd[14] : 0) {
	case 0xec:
		ata_identify(cmd, ata);
		break;
	case 0xef:
		done = ata_set_feature(ata, cmd->cmnd[4], cmd->cmnd[6]);
		break;
	case 0xe3:
		ata->timer = cmd->cmnd[6];
		break;
	case 0xf5:
		ata->frozen = true;
		break;
	default:
		done = false;
	}
	if (!done)
		refuse(cmd, 0x20);
}

static void transfer(struct scsi_cmnd *cmd, const struct kt_host *p)
{
	u32 at = get_unaligned_be32(cmd->cmnd + 2), n = get_unaligned_be16(cmd->cmnd + 7);
	u8 *store = kt_hosts.store[p->device];

	if (at >= KT_HOST_BLOCKS || n > KT_HOST_BLOCKS - at) {
		refuse(cmd, 0x21);
		return;
	}
	if (cmd->cmnd[0] == READ_10)
		reply(cmd, store + at * KT_HOST_BLOCK, n * KT_HOST_BLOCK);
	else
		scsi_sg_copy_to_buffer(cmd, store + at * KT_HOST_BLOCK, n * KT_HOST_BLOCK);
}

static int kt_queuecommand(struct Scsi_Host *shost, struct scsi_cmnd *cmd)
{
	static const u8 luns[16] = { 0, 0, 0, 8 };
	struct kt_host *p = shost_priv(shost);

	if (cmd->device->id || cmd->device->lun || READ_ONCE(kt_hosts.pulled[p->device])) {
		cmd->result = DID_BAD_TARGET << 16;
		scsi_done(cmd);
		return 0;
	}
	if (cmd->device->hostdata != p)
		atomic_inc(&seen_of(p)->foreign);
	atomic_inc(&seen_of(p)->served);
	cmd->result = SAM_STAT_GOOD;
	switch (cmd->cmnd[0]) {
	case TEST_UNIT_READY:
		break;
	case INQUIRY:
		inquiry(cmd, p);
		break;
	case REPORT_LUNS:
		reply(cmd, luns, sizeof(luns));
		break;
	case READ_10:
	case WRITE_10:
		transfer(cmd, p);
		break;
	case 0x85:
		ata_command(cmd, &kt_hosts.ata[p->device]);
		break;
	default:
		refuse(cmd, 0x20);
	}
	scsi_done(cmd);
	return 0;
}

static int kt_slave_alloc(struct scsi_device *sdev)
{
	struct kt_host *p = shost_priv(sdev->host);

	if (kt_hosts.offer[p->nr].alloc_err)
		return kt_hosts.offer[p->nr].alloc_err;
	if (kt_hosts.offer[p->nr].resets)
		kt_hosts.ata[p->device] = (struct kt_ata) {
			.is = kt_hosts.ata[p->device].is,
			.deaf = kt_hosts.ata[p->device].deaf,
			.cache = true,
		};
	if (sdev->hostdata)
		atomic_inc(&seen_of(p)->foreign);
	sdev->hostdata = p;
	atomic_inc(&seen_of(p)->devices);
	return 0;
}

static int kt_slave_configure(struct scsi_device *sdev)
{
	struct kt_host *p = shost_priv(sdev->host);

	atomic_inc(&seen_of(p)->configured);
	return 0;
}

static void kt_slave_destroy(struct scsi_device *sdev)
{
	struct kt_host *p = shost_priv(sdev->host);

	if (sdev->hostdata != p)
		atomic_inc(&seen_of(p)->foreign);
	sdev->hostdata = NULL;
	atomic_dec(&seen_of(p)->devices);
}

static int kt_abort(struct scsi_cmnd *cmd)
{
	return FAILED;
}

static int kt_ioctl(struct scsi_device *sdev, unsigned int cmd, void __user *arg)
{
	return -ENOTTY;
}

/* Tables of their own, as versions have them. */
static struct scsi_host_template kt_templates[KT_VERSIONS];

static struct scsi_host_template *template_make(unsigned int nr)
{
	const struct kt_host_offer *offer = &kt_hosts.offer[nr];

	kt_templates[nr] = (struct scsi_host_template) {
		.module = kt_module(nr),
		.name = "kt_host",
		.proc_name = "kt_host",
		.queuecommand = kt_queuecommand,
		.slave_alloc = kt_slave_alloc,
		.slave_configure = kt_slave_configure,
		.slave_destroy = kt_slave_destroy,
		.eh_abort_handler = offer->no_abort ? NULL : kt_abort,
		.ioctl = offer->no_ioctl ? NULL : kt_ioctl,
		.can_queue = offer->can_queue,
		.this_id = -1,
		.sg_tablesize = offer->sg_tablesize,
		.max_sectors = offer->max_sectors,
		.cmd_size = offer->cmd_size,
		.cmd_per_lun = 4,
	};
	return &kt_templates[nr];
}

static int host_start(struct Scsi_Host *shost, unsigned int nr, struct device *parent)
{
	struct kt_host *p = shost_priv(shost);
	int err;

	if (memchr_inv(p, 0, kt_hosts.offer[nr].priv))
		atomic_inc(&kt_hosts.seen[nr].dirty);
	p->nr = nr;
	p->device = parent == kt.devices[0] ? 0 : 1;
	shost->max_id = 1;
	shost->max_lun = 1;
	shost->max_cmd_len = 16;
	shost->nr_hw_queues = kt_hosts.offer[nr].queues;
	shost->nr_maps = kt_hosts.offer[nr].maps;
	err = kt_hosts.offer[nr].late_err ?:
	      KT_CALL(scsi_add_host_with_dma)(shost, parent, parent);
	if (err)
		return err;
	KT_CALL(scsi_scan_host)(shost);
	dev_set_drvdata(parent, shost);
	return 0;
}

/**
 * kt_host_probe() - probe of a SCSI host
 * @nr: the version
 * @parent: the bus device
 */
int kt_host_probe(unsigned int nr, struct device *parent)
{
	struct Scsi_Host *shost;
	int err;

	shost = KT_CALL(scsi_host_alloc)(template_make(nr), kt_hosts.offer[nr].priv);
	if (!shost)
		return -ENOMEM;
	err = host_start(shost, nr, parent);
	if (err)
		KT_CALL(scsi_host_put)(shost);
	return err;
}

void kt_host_remove(unsigned int nr, struct device *parent)
{
	struct Scsi_Host *shost = dev_get_drvdata(parent);

	KT_CALL(scsi_remove_host)(shost);
	KT_CALL(scsi_host_put)(shost);
	dev_set_drvdata(parent, NULL);
}

/* What the driver in charge of a device has as its host. */
struct Scsi_Host *kt_host_of(unsigned int device)
{
	return dev_get_drvdata(kt.devices[device]);
}

/* All versions alike, as long as a test says nothing else. */
void kt_host_reset(void)
{
	unsigned int i;

	memset(&kt_hosts, 0, sizeof(kt_hosts));
	for (i = 0; i < KT_VERSIONS; i++)
		kt_hosts.offer[i] = (struct kt_host_offer) {
			.can_queue = 8,
			.queues = 1,
			.sg_tablesize = 16,
			.max_sectors = 64,
			.priv = 64,
			.cmd_size = 32,
		};
	for (i = 0; i < KT_DEVICES; i++)
		snprintf(kt_hosts.serial[i], sizeof(kt_hosts.serial[i]), "KT%u", i);
}
