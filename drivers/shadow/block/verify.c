// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: verdict
 *
 * The incoming driver must offer at least what the outgoing one offered: the
 * same disk, each function of its table, each kind of request, each limit.
 * Every lack is named.
 */
#include "block_shadow.h"

#include <linux/stddef.h>

struct named {
	unsigned short at;
	unsigned short size;
	const char *name;
};

#define FOP(_f) { offsetof(struct block_device_operations, _f), sizeof(void *), #_f }
#define LIMIT(_f) { offsetof(struct queue_limits, _f),				\
		    sizeof_field(struct queue_limits, _f), #_f }

static const struct named fop_names[] = {
	FOP(open), FOP(release), FOP(pr_ops), FOP(ioctl), FOP(compat_ioctl),
	FOP(getgeo), FOP(set_read_only),
	FOP(get_unique_id), FOP(check_events), FOP(unlock_native_capacity),
	FOP(devnode), FOP(alternative_gpt_sector),
};

/* Less of it is a lack. */
static const struct named limit_names[] = {
	LIMIT(max_hw_sectors), LIMIT(max_segments), LIMIT(max_segment_size),
	LIMIT(max_hw_discard_sectors), LIMIT(max_discard_segments),
	LIMIT(max_write_zeroes_sectors), LIMIT(max_secure_erase_sectors),
	LIMIT(max_integrity_segments),
};

static void verify_fops(struct bs_disk *bd, struct lu_txn *txn)
{
	const void *was = bd->offer.fops, *now = bd->next.fops;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fop_names); i++)
		if (*(void **)(was + fop_names[i].at) && !*(void **)(now + fop_names[i].at))
			lu_mismatch(txn, "%s: %s missing", bd->disk->disk_name,
				    fop_names[i].name);
}

static unsigned int limit_of(const struct queue_limits *lim, const struct named *n)
{
	const void *at = (const void *)lim + n->at;

	return n->size == sizeof(u16) ? *(const u16 *)at : *(const u32 *)at;
}

static void verify_limits(struct bs_disk *bd, struct lu_txn *txn)
{
	const struct queue_limits *was = &bd->offer.limits, *now = &bd->next.limits;
	const char *name = bd->disk->disk_name;
	size_t i;

	if (was->logical_block_size != now->logical_block_size)
		lu_mismatch(txn, "%s: logical block size %u -> %u", name,
			    was->logical_block_size, now->logical_block_size);
	if (was->physical_block_size != now->physical_block_size)
		lu_mismatch(txn, "%s: physical block size %u -> %u", name,
			    was->physical_block_size, now->physical_block_size);
	if (was->dma_alignment < now->dma_alignment)
		lu_mismatch(txn, "%s: dma alignment %u -> %u", name, was->dma_alignment,
			    now->dma_alignment);
	for (i = 0; i < ARRAY_SIZE(limit_names); i++) {
		unsigned int a = limit_of(was, &limit_names[i]);
		unsigned int b = limit_of(now, &limit_names[i]);

		if (b < a)
			lu_mismatch(txn, "%s: %s %u -> %u", name, limit_names[i].name, a, b);
	}
}

static void verify_cache(struct bs_disk *bd, struct lu_txn *txn)
{
	const struct bs_offer *was = &bd->offer, *now = &bd->next;
	const char *name = bd->disk->disk_name;

	if (bs_has_cache(&was->limits, was->flags) && !bs_has_cache(&now->limits, now->flags))
		lu_mismatch(txn, "%s: flush lost", name);
	if (bs_has_fua(&was->limits, was->flags) && !bs_has_fua(&now->limits, now->flags))
		lu_mismatch(txn, "%s: FUA lost", name);
}

/**
 * bs_verify() - does the incoming driver offer what the outgoing one did
 * @bd: shadow
 * @txn: the transaction, which is told each lack
 */
void bs_verify(struct bs_disk *bd, struct lu_txn *txn)
{
	const char *name = bd->disk->disk_name;

	/* No lack of the incoming driver's; the disk goes, see unplug.c. */
	if (!device_is_registered(bd->ldev->dev))
		return;
	if (!bd->adopted) {
		lu_mismatch(txn, "%s (%s) not taken over", name, dev_name(bd->ldev->dev));
		return;
	}
	if (bd->next.capacity < bd->offer.capacity)
		lu_mismatch(txn, "%s: capacity %llu -> %llu sectors", name,
			    bd->offer.capacity, bd->next.capacity);
	if (bd->next.read_only && !bd->offer.read_only)
		lu_mismatch(txn, "%s: read-only", name);
	verify_limits(bd, txn);
	verify_cache(bd, txn);
	verify_fops(bd, txn);
}
