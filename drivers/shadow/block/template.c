// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: the template of a host
 *
 * The SCSI midlayer sees a copy of the driver's template. What stands for the
 * size of a command in it never changes, for the midlayer reckons with it in
 * each request. Functions that users reach without a request pass the gate.
 */
#include "host_shadow.h"

#include <linux/slab.h>
#include <scsi/scsi_cmnd.h>

static struct bh_host *enter(struct Scsi_Host *shost, int *err)
{
	struct bh_host *h = bh_get(shost);

	*err = h ? bs_gate_enter(&h->gate) : -ENODEV;
	if (!*err)
		return h;
	if (h)
		bh_put(h);
	return NULL;
}

static void leave(struct bh_host *h)
{
	bs_gate_leave(&h->gate);
	bh_put(h);
}

static int bh_ioctl(struct scsi_device *sdev, unsigned int cmd, void __user *arg)
{
	int err;
	struct bh_host *h = enter(sdev->host, &err);

	if (!h)
		return err;
	err = h->drv_sht->ioctl ? h->drv_sht->ioctl(sdev, cmd, arg) : -EINVAL;
	leave(h);
	return err;
}

#ifdef CONFIG_COMPAT
static int bh_compat_ioctl(struct scsi_device *sdev, unsigned int cmd, void __user *arg)
{
	int err;
	struct bh_host *h = enter(sdev->host, &err);

	if (!h)
		return err;
	err = h->drv_sht->compat_ioctl ? h->drv_sht->compat_ioctl(sdev, cmd, arg) : -EINVAL;
	leave(h);
	return err;
}
#endif

static int bh_change_queue_depth(struct scsi_device *sdev, int depth)
{
	int err;
	struct bh_host *h = enter(sdev->host, &err);

	if (!h)
		return err;
	err = h->drv_sht->change_queue_depth ?
	      h->drv_sht->change_queue_depth(sdev, depth) : -EINVAL;
	leave(h);
	return err;
}

static int bh_bios_param(struct scsi_device *sdev, struct block_device *bdev,
			 sector_t capacity, int geo[])
{
	int err;
	struct bh_host *h = enter(sdev->host, &err);

	if (!h)
		return err;
	err = h->drv_sht->bios_param ?
	      h->drv_sht->bios_param(sdev, bdev, capacity, geo) : -EINVAL;
	leave(h);
	return err;
}

static void bh_unlock_native_capacity(struct scsi_device *sdev)
{
	struct bh_host *h = bh_get(sdev->host);

	if (!h)
		return;
	if (bs_gate_try(&h->gate)) {
		if (h->drv_sht->unlock_native_capacity)
			h->drv_sht->unlock_native_capacity(sdev);
		bs_gate_leave(&h->gate);
	}
	bh_put(h);
}

static int bh_host_reset(struct Scsi_Host *shost, int type)
{
	int err;
	struct bh_host *h = enter(shost, &err);

	if (!h)
		return err;
	err = h->drv_sht->host_reset ? h->drv_sht->host_reset(shost, type) : -EOPNOTSUPP;
	leave(h);
	return err;
}

/* A user may delete a device at any time, also while no driver has it. */
static void bh_slave_destroy(struct scsi_device *sdev)
{
	struct bh_host *h = bh_get(sdev->host);
	struct bh_unit *u;

	if (!h)
		return;
	if (bh_in_update(h)) {
		u = bh_unit_of(h, sdev);
		if (u)
			bh_unit_detach(h, u);
	} else {
		bh_ata_forget(h, sdev);
		if (h->drv_sht->slave_destroy)
			h->drv_sht->slave_destroy(sdev);
	}
	bh_put(h);
}

static void dress(struct scsi_host_template *t)
{
	if (t->ioctl)
		t->ioctl = bh_ioctl;
#ifdef CONFIG_COMPAT
	if (t->compat_ioctl)
		t->compat_ioctl = bh_compat_ioctl;
#endif
	if (t->change_queue_depth)
		t->change_queue_depth = bh_change_queue_depth;
	if (t->bios_param)
		t->bios_param = bh_bios_param;
	if (t->unlock_native_capacity)
		t->unlock_native_capacity = bh_unlock_native_capacity;
	if (t->host_reset)
		t->host_reset = bh_host_reset;
	if (t->slave_destroy)
		t->slave_destroy = bh_slave_destroy;
}

/**
 * bh_template_install() - the kernel sees our template from now on
 * @h: shadow of a host that is about to be registered
 *
 * Return: 0 or -ENOMEM.
 */
int bh_template_install(struct bh_host *h)
{
	struct bh_template *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	h->drv_sht = h->shost->hostt;
	t->sht = *h->drv_sht;
	t->cmd_room = ALIGN(t->sht.cmd_size, sizeof(long)) + bs_slack();
	t->sht.cmd_size = t->cmd_room;
	dress(&t->sht);
	h->tmpl = t;
	h->shost->hostt = &t->sht;
	return 0;
}

/**
 * bh_template_settle() - the commands of a host are allocated
 * @h: shadow of a host that was registered and not scanned yet
 *
 * From now on the size is what the midlayer clears for each command: the
 * driver's own.
 */
void bh_template_settle(struct bh_host *h)
{
	h->tmpl->sht.cmd_size = h->drv_sht->cmd_size;
}

static void template_free(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct bh_template, rcu));
}

/**
 * bh_template_restore() - the kernel sees the driver's template again
 * @h: shadow of a host that could not be registered
 */
void bh_template_restore(struct bh_host *h)
{
	struct bh_template *t = h->tmpl;

	if (!t)
		return;
	/* One that 6.1 declares as writable: the driver's own, as it was given. */
	WRITE_ONCE(h->shost->hostt, (typeof(h->shost->hostt))h->drv_sht);
	h->tmpl = NULL;
	call_rcu_tasks(&t->rcu, template_free);
}

/**
 * bh_template_take() - our template follows that of an incoming driver
 * @h: shadow
 * @sht: the driver's
 *
 * The module does not: users' references have to follow it, see refs.c.
 */
void bh_template_take(struct bh_host *h, const struct scsi_host_template *sht)
{
	struct scsi_host_template new = *sht;

	new.module = h->tmpl->sht.module;
	dress(&new);
	h->drv_sht = sht;
	h->tmpl->sht = new;
}

static int nobody_queuecommand(struct Scsi_Host *shost, struct scsi_cmnd *cmd)
{
	set_host_byte(cmd, DID_NO_CONNECT);
	scsi_done(cmd);
	return 0;
}

/* The midlayer calls it where the driver that registered the host had one. */
static void nobody_commit_rqs(struct Scsi_Host *shost, u16 hwq)
{
}

/* No driver's; of functions a host must have no others. */
static const struct scsi_host_template nobody_sht = {
	.name = "gone",
	.queuecommand = nobody_queuecommand,
	.commit_rqs = nobody_commit_rqs,
};

/**
 * bh_template_bury() - no driver will ever answer for a host
 * @h: its shadow, in the hands of no driver
 *
 * The template stays for as long as the host does: users' references are on
 * its module.
 */
void bh_template_bury(struct bh_host *h)
{
	const struct scsi_host_template *was = &h->tmpl->sht;
	struct scsi_host_template gone = nobody_sht;

	gone.module = was->module;
	/* Ours; somebody may be about to call them. They find no driver. */
	gone.ioctl = was->ioctl;
#ifdef CONFIG_COMPAT
	gone.compat_ioctl = was->compat_ioctl;
#endif
	gone.change_queue_depth = was->change_queue_depth;
	gone.bios_param = was->bios_param;
	gone.unlock_native_capacity = was->unlock_native_capacity;
	gone.host_reset = was->host_reset;
	gone.slave_destroy = was->slave_destroy;
	h->drv_sht = &nobody_sht;
	h->tmpl->sht = gone;
}
