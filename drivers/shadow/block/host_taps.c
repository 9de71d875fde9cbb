// SPDX-License-Identifier: GPL-2.0
/*
 * Taps of SCSI hosts: what imports of a host's driver, or of a library that it
 * uses, are bound to.
 */
#include "host_shadow.h"

static struct bh_host *active_host(const struct Scsi_Host *shost)
{
	struct bh_host *h = bh_find(shost);

	return h && bh_in_update(h) ? h : NULL;
}

static struct Scsi_Host *lu_tap_scsi_host_alloc(bs_sht_t *sht, int privsize)
{
	struct lu_device *ldev = lu_current_device();
	struct Scsi_Host *shost;
	struct bh_host *h;
	int room;

	if (!ldev)
		return scsi_host_alloc(sht, privsize);
	h = bh_next_to_hand_out(ldev);
	if (h)
		return bh_hand_out(h, sht, privsize);
	room = privsize + bh_slack();
	shost = scsi_host_alloc(sht, room);
	if (shost)
		bh_track(shost, ldev, room);
	return shost;
}

static int lu_tap_scsi_add_host_with_dma(struct Scsi_Host *shost, struct device *dev,
					 struct device *dma_dev)
{
	struct bh_host *h = bh_find(shost);
	int err;

	if (h && bh_in_update(h))
		return bh_adopt(h, dev, dma_dev);
	if (!h || bh_template_install(h))
		return scsi_add_host_with_dma(shost, dev, dma_dev);
	err = scsi_add_host_with_dma(shost, dev, dma_dev);
	if (err) {
		bh_template_restore(h);
		return err;
	}
	bh_template_settle(h);
	h->adopted = true;
	WRITE_ONCE(h->mode, BS_PASSIVE);
	lu_device_claim(h->ldev, &block_lu_shadow);
	return 0;
}

static void lu_tap_scsi_remove_host(struct Scsi_Host *shost)
{
	struct bh_host *h = bh_find(shost);
	struct scsi_device *sdev;

	if (h && bh_in_update(h)) {
		bh_conceal_remove(h);
		return;
	}
	if (h)
		shost_for_each_device(sdev, shost)
			bs_reclaim_give_up(sdev->request_queue);
	scsi_remove_host(shost);
	if (h)
		h->adopted = false;
}

static void lu_tap_scsi_host_put(struct Scsi_Host *shost)
{
	struct bh_host *h = bh_find(shost);

	if (h && bh_in_update(h)) {
		bh_conceal_put(h);
		return;
	}
	if (h && !h->adopted)
		bh_untrack(h);
	scsi_host_put(shost);
}

static void lu_tap_scsi_scan_host(struct Scsi_Host *shost)
{
	struct bh_host *h = active_host(shost);

	if (h)
		bh_units_attach(h);
	else
		scsi_scan_host(shost);
}

static struct scsi_device *lu_tap___scsi_add_device(struct Scsi_Host *shost, uint channel,
						    uint id, u64 lun, void *hostdata)
{
	struct bh_host *h = active_host(shost);
	struct bh_unit *u = h ? bh_unit_find(h, channel, id, lun) : NULL;
	int err;

	if (!u)
		return __scsi_add_device(shost, channel, id, lun, hostdata);
	err = bh_unit_attach(h, u) ?: scsi_device_get(u->sdev);
	return err ? ERR_PTR(err) : u->sdev;
}

static int lu_tap_scsi_add_device(struct Scsi_Host *shost, uint channel, uint id, u64 lun)
{
	struct bh_host *h = active_host(shost);
	struct bh_unit *u = h ? bh_unit_find(h, channel, id, lun) : NULL;

	return u ? bh_unit_attach(h, u) : scsi_add_device(shost, channel, id, lun);
}

static void lu_tap_scsi_remove_device(struct scsi_device *sdev)
{
	struct bh_host *h = active_host(sdev->host);
	struct bh_unit *u = h ? bh_unit_of(h, sdev) : NULL;

	if (u)
		bh_unit_detach(h, u);
	else
		scsi_remove_device(sdev);
}

static int lu_tap_scsi_device_set_state(struct scsi_device *sdev,
					enum scsi_device_state state)
{
	struct bh_host *h = active_host(sdev->host);

	return h && bh_unit_of(h, sdev) ? 0 : scsi_device_set_state(sdev, state);
}

static int lu_tap_scsi_change_queue_depth(struct scsi_device *sdev, int depth)
{
	struct bh_host *h = active_host(sdev->host);
	struct bh_unit *u = h ? bh_unit_of(h, sdev) : NULL;

	if (!u)
		return scsi_change_queue_depth(sdev, depth);
	u->drv_depth = depth;
	return sdev->queue_depth;
}

/* A request to a frozen queue would wait for the update that waits for it. */
static int lu_tap_scsi_rescan_device(struct scsi_device *sdev)
{
	struct bh_host *h = active_host(sdev->host);

	return h && bh_unit_of(h, sdev) ? 0 : scsi_rescan_device(sdev);
}

struct lu_tap host_taps[] = {
	LU_TAP(scsi_host_alloc, LU_TAP_OBJECT),
	LU_TAP(scsi_add_host_with_dma, LU_TAP_OBJECT),
	LU_TAP(scsi_remove_host, LU_TAP_CONCEAL),
	LU_TAP(scsi_host_put, LU_TAP_OBJECT),
	LU_TAP(scsi_scan_host, LU_TAP_CONCEAL),
	LU_TAP(__scsi_add_device, LU_TAP_CONCEAL),
	LU_TAP(scsi_add_device, LU_TAP_CONCEAL),
	LU_TAP(scsi_remove_device, LU_TAP_CONCEAL),
	LU_TAP(scsi_device_set_state, LU_TAP_CONCEAL),
	LU_TAP(scsi_change_queue_depth, LU_TAP_CONFIG),
	LU_TAP(scsi_rescan_device, LU_TAP_CONCEAL),
};

const size_t host_nr_taps = ARRAY_SIZE(host_taps);
