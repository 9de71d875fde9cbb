// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: settings that users made in ATA disks
 *
 * Write cache, look-ahead, power and acoustic management, the standby timer: hdparm
 * sets them in the disk, behind the driver's back. A driver that comes may reset its
 * disks, and they forget; one whose cache was off would then lose what it confirmed.
 * So a disk is asked before its driver goes and when the next one has it, users'
 * requests being held, and is set to what it was.
 *
 * The standby timer cannot be asked for. It is noted when it is set: by HDIO_DRIVE_CMD
 * in the template, by SG_IO in a probe of scsi_ioctl(), which no file system calls.
 *
 * Commands as in ACS-3, passed through as in SAT-3. Only disks for which the midlayer
 * has page 0x89, ATA information, are asked.
 */
#include "host_shadow.h"

#include <linux/ata.h>
#include <linux/blk-pm.h>
#include <linux/compat.h>
#include <linux/hdreg.h>
#include <linux/kprobes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <scsi/sg.h>

#define TRIES		2
#define TIMEOUT		(2 * HZ)
#define ID_BYTES	(ATA_ID_WORDS * sizeof(__le16))

#define ID_APM_LEVEL	91
#define ID_AAM_LEVEL	94
#define ID_SECURITY	128
#define ID_FROZEN	BIT(3)

#define APM_ON		0x05
#define APM_OFF		0x85

/* The same bit of two words says whether a disk can do it, and whether it does. */
static const struct feature {
	const char *name;
	u8 can, does, bit;
	u8 on, off;
	u8 level;	/* word with a value in its lower half, or 0 */
} features[] = {
	{ "write cache", ATA_ID_COMMAND_SET_1, ATA_ID_CFS_ENABLE_1, 5,
	  SETFEATURES_WC_ON, SETFEATURES_WC_OFF },
	{ "look-ahead", ATA_ID_COMMAND_SET_1, ATA_ID_CFS_ENABLE_1, 6,
	  SETFEATURES_RA_ON, SETFEATURES_RA_OFF },
	{ "power management", ATA_ID_COMMAND_SET_2, ATA_ID_CFS_ENABLE_2, 3,
	  APM_ON, APM_OFF, ID_APM_LEVEL },
	{ "acoustic management", ATA_ID_COMMAND_SET_2, ATA_ID_CFS_ENABLE_2, 9,
	  SETFEATURES_AAM_ON, SETFEATURES_AAM_OFF, ID_AAM_LEVEL },
};

/* A standby timer that a user set. */
struct bh_timer {
	struct list_head list;
	unsigned int channel, id;
	u64 lun;
	u8 count;	/* as in the command: not seconds */
};

static int identify(struct scsi_device *sdev, __le16 *id)
{
	/* PIO in, one block of 512 bytes as the count says. */
	const u8 cmd[16] = { ATA_16, 4 << 1, 0x0e, [6] = 1, [14] = ATA_CMD_ID_ATA };

	memset(id, 0, ID_BYTES);
	return bh_execute_awake(sdev, cmd, id, ID_BYTES, TIMEOUT, TRIES);
}

/* One without data. */
static int tell(struct scsi_device *sdev, u8 command, u8 feature, u8 count)
{
	const u8 cmd[16] = { ATA_16, 3 << 1, [4] = feature, [6] = count, [14] = command };

	return bh_execute_awake(sdev, cmd, NULL, 0, TIMEOUT, TRIES);
}

static u16 word(const __le16 *id, unsigned int nr)
{
	return le16_to_cpu(id[nr]);
}

/* Words 82 to 87 mean something. */
static bool id_valid(const __le16 *id)
{
	return (word(id, ATA_ID_COMMAND_SET_2) & 0xc000) == 0x4000 &&
	       (word(id, ATA_ID_CSF_DEFAULT) & 0xc000) == 0x4000;
}

/**
 * bh_ata_wanted() - is a device to be asked for its settings
 * @u: the device
 */
bool bh_ata_wanted(const struct bh_unit *u)
{
	const struct scsi_device *sdev = u->sdev;

	return u->attached && sdev->sdev_state == SDEV_RUNNING &&
	       rcu_access_pointer(sdev->vpd_pg89) && sdev->host->max_cmd_len >= 16 &&
	       bh_awake(sdev->request_queue);
}

/**
 * bh_ata_note() - note what is set in a disk
 * @u: the disk; its driver is there, users' requests are held
 *
 * One that does not answer is not set afterwards.
 */
void bh_ata_note(struct bh_unit *u)
{
	kfree(u->ata);
	u->ata = kmalloc(ID_BYTES, GFP_NOIO);
	if (u->ata && !identify(u->sdev, u->ata) && id_valid(u->ata))
		return;
	kfree(u->ata);
	u->ata = NULL;
	sdev_printk(KERN_NOTICE, u->sdev, "settings of the disk are not known\n");
}

static int replay_feature(struct bh_unit *u, const struct feature *f, const __le16 *now)
{
	u16 bit = BIT(f->bit), was = word(u->ata, f->does) & bit;
	u8 level = f->level && was ? word(u->ata, f->level) : 0;
	int err;

	if (!(word(u->ata, f->can) & word(now, f->can) & bit))
		return 0;
	if (was == (word(now, f->does) & bit) &&
	    (!level || level == (word(now, f->level) & 0xff)))
		return 0;
	err = tell(u->sdev, ATA_CMD_SET_FEATURES, was ? f->on : f->off, level);
	if (err)
		sdev_printk(KERN_WARNING, u->sdev, "%s of the disk is not as it was (%d)\n",
			    f->name, err);
	return err ? 0 : 1;
}

/* As BIOSes leave disks, so that nobody sets a password. */
static int replay_freeze(struct bh_unit *u, const __le16 *now)
{
	int err;

	if (!(word(u->ata, ID_SECURITY) & ~word(now, ID_SECURITY) & ID_FROZEN))
		return 0;
	err = tell(u->sdev, ATA_CMD_SEC_FREEZE_LOCK, 0, 0);
	if (err)
		sdev_printk(KERN_WARNING, u->sdev, "security of the disk is not frozen (%d)\n",
			    err);
	return err ? 0 : 1;
}

static struct bh_timer *__timer_of(struct bh_host *h, const struct scsi_device *sdev)
{
	struct bh_timer *t;

	lockdep_assert_held(&h->timers_lock);
	list_for_each_entry(t, &h->timers, list)
		if (t->channel == sdev->channel && t->id == sdev->id && t->lun == sdev->lun)
			return t;
	return NULL;
}

static int replay_timer(struct bh_host *h, struct bh_unit *u)
{
	const struct bh_timer *t;
	unsigned long flags;
	u8 count = 0;

	raw_spin_lock_irqsave(&h->timers_lock, flags);
	t = __timer_of(h, u->sdev);
	if (t)
		count = t->count;
	raw_spin_unlock_irqrestore(&h->timers_lock, flags);
	/* IDLE starts the timer as STANDBY does, and no motor stops. */
	return count && !tell(u->sdev, ATA_CMD_IDLE, 0, count);
}

static int replay_unit(struct bh_host *h, struct bh_unit *u, __le16 *now)
{
	int n = 0, err;
	unsigned int i;

	err = identify(u->sdev, now);
	if (err) {
		sdev_printk(KERN_WARNING, u->sdev, "settings of the disk may be lost (%d)\n",
			    err);
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(features) && id_valid(now); i++)
		n += replay_feature(u, &features[i], now);
	return n + replay_freeze(u, now) + replay_timer(h, u);
}

/**
 * bh_ata_hold() - users' requests shall wait until the settings are made
 * @h: shadow of a host whose queues are about to be thawed
 */
void bh_ata_hold(struct bh_host *h)
{
	struct bh_unit *u;

	list_for_each_entry(u, &h->units, list) {
		u->asked = u->ata && bh_ata_wanted(u);
		if (u->asked)
			blk_set_pm_only(u->sdev->request_queue);
	}
	smp_mb__after_atomic();	/* seen before the queue can be entered */
}

/**
 * bh_ata_replay() - set the disks of a host to what they were
 * @h: its shadow, after bh_ata_hold() and the thaw
 *
 * A disk that refuses is named in the kernel's log; the update stands.
 *
 * Context: Process context; sleeps.
 * Return: how many settings were made.
 */
unsigned int bh_ata_replay(struct bh_host *h)
{
	__le16 *now = kmalloc(ID_BYTES, GFP_NOIO);
	struct bh_unit *u;
	unsigned int n = 0;

	list_for_each_entry(u, &h->units, list) {
		if (!u->asked)
			continue;
		if (now)
			n += replay_unit(h, u, now);
		u->asked = false;
		blk_clear_pm_only(u->sdev->request_queue);
	}
	kfree(now);
	return n;
}

/**
 * bh_timer_note() - a user sets the standby timer of a disk
 * @sdev: the disk
 * @count: as in the command; 0 stops the timer
 *
 * Context: Any.
 */
void bh_timer_note(const struct scsi_device *sdev, u8 count)
{
	struct bh_timer *t, *new = kmalloc(sizeof(*new), GFP_ATOMIC);
	struct bh_host *h;
	unsigned long flags;

	rcu_read_lock();
	h = new ? bh_find(sdev->host) : NULL;
	if (h) {
		raw_spin_lock_irqsave(&h->timers_lock, flags);
		t = __timer_of(h, sdev);
		/* Once it is not in the table any more nobody would free it. */
		if (!t && !hlist_unhashed_lockless(&h->node)) {
			t = new;
			new = NULL;
			t->channel = sdev->channel;
			t->id = sdev->id;
			t->lun = sdev->lun;
			list_add(&t->list, &h->timers);
		}
		if (t)
			t->count = count;
		raw_spin_unlock_irqrestore(&h->timers_lock, flags);
	}
	rcu_read_unlock();
	kfree(new);
}

static void note_command(const struct scsi_device *sdev, u8 command, u8 count)
{
	if (command == ATA_CMD_IDLE || command == ATA_CMD_STANDBY)
		bh_timer_note(sdev, count);
}

static void note_drive_cmd(const struct scsi_device *sdev, const void __user *arg)
{
	u8 args[4];	/* command, count, feature, sectors of data */

	if (!copy_from_user_nofault(args, arg, sizeof(args)))
		note_command(sdev, args[0], args[1]);
}

static void note_sg_io(const struct scsi_device *sdev, const void __user *arg)
{
	struct sg_io_hdr hdr;
	u8 cmd[16];

	if (in_compat_syscall())
		return;
	if (copy_from_user_nofault(&hdr, arg, sizeof(hdr)) || hdr.interface_id != 'S' ||
	    hdr.cmd_len < 12 ||
	    copy_from_user_nofault(cmd, hdr.cmdp, min_t(size_t, hdr.cmd_len, sizeof(cmd))))
		return;
	if (cmd[0] == ATA_16 && hdr.cmd_len >= 16)
		note_command(sdev, cmd[14], cmd[6]);
	else if (cmd[0] == ATA_12)
		note_command(sdev, cmd[9], cmd[4]);
}

/* scsi_ioctl(sdev, may write, cmd, arg) */
static int pre_scsi_ioctl(struct kprobe *kp, struct pt_regs *regs)
{
	const struct scsi_device *sdev = (void *)regs_get_kernel_argument(regs, 0);
	void __user *arg = (void __user *)regs_get_kernel_argument(regs, 3);

	switch ((unsigned int)regs_get_kernel_argument(regs, 2)) {
	case SG_IO:
		note_sg_io(sdev, arg);
		break;
	case HDIO_DRIVE_CMD:
		note_drive_cmd(sdev, arg);
		break;
	}
	return 0;
}

static struct kprobe hook = {
	.symbol_name = "scsi_ioctl",
	.pre_handler = pre_scsi_ioctl,
};

/**
 * bh_ata_init() - begin to note standby timers
 *
 * Return: 0 or what register_kprobe() says.
 */
int bh_ata_init(void)
{
	return register_kprobe(&hook);
}

void bh_ata_exit(void)
{
	unregister_kprobe(&hook);
}

/**
 * bh_ata_forget() - a device is gone, or all of them
 * @h: shadow of the host
 * @sdev: the device, or NULL for all
 */
void bh_ata_forget(struct bh_host *h, const struct scsi_device *sdev)
{
	struct bh_timer *t, *next;
	unsigned long flags;
	LIST_HEAD(gone);

	raw_spin_lock_irqsave(&h->timers_lock, flags);
	list_for_each_entry_safe(t, next, &h->timers, list)
		if (!sdev || t == __timer_of(h, sdev))
			list_move(&t->list, &gone);
	raw_spin_unlock_irqrestore(&h->timers_lock, flags);
	list_for_each_entry_safe(t, next, &gone, list)
		kfree(t);
}
