// SPDX-License-Identifier: GPL-2.0
/*
 * Taps of drivers of devices on the SCSI bus.
 */
#include "block_shadow.h"

#include <linux/pm_runtime.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_proto.h>

#include "host_compat.h"

static struct bs_disk *active_disk(const struct scsi_device *sdev)
{
	struct bs_disk *bd = bs_find_queue(sdev->request_queue);

	return bd && bs_in_update(bd) ? bd : NULL;
}

/*
 * A driver that comes sends its first command when it has put its table into
 * the disk; one that goes may stop the motor of a disk that stays in use.
 */
static bool conceal_command(const struct scsi_device *sdev, const u8 *cmd)
{
	struct bs_disk *bd = active_disk(sdev);

	if (!bd)
		return false;
	bs_redress(bd);
	return cmd[0] == START_STOP && !(cmd[4] & 1);
}

#if BS_SCSI_EXECUTE_CMD
static int lu_tap_scsi_execute_cmd(struct scsi_device *sdev, const unsigned char *cmd,
				   blk_opf_t opf, void *buffer, unsigned int bufflen,
				   int timeout, int retries,
				   const struct scsi_exec_args *args)
{
	if (conceal_command(sdev, cmd))
		return 0;
	return scsi_execute_cmd(sdev, cmd, opf, buffer, bufflen, timeout, retries, args);
}
#else
static int lu_tap___scsi_execute(struct scsi_device *sdev, const unsigned char *cmd,
				 int data_direction, void *buffer, unsigned int bufflen,
				 unsigned char *sense, struct scsi_sense_hdr *sshdr,
				 int timeout, int retries, blk_opf_t flags,
				 req_flags_t rq_flags, int *resid)
{
	if (conceal_command(sdev, cmd))
		return 0;
	return __scsi_execute(sdev, cmd, data_direction, buffer, bufflen, sense, sshdr,
			      timeout, retries, flags, rq_flags, resid);
}
#endif

static int lu_tap_scsi_autopm_get_device(struct scsi_device *sdev)
{
	struct bs_disk *bd = active_disk(sdev);
	int err = scsi_autopm_get_device(sdev);

	if (!err && bd)
		bd->awake++;
	return err;
}

static void lu_tap_scsi_autopm_put_device(struct scsi_device *sdev)
{
	struct bs_disk *bd = active_disk(sdev);

	if (bd)
		bd->awake--;
	scsi_autopm_put_device(sdev);
}

struct lu_tap unit_taps[] = {
#if BS_SCSI_EXECUTE_CMD
	LU_TAP(scsi_execute_cmd, LU_TAP_CONCEAL),
#else
	LU_TAP(__scsi_execute, LU_TAP_CONCEAL),
#endif
	LU_TAP(scsi_autopm_get_device, LU_TAP_OBJECT),
	LU_TAP(scsi_autopm_put_device, LU_TAP_OBJECT),
};

const size_t unit_nr_taps = ARRAY_SIZE(unit_taps);
